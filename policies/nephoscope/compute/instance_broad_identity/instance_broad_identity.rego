# METADATA
# scope: package
# title: Instance with an identity that may do too much
# description: >-
#   The instance runs as the project's default service account, with access to every API. Unless the role was taken
#   away, that account is an editor of the whole project, and so is whoever gets a foothold on the instance.
# schemas:
#   - input: schema.compute_instance
# related_resources:
#   - ref: https://cloud.google.com/compute/docs/access/service-accounts#default_service_account
#   - ref: https://cloud.google.com/iam/docs/best-practices-service-accounts
# custom:
#   id: NEPH-COMPUTE-003
#   severity: high
#   kinds: [compute.instance]
#   params:
#     scopes:
#       type: array
#       items: string
#       default: ["https://www.googleapis.com/auth/cloud-platform"]
#       description: >-
#         The scopes that do not confine the default service account.
#   remediation: >-
#     Google Cloud: stop the instance and give it a service account of its own that has just the roles it needs;
#     then take the Editor role from the default service account and set the organization policy
#     iam.automaticIamGrantsForDefaultServiceAccounts.
#   controls:
#     cis-gcp-3.0: ["4.2"]
#     nist-800-53-r5: [AC-6]
package nephoscope.compute.instance_broad_identity

# What other clouds' instances may do stands with their roles, not with the instance.
deny contains finding if {
	input.resource.attributes.identity.default_account == true
	some i, scope in input.resource.attributes.identity.scopes
	scope in input.params.scopes
	finding := {
		"key": scope,
		"path": sprintf("/attributes/identity/scopes/%d", [i]),
		"message": sprintf("the instance runs as the default service account with scope %s", [scope]),
	}
}
