# METADATA
# scope: package
# title: Instance with a public address
# description: >-
#   A network interface of the instance has an address of the internet. What the firewall lets through today or by
#   mistake tomorrow reaches it, and it can send data anywhere.
# schemas:
#   - input: schema.compute_instance
# related_resources:
#   - ref: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/using-instance-addressing.html
#   - ref: https://learn.microsoft.com/azure/virtual-network/ip-services/virtual-network-public-ip-address
#   - ref: https://cloud.google.com/compute/docs/ip-addresses
# custom:
#   id: NEPH-COMPUTE-001
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
#     Put the instance into a private subnet, publish services through a load balancer, and let administrators in
#     through Session Manager (AWS), Bastion (Azure) or Identity-Aware Proxy (Google Cloud); for traffic to the
#     internet use a NAT gateway. Then take the address away: AWS: disassociate the Elastic IP, or launch again in
#     a subnet that assigns none; Azure: dissociate the public IP from the network interface; Google Cloud: delete
#     the access configuration.
#   controls:
#     ccc: [CCC.Core.CN05]
#     cis-gcp-3.0: ["4.9"]
#     nist-800-53-r5: [AC-4, SC-7]
package nephoscope.compute.instance_public_address

# The addresses may be unknown where it is known that there is one: they decide nothing.
deny contains finding if {
	input.resource.attributes.public_address.assigned == true
	not _exempt
	addresses := object.get(input.resource.attributes.public_address, "addresses", [])
	finding := {
		"path": "/attributes/public_address/assigned",
		"message": "the instance has a public address, or gets one when it starts",
		"evidence": {"addresses": addresses},
	}
}

_exempt if input.resource.name in input.params.exempt

_exempt if input.resource.id in input.params.exempt
