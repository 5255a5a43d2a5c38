# METADATA
# scope: package
# title: Key is rotated too seldom
# description: >-
#   The provider replaces the key's material on a schedule, but at longer intervals than allowed.
# schemas:
#   - input: schema.crypto_key
# related_resources:
#   - ref: https://docs.aws.amazon.com/kms/latest/developerguide/rotate-keys.html
#   - ref: https://learn.microsoft.com/azure/key-vault/keys/how-to-configure-key-rotation
#   - ref: https://cloud.google.com/kms/docs/key-rotation
# custom:
#   id: NEPH-CRYPTO-004
#   severity: low
#   kinds: [crypto.key]
#   params:
#     max_days:
#       type: number
#       default: 365
#       description: Days that may lie between two rotations.
#   remediation: >-
#     AWS: enable rotation again with a shorter rotation period; AWS Config does not record the period. Azure: shorten
#     the trigger of the rotate action in the key's rotation policy. Google Cloud: shorten the key's rotation period.
#   controls:
#     cis-gcp-3.0: ["1.10"]
#     nist-800-53-r5: [SC-12]
package nephoscope.crypto.key_rotated_too_seldom

deny contains finding if {
	input.resource.attributes.state == "enabled"
	input.resource.attributes.rotation.enabled == true
	days := input.resource.attributes.rotation.period_days
	most := input.params.max_days
	days > most
	finding := {
		"path": "/attributes/rotation/period_days",
		"message": sprintf("the key is rotated every %d days, more than %d", [days, most]),
	}
}
