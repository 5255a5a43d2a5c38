# METADATA
# scope: package
# title: Vault without purge protection
# description: >-
#   A deleted vault, key or secret can be purged before its days of soft delete are over. One careless or hostile
#   administrator then makes all data unreadable that was encrypted with its keys.
# schemas:
#   - input: schema.secret_store
# related_resources:
#   - ref: https://learn.microsoft.com/azure/key-vault/general/soft-delete-overview
# custom:
#   id: NEPH-SECRET-001
#   severity: low
#   kinds: [secret.store]
#   remediation: >-
#     Azure: set enablePurgeProtection of the key vault. It cannot be taken back, and what is deleted stays until its
#     days are over.
#   controls:
#     cis-azure-2.1: ["8.5"]
#     nist-800-53-r5: [CP-9, SC-12]
package nephoscope.secret.vault_without_purge_protection

deny contains finding if {
	input.resource.attributes.purge_protection == false
	finding := {
		"path": "/attributes/purge_protection",
		"message": "what was deleted can be removed for good at once",
	}
}
