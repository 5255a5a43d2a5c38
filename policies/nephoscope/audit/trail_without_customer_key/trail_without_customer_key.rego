# METADATA
# scope: package
# title: Trail not encrypted with a key of one's own
# description: >-
#   The trail's files are encrypted with a key that the provider manages. With a key of one's own, reading them takes
#   the right to the key as well as that to the bucket, and can be logged and revoked.
# schemas:
#   - input: schema.log_audit_trail
# related_resources:
#   - ref: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/encrypting-cloudtrail-log-files-with-aws-kms.html
# custom:
#   id: NEPH-AUDIT-003
#   severity: low
#   kinds: [log.audit_trail]
#   remediation: >-
#     AWS: set the KMS key of the trail to a customer managed key whose policy lets CloudTrail encrypt and the readers
#     decrypt.
#   controls:
#     nist-800-53-r5: [AU-9, SC-12, SC-28(1)]
package nephoscope.audit.trail_without_customer_key

deny contains finding if {
	input.resource.attributes.encryption.key_kind == "provider"
	finding := {
		"key": "provider key",
		"path": "/attributes/encryption/key_kind",
		"message": "files of the trail are encrypted with a key that the provider manages",
	}
}
