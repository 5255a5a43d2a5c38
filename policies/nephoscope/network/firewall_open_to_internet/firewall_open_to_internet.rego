# METADATA
# scope: package
# title: Firewall open to the internet
# description: >-
#   Everyone on the internet can connect to a port that is not meant for the public. What listens there, today or after
#   the next deployment, is exposed.
# schemas:
#   - input: schema.network_firewall
# related_resources:
#   - ref: https://docs.aws.amazon.com/vpc/latest/userguide/vpc-security-groups.html
#   - ref: https://learn.microsoft.com/azure/virtual-network/network-security-groups-overview
#   - ref: https://cloud.google.com/firewall/docs/firewalls
# custom:
#   id: NEPH-NETWORK-003
#   severity: medium
#   kinds: [network.firewall]
#   params:
#     allowed_ports:
#       type: array
#       items: number
#       default: [80, 443]
#       description: Ports that may be open to the internet, whatever the protocol.
#   remediation: >-
#     Narrow the rule to the ports and sources that need it: take 0.0.0.0/0 and ::/0 out of the security group (AWS) or
#     firewall rule (Google Cloud), *, Any and Internet out of the network security group's rule (Azure). Publish web
#     services through a load balancer on 80 and 443.
#   controls:
#     ccc: [CCC.Core.CN05]
#     nist-800-53-r5: [CM-7, SC-7, SC-7(5)]
package nephoscope.network.firewall_open_to_internet

# What has no ports, such as ICMP, is left out; so is `any`, whose ports are listed under tcp and udp as well.
deny contains finding if {
	some i, exposure in input.resource.attributes.open_to_internet
	protocol := exposure.protocol
	protocol != "any"
	from := exposure.from
	to := exposure.to
	allowed := {port |
		some port in input.params.allowed_ports
		port >= from
		port <= to
	}
	count(allowed) < (to - from) + 1
	peer := object.get(exposure, "peer", "?")
	ports := _range(from, to)
	finding := {
		"key": sprintf("ingress %s/%s %s", [protocol, ports, peer]),
		"path": sprintf("/attributes/open_to_internet/%d", [i]),
		"message": sprintf("%s/%s is open to %s", [protocol, ports, peer]),
	}
}

_range(from, to) := sprintf("%d", [from]) if from == to

_range(from, to) := sprintf("%d-%d", [from, to]) if from != to
