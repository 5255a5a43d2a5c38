# METADATA
# scope: package
# title: Instance that forwards packets
# description: >-
#   The instance may send and receive packets for addresses that are not its own. Whoever controls it can pretend to
#   be another machine, or lead traffic around the firewalls between networks.
# schemas:
#   - input: schema.compute_instance
# related_resources:
#   - ref: https://docs.aws.amazon.com/vpc/latest/userguide/work-with-nat-instances.html
#   - ref: https://learn.microsoft.com/azure/virtual-network/virtual-network-network-interface#enable-or-disable-ip-forwarding-for-a-network-interface
#   - ref: https://cloud.google.com/vpc/docs/using-routes#canipforward
# custom:
#   id: NEPH-COMPUTE-009
#   severity: medium
#   kinds: [compute.instance]
#   params:
#     exempt:
#       type: array
#       items: string
#       default: []
#       description: >-
#         Instances that may, each by its name or by its id as the provider writes it.
#   remediation: >-
#     Name the instances that are meant to be routers, firewalls or NAT in the parameter. For the others: AWS:
#     turn the source/destination check on for each network interface; Azure: turn IP forwarding off at the
#     network interface; Google Cloud: update the instance with canIpForward false, which restarts it.
#   controls:
#     cis-gcp-3.0: ["4.6"]
#     nist-800-53-r5: [CM-7, SC-7]
package nephoscope.compute.instance_ip_forwarding

deny contains finding if {
	input.resource.attributes.ip_forwarding == true
	not _exempt
	finding := {
		"path": "/attributes/ip_forwarding",
		"message": "the instance forwards packets for other addresses",
	}
}

_exempt if input.resource.name in input.params.exempt

_exempt if input.resource.id in input.params.exempt
