# METADATA
# scope: package
# title: User with policies of its own
# description: >-
#   A policy is written into the user or attached to it directly. Rights of single users are overlooked when
#   somebody changes task or leaves; rights of groups and roles are not.
# schemas:
#   - input: schema.identity_user
# related_resources:
#   - ref: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_groups.html
#   - ref: https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html
# custom:
#   id: NEPH-IDENTITY-007
#   severity: low
#   kinds: [identity.user]
#   remediation: >-
#     Attach the policy to a group, or to a role that the user assumes, put the user in, then take the policy
#     off the user. People are better off with roles through IAM Identity Center than with users.
#   controls:
#     cis-aws-3.0: ["1.15"]
#     nist-800-53-r5: [AC-2, AC-6]
package nephoscope.identity.user_with_own_policy

deny contains finding if {
	some i, grant in input.resource.attributes.grants
	grant.via in {"inline", "attached"}
	finding := {
		"key": sprintf("%s %s", [grant.via, grant.name]),
		"path": sprintf("/attributes/grants/%d", [i]),
		"message": sprintf("policy %s is on the user itself", [grant.name]),
	}
}
