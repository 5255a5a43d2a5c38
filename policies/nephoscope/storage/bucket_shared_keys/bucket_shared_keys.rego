# METADATA
# scope: package
# title: Storage account that accepts shared keys
# description: >-
#   Requests signed with the account's own keys are accepted. Such a key gives every right over the account, belongs to
#   nobody, never expires, and whoever uses it leaves no name in the log.
# schemas:
#   - input: schema.storage_bucket
# related_resources:
#   - ref: https://learn.microsoft.com/azure/storage/common/shared-key-authorization-prevent
# custom:
#   id: NEPH-STORAGE-007
#   severity: medium
#   kinds: [storage.bucket]
#   remediation: >-
#     Azure: find who still signs with shared keys in the account's metrics and logs, move them to Microsoft Entra ID, then
#     set allowSharedKeyAccess to false.
#   controls:
#     nist-800-53-r5: [IA-2, AC-6]
package nephoscope.storage.bucket_shared_keys

deny contains finding if {
	input.resource.attributes.shared_keys == true
	finding := {
		"path": "/attributes/shared_keys",
		"message": "requests signed with the account's shared keys are accepted",
	}
}
