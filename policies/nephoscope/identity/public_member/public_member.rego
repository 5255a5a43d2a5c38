# METADATA
# scope: package
# title: Role granted to the public
# description: >-
#   A role is granted to everyone on the internet, or to anybody with an account of the cloud: on a project,
#   folder or organization with everything below it, or on a service account, as which they can then act.
# related_resources:
#   - ref: https://cloud.google.com/iam/docs/principals-overview
#   - ref: https://cloud.google.com/resource-manager/docs/organization-policy/restricting-domains
# custom:
#   id: NEPH-IDENTITY-003
#   severity: critical
#   kinds: [account.scope, identity.service_account]
#   remediation: >-
#     Take allUsers and allAuthenticatedUsers out of the binding and grant the role to a group. Set the
#     organization policy iam.allowedPolicyMemberDomains, which refuses such members. What has to be public is
#     granted on the single resource.
#   controls:
#     nist-800-53-r5: [AC-3, AC-6, AC-14]
package nephoscope.identity.public_member

deny contains finding if {
	some i, grant in input.resource.attributes.grants
	public := grant.public
	finding := {
		"key": sprintf("%s %s", [grant.name, grant.principal]),
		"path": sprintf("/attributes/grants/%d", [i]),
		"message": sprintf("%s has %s", [_names[public], grant.name]),
	}
}

_names := {
	"everyone": "everyone on the internet",
	"any_authenticated": "anybody with an account of the cloud",
}
