# METADATA
# scope: package
# title: Secret or key without a date of expiry
# description: >-
#   The secret or key works forever. A date of expiry makes sure that it is replaced, and that a forgotten one does not
#   stay useful to whoever finds it.
# schemas:
#   - input: schema.secret_secret
# related_resources:
#   - ref: https://learn.microsoft.com/azure/key-vault/secrets/about-secrets
#   - ref: https://learn.microsoft.com/azure/key-vault/keys/about-keys-details
# custom:
#   id: NEPH-SECRET-003
#   severity: low
#   kinds: [crypto.key, secret.secret]
#   remediation: >-
#     Azure: set exp of the secret or key, and have its owner told before it comes: by a rotation policy of a key, or
#     by the event that it is near expiry.
#   controls:
#     cis-azure-2.1: ["8.1", "8.2", "8.3", "8.4"]
#     nist-800-53-r5: [IA-5, SC-12]
package nephoscope.secret.secret_without_expiry

deny contains finding if {
	input.resource.attributes.expires == false
	finding := {
		"path": "/attributes/expires",
		"message": "there is no date at which it stops working",
	}
}
