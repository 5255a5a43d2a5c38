# METADATA
# scope: package
# title: Secret is not rotated
# description: >-
#   The secret has no schedule for its rotation, or one with longer intervals than allowed. A secret that leaked
#   unnoticed then stays useful to whoever has it.
# schemas:
#   - input: schema.secret_secret
# related_resources:
#   - ref: https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotating-secrets.html
#   - ref: https://cloud.google.com/secret-manager/docs/secret-rotation
# custom:
#   id: NEPH-SECRET-002
#   severity: low
#   kinds: [secret.secret]
#   params:
#     max_days:
#       type: number
#       default: 90
#       description: Days that may lie between two rotations.
#   remediation: >-
#     AWS: turn on automatic rotation with a rotation function and a schedule. Google Cloud: give the secret a rotation
#     period and a topic, and a function that adds a new version when told to. Azure has no schedule for secrets: set a
#     date of expiry.
#   controls:
#     nist-800-53-r5: [IA-5, SC-12]
package nephoscope.secret.secret_not_rotated

deny contains finding if {
	input.resource.attributes.rotation.enabled == false
	finding := {
		"key": "no rotation",
		"path": "/attributes/rotation/enabled",
		"message": "the secret has no schedule for its rotation",
	}
}

deny contains finding if {
	input.resource.attributes.rotation.enabled == true
	days := input.resource.attributes.rotation.period_days
	most := input.params.max_days
	days > most
	finding := {
		"key": "long period",
		"path": "/attributes/rotation/period_days",
		"message": sprintf("the secret is rotated every %d days, more than %d", [days, most]),
	}
}
