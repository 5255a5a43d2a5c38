# METADATA
# scope: package
# title: Key is never rotated
# description: >-
#   The provider could replace the key's material on a schedule and does not. A key that leaks then opens all that it
#   ever encrypted, and will ever encrypt.
# schemas:
#   - input: schema.crypto_key
# related_resources:
#   - ref: https://docs.aws.amazon.com/kms/latest/developerguide/rotate-keys.html
#   - ref: https://learn.microsoft.com/azure/key-vault/keys/how-to-configure-key-rotation
#   - ref: https://cloud.google.com/kms/docs/key-rotation
# custom:
#   id: NEPH-CRYPTO-001
#   severity: low
#   kinds: [crypto.key]
#   remediation: >-
#     AWS: enable automatic rotation of the KMS key. Azure: give the key a rotation policy with an action of type
#     rotate. Google Cloud: set the key's rotation period and the time of the next rotation. Keys that cannot be
#     rotated by the provider (asymmetric, imported, of another key store) are not judged: replace them by hand.
#   controls:
#     cis-aws-3.0: ["3.6"]
#     cis-azure-2.1: ["8.8"]
#     cis-gcp-3.0: ["1.10"]
#     nist-800-53-r5: [SC-12]
package nephoscope.crypto.key_not_rotated

deny contains finding if {
	input.resource.attributes.state == "enabled"
	input.resource.attributes.rotation.supported == true
	input.resource.attributes.rotation.enabled == false
	finding := {
		"path": "/attributes/rotation/enabled",
		"message": "the key is not rotated automatically",
	}
}
