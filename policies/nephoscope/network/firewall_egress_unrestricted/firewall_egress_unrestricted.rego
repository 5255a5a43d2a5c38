# METADATA
# scope: package
# title: Firewall lets everything out to the internet
# description: >-
#   Whatever runs behind the firewall can reach any address of the internet at any port. Code that got in loads its
#   tools, reports to its masters and carries data away on a path that nobody had to open. Every cloud lets everything
#   out by default. The default of a Google Cloud network is no firewall of its own, so there only firewalls that allow
#   it once more are found.
# schemas:
#   - input: schema.network_firewall
# related_resources:
#   - ref: https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html
#   - ref: https://learn.microsoft.com/azure/virtual-network/network-security-groups-overview
#   - ref: https://cloud.google.com/firewall/docs/firewalls
# custom:
#   id: NEPH-NETWORK-004
#   severity: low
#   kinds: [network.firewall]
#   params:
#     most_ports:
#       type: number
#       default: 1024
#       description: How many ports in one piece may be reached on the internet at most.
#   remediation: >-
#     Allow only what is needed, such as 443 to the networks that are called, and reach the cloud's own services over
#     private endpoints. AWS: take the rule for every protocol to 0.0.0.0/0 and ::/0 out of the security group's egress
#     rules. Azure: deny Internet at a low priority in the network security group, below the allowances. Google Cloud:
#     narrow the firewall, and deny egress to 0.0.0.0/0 at priority 65534.
#   controls:
#     nist-800-53-r5: [AC-4, SC-7, SC-7(5)]
package nephoscope.network.firewall_egress_unrestricted

# Ports in one piece, and one finding whatever the protocols and families: who lets everything out does so in one rule.
deny contains finding if {
	most := input.params.most_ports
	some exposure in input.resource.attributes.reaches_internet
	from := exposure.from
	to := exposure.to
	to - from >= most
	finding := {
		"path": "/attributes/reaches_internet",
		"message": sprintf("more than %d ports may be reached anywhere on the internet", [most]),
	}
}
