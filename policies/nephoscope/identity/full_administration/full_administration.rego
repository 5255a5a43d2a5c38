# METADATA
# scope: package
# title: Full administration granted
# description: >-
#   A policy or role lets its holder do everything to everything, without condition. Whoever gets hold of that
#   identity has the whole account, subscription, project or organization.
# related_resources:
#   - ref: https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html
#   - ref: https://learn.microsoft.com/azure/role-based-access-control/best-practices
#   - ref: https://cloud.google.com/iam/docs/roles-overview
# custom:
#   id: NEPH-IDENTITY-001
#   severity: high
#   kinds: [account.scope, identity.binding, identity.group, identity.policy, identity.role, identity.user]
#   remediation: >-
#     Grant what the task needs. AWS: replace * by the actions and resources in use, as IAM Access Analyzer
#     derives them from the log, and detach AdministratorAccess; keep it to a role that is assumed with a second
#     factor. Azure: assign a narrower role than Owner, on a resource group rather than a subscription; take *
#     out of custom roles. Google Cloud: replace roles/owner by predefined roles.
#   controls:
#     cis-aws-3.0: ["1.16"]
#     cis-azure-2.1: ["1.23"]
#     nist-800-53-r5: [AC-6, AC-6(1), AC-6(5)]
package nephoscope.identity.full_administration

deny contains finding if {
	some i, grant in input.resource.attributes.grants
	grant.full_admin == true
	principal := object.get(grant, "principal", "its holder")
	finding := {
		"key": sprintf("%s %s", [grant.name, principal]),
		"path": sprintf("/attributes/grants/%d", [i]),
		"message": sprintf("%s lets %s do everything", [grant.name, principal]),
	}
}
