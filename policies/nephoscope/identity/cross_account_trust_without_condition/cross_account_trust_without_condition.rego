# METADATA
# scope: package
# title: Role trusts another account without condition
# description: >-
#   Another account may assume the role, and no condition is on it: neither an external id, nor an organization,
#   nor a second factor. A third party that serves many customers can be talked into using its access for another
#   one of them (the confused deputy).
# schemas:
#   - input: schema.identity_role
# related_resources:
#   - ref: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_common-scenarios_third-party.html
#   - ref: https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
# custom:
#   id: NEPH-IDENTITY-006
#   severity: high
#   kinds: [identity.role]
#   params:
#     trusted_accounts:
#       type: array
#       items: string
#       default: []
#       description: >-
#         Ids of accounts that may assume roles without condition, such as the organization's own.
#   remediation: >-
#     Accounts of third parties: agree on an external id and demand it by sts:ExternalId. Accounts of your own:
#     demand aws:PrincipalOrgID, or list them in the parameter trusted_accounts. Take out accounts that nobody
#     knows.
#   controls:
#     nist-800-53-r5: [AC-3, AC-6, IA-2]
package nephoscope.identity.cross_account_trust_without_condition

deny contains finding if {
	some i, trust in input.resource.attributes.trust
	trust.origin == "other_account"
	trust.narrowing == "none"
	account := trust.account
	trusted := input.params.trusted_accounts
	not account in trusted
	finding := {
		"key": trust.principal,
		"path": sprintf("/attributes/trust/%d", [i]),
		"message": sprintf("%s may assume the role without condition", [trust.principal]),
	}
}

# Whoever learns the external id is in, from whichever account.
deny contains finding if {
	some i, trust in input.resource.attributes.trust
	trust.origin == "everyone"
	trust.narrowing == "external_id"
	finding := {
		"key": trust.principal,
		"path": sprintf("/attributes/trust/%d", [i]),
		"message": "every account that learns the external id may assume the role",
	}
}
