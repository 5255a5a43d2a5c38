# METADATA
# scope: package
# title: Vault open to every network
# description: >-
#   The vault takes requests from anywhere. A stolen token or password of an application is then enough to read its
#   secrets, without a foothold in the network.
# schemas:
#   - input: schema.secret_store
# related_resources:
#   - ref: https://learn.microsoft.com/azure/key-vault/general/network-security
# custom:
#   id: NEPH-SECRET-004
#   severity: medium
#   kinds: [secret.store]
#   remediation: >-
#     Azure: set publicNetworkAccess of the key vault to Disabled and use a private endpoint, or set the default action
#     of its network rules to Deny and list the networks that need it.
#   controls:
#     cis-azure-2.1: ["8.7"]
#     nist-800-53-r5: [AC-4, SC-7]
package nephoscope.secret.vault_open_to_every_network

deny contains finding if {
	input.resource.attributes.network == "any"
	finding := {
		"path": "/attributes/network",
		"message": "requests from every network are accepted",
	}
}
