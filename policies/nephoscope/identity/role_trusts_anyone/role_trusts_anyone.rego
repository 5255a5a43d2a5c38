# METADATA
# scope: package
# title: Role that anybody may assume
# description: >-
#   The trust policy lets anybody with an account of the cloud assume the role, and no condition binds it to an
#   account, an organization or a network. A second factor does not help: the caller brings their own.
# schemas:
#   - input: schema.identity_role
# related_resources:
#   - ref: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
#   - ref: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create_for-user_externalid.html
# custom:
#   id: NEPH-IDENTITY-002
#   severity: critical
#   kinds: [identity.role]
#   remediation: >-
#     Name the accounts or roles that need it in Principal in place of *, or add a condition with a fixed value
#     on aws:PrincipalOrgID, aws:PrincipalAccount or aws:PrincipalArn. Look through CloudTrail for AssumeRole by
#     accounts that you do not know.
#   controls:
#     nist-800-53-r5: [AC-3, AC-6, IA-2]
package nephoscope.identity.role_trusts_anyone

deny contains finding if {
	some i, trust in input.resource.attributes.trust
	trust.origin == "everyone"
	trust.narrowing in {"none", "mfa"}
	finding := {
		"key": trust.principal,
		"path": sprintf("/attributes/trust/%d", [i]),
		"message": "anybody with an account of the cloud may assume the role",
	}
}
