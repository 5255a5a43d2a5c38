# METADATA
# scope: package
# title: Service account key that the customer manages
# description: >-
#   A service account has a key of which somebody holds the private half. It is a password that does not expire:
#   whoever finds it acts as the service account.
# schemas:
#   - input: schema.identity_access_key
# related_resources:
#   - ref: https://cloud.google.com/iam/docs/best-practices-for-managing-service-account-keys
#   - ref: https://cloud.google.com/iam/docs/workload-identity-federation
# custom:
#   id: NEPH-IDENTITY-005
#   severity: medium
#   kinds: [identity.access_key]
#   params:
#     max_age_days:
#       type: number
#       default: 0
#       description: >-
#         How many days after it was made a key is judged; 0 judges every key.
#   remediation: >-
#     Use what needs no key: an attached service account, workload identity federation, impersonation. Disable
#     the key, watch for what breaks, then delete it. Where a key has to be, rotate it, and set the organization
#     policy iam.disableServiceAccountKeyCreation for all others.
#   controls:
#     cis-gcp-3.0: ["1.4", "1.7"]
#     nist-800-53-r5: [AC-2, IA-5, IA-5(1)]
package nephoscope.identity.user_managed_key

deny contains finding if {
	input.params.max_age_days == 0
	input.resource.attributes.managed_by == "customer"
	input.resource.attributes.enabled == true
	finding := {
		"path": "/attributes/managed_by",
		"message": "somebody holds the private half of the key",
	}
}

deny contains finding if {
	most := input.params.max_age_days
	most > 0
	input.resource.attributes.managed_by == "customer"
	input.resource.attributes.enabled == true
	made := input.resource.attributes.valid_after
	age := time.parse_rfc3339_ns(input.as_of) - time.parse_rfc3339_ns(made)
	age > most * _day
	finding := {
		"path": "/attributes/valid_after",
		"message": sprintf("the key was made at %s, more than %d days ago", [made, most]),
	}
}

_day := ((24 * 60) * 60) * 1000000000
