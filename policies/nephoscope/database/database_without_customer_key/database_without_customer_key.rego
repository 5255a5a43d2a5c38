# METADATA
# scope: package
# title: Database not encrypted with a customer's key
# description: >-
#   The data is encrypted with a key that the provider manages, with one that is none of those allowed, or not at all.
#   With a key of one's own, access to the data can be revoked, logged and separated from access to the database. The
#   item of an RDS instance does not say whose key it is: where the key was not read, the outcome is unknown unless the
#   allowed keys are listed and it is none of them.
# schemas:
#   - input: schema.database_sql
# related_resources:
#   - ref: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Overview.Encryption.Keys.html
#   - ref: https://learn.microsoft.com/azure/azure-sql/database/transparent-data-encryption-byok-overview
#   - ref: https://cloud.google.com/sql/docs/mysql/cmek
# custom:
#   id: NEPH-DATABASE-005
#   severity: low
#   kinds: [database.sql]
#   params:
#     key_ids:
#       type: array
#       items: string
#       default: []
#       description: >-
#         The allowed keys, written as the provider writes them in the database; empty allows every customer's key.
#   remediation: >-
#     AWS: restore an encrypted copy of a snapshot with a customer managed key. Azure: set the TDE protector of the
#     server, or the data encryption of the flexible server, to a key of a key vault that has purge protection. Google
#     Cloud: make a new instance with a Cloud KMS key and move the data; an instance keeps its kind of key.
#   controls:
#     ccc: [CCC.Core.CN11]
#     cis-azure-2.1: ["4.1.3"]
#     nist-800-53-r5: [SC-12, SC-28, SC-28(1)]
package nephoscope.database.database_without_customer_key

deny contains finding if {
	input.resource.attributes.encryption.key_kind == "provider"
	finding := {
		"key": "provider key",
		"path": "/attributes/encryption/key_kind",
		"message": "the data is encrypted with a key that the provider manages",
	}
}

# Where nothing is encrypted there is no key.
deny contains finding if {
	input.resource.attributes.encryption.enabled == false
	not input.resource.attributes.encryption.key_kind
	finding := {
		"key": "not encrypted",
		"path": "/attributes/encryption/enabled",
		"message": "the data is not encrypted at all",
	}
}

deny contains finding if {
	allowed := input.params.key_ids
	count(allowed) > 0
	key_id := input.resource.attributes.encryption.key_id
	not key_id in allowed
	finding := {
		"key": "other key",
		"path": "/attributes/encryption/key_id",
		"message": sprintf("the data is encrypted with %s, which is none of the allowed keys", [key_id]),
	}
}
