# METADATA
# scope: package
# title: Bucket not encrypted with a customer's key
# description: >-
#   New objects are encrypted with a key that the provider manages, or with a key that is none of those allowed. With a
#   key of one's own, access to the data can be revoked, logged and separated from access to the bucket.
# schemas:
#   - input: schema.storage_bucket
# related_resources:
#   - ref: https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html
#   - ref: https://learn.microsoft.com/azure/storage/common/customer-managed-keys-overview
#   - ref: https://cloud.google.com/storage/docs/encryption/customer-managed-keys
# custom:
#   id: NEPH-STORAGE-004
#   severity: low
#   kinds: [storage.bucket]
#   params:
#     key_ids:
#       type: array
#       items: string
#       default: []
#       description: >-
#         The allowed keys, written as the provider writes them in the bucket; empty allows every customer's key.
#   remediation: >-
#     AWS: set the bucket's default encryption to SSE-KMS with the ARN of a customer managed key. Azure: set the storage
#     account's encryption to a key of a key vault that has purge protection. Google Cloud: set the bucket's default
#     Cloud KMS key. Objects that exist already keep their key until they are rewritten.
#   controls:
#     ccc: [CCC.ObjStor.CN01, CCC.Core.CN11]
#     cis-azure-2.1: ["3.12"]
#     nist-800-53-r5: [SC-12, SC-28, SC-28(1)]
package nephoscope.storage.bucket_without_customer_key

deny contains finding if {
	input.resource.attributes.encryption.key_kind == "provider"
	finding := {
		"key": "provider key",
		"path": "/attributes/encryption/key_kind",
		"message": "objects are encrypted with a key that the provider manages",
	}
}

deny contains finding if {
	allowed := input.params.key_ids
	count(allowed) > 0
	input.resource.attributes.encryption.key_kind == "customer"
	key_id := input.resource.attributes.encryption.key_id
	not key_id in allowed
	finding := {
		"key": "other key",
		"path": "/attributes/encryption/key_id",
		"message": sprintf("objects are encrypted with %s, which is none of the allowed keys", [key_id]),
	}
}
