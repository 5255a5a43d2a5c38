# METADATA
# scope: package
# title: Basic role granted
# description: >-
#   A role of the first days of the cloud is granted: it covers every service, those of tomorrow too. The service
#   agent that acts for the provider's own APIs in a project needs such a role and is left out.
# related_resources:
#   - ref: https://cloud.google.com/iam/docs/roles-overview
#   - ref: https://cloud.google.com/iam/docs/using-iam-securely
# custom:
#   id: NEPH-IDENTITY-004
#   severity: medium
#   kinds: [account.scope, identity.service_account]
#   params:
#     roles:
#       type: array
#       items: string
#       default: [roles/owner, roles/editor]
#       description: >-
#         The roles that nobody should have; * stands for any part of a name between slashes.
#   remediation: >-
#     Replace roles/owner and roles/editor by predefined roles or a custom role; the role recommender names
#     those that were used. Give the default service accounts of Compute Engine and App Engine a narrow role,
#     and set the organization policy iam.automaticIamGrantsForDefaultServiceAccounts.
#   controls:
#     nist-800-53-r5: [AC-6, AC-6(1)]
package nephoscope.identity.basic_role

deny contains finding if {
	some i, grant in input.resource.attributes.grants
	grant.service_agent == false
	name := grant.name
	some pattern in input.params.roles
	glob.match(pattern, ["/"], name)
	finding := {
		"key": sprintf("%s %s", [name, grant.principal]),
		"path": sprintf("/attributes/grants/%d", [i]),
		"message": sprintf("%s has %s", [grant.principal, name]),
	}
}
