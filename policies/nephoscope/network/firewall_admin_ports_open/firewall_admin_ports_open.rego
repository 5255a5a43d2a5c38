# METADATA
# scope: package
# title: Administration port open to the internet
# description: >-
#   Everyone on the internet can connect to a port of remote administration: a shell, a desktop or the control of
#   containers. Such ports are tried with stolen passwords and new exploits around the clock.
# schemas:
#   - input: schema.network_firewall
# related_resources:
#   - ref: https://docs.aws.amazon.com/vpc/latest/userguide/vpc-security-groups.html
#   - ref: https://learn.microsoft.com/azure/security/fundamentals/network-best-practices
#   - ref: https://cloud.google.com/iap/docs/using-tcp-forwarding
#   - ref: https://www.iana.org/assignments/service-names-port-numbers/
# custom:
#   id: NEPH-NETWORK-001
#   severity: high
#   kinds: [network.firewall]
#   params:
#     ports:
#       type: array
#       items: number
#       # IANA service names: 22 ssh, 23 telnet, 2375 docker, 2376 docker-s, 3389 ms-wbt-server (RDP), 5900 rfb
#       # (VNC), 5985 wsman and 5986 wsmans (WinRM). 10250: the kubelet, by Kubernetes' page "Ports and Protocols".
#       default: [22, 23, 2375, 2376, 3389, 5900, 5985, 5986, 10250]
#       description: Ports of remote administration.
#     protocols:
#       type: array
#       items: string
#       default: [tcp]
#       description: Protocols in which these ports count; add udp for RDP over UDP.
#   remediation: >-
#     Reach the machine without an open port: AWS Systems Manager Session Manager or EC2 Instance Connect Endpoint,
#     Azure Bastion or just-in-time access, Google Cloud Identity-Aware Proxy TCP forwarding. Otherwise narrow the
#     source of the rule from 0.0.0.0/0 and ::/0 (AWS security group, Google Cloud firewall) or *, Any and Internet
#     (Azure network security group) to the addresses of your VPN.
#   controls:
#     ccc: [CCC.Core.CN05]
#     cis-aws-3.0: ["5.2", "5.3"]
#     cis-azure-2.1: ["6.1", "6.2"]
#     cis-gcp-3.0: ["3.6", "3.7"]
#     nist-800-53-r5: [AC-17, SC-7, SC-7(5)]
package nephoscope.network.firewall_admin_ports_open

# The ranges of one protocol and address family do not overlap, so each port is found once for each of them.
deny contains finding if {
	some i, exposure in input.resource.attributes.open_to_internet
	some protocol in input.params.protocols
	exposure.protocol == protocol
	some port in input.params.ports
	from := exposure.from
	to := exposure.to
	port >= from
	port <= to
	peer := object.get(exposure, "peer", "?")
	finding := {
		"key": sprintf("ingress %s/%d %s", [protocol, port, peer]),
		"path": sprintf("/attributes/open_to_internet/%d", [i]),
		"message": sprintf("administration port %s/%d%s is open to %s", [protocol, port, _service(port), peer]),
	}
}

_service(port) := object.get(_services, sprintf("%d", [port]), "")

_services := {
	"22": " (SSH)",
	"23": " (Telnet)",
	"2375": " (Docker)",
	"2376": " (Docker)",
	"3389": " (RDP)",
	"5900": " (VNC)",
	"5985": " (WinRM)",
	"5986": " (WinRM)",
	"10250": " (kubelet)",
}
