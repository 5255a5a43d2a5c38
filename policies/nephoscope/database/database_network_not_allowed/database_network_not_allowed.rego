# METADATA
# scope: package
# title: Database that lets in networks that are not on the list
# description: >-
#   The public endpoint is on and lets in a network that is none of those allowed. By default no network is allowed,
#   so that every way in from outside of private networks is told of. RDS has no list of its own, only security
#   groups.
# schemas:
#   - input: schema.database_sql
# related_resources:
#   - ref: https://learn.microsoft.com/azure/azure-sql/database/firewall-configure
#   - ref: https://cloud.google.com/sql/docs/mysql/authorize-networks
# custom:
#   id: NEPH-DATABASE-011
#   severity: info
#   kinds: [database.sql]
#   params:
#     networks:
#       type: array
#       items: string
#       default: []
#       description: >-
#         The networks that may be let in: a network as in 192.0.2.0/24, of Azure the first and the last address as in
#         192.0.2.0-192.0.2.255.
#   remediation: >-
#     Azure: delete the firewall rule, or admit a virtual network or private endpoint instead. Google Cloud: remove
#     the authorized network, and connect through the Auth Proxy or a private address.
#   controls:
#     ccc: [CCC.Core.CN05]
#     nist-800-53-r5: [AC-3, SC-7]
package nephoscope.database.database_network_not_allowed

deny contains finding if {
	allowed := input.params.networks
	input.resource.attributes.network.public_endpoint == true
	some i, network in input.resource.attributes.network.networks
	addresses := network.addresses
	not addresses in allowed
	finding := {
		"key": sprintf("network %s", [addresses]),
		"path": sprintf("/attributes/network/networks/%d", [i]),
		"message": sprintf("%s is let in, which is not on the list of networks", [addresses]),
	}
}
