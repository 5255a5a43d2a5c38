# METADATA
# scope: package
# title: Role for every identity of an issuer
# description: >-
#   A role may be assumed with any token of a cluster's or a company's issuer of identities: no condition picks whose.
#   Every workload of the cluster, also one that was taken over, has the rights of the role.
# related_resources:
#   - ref: https://docs.aws.amazon.com/eks/latest/userguide/associate-service-account-role.html
#   - ref: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_oidc_secure-by-default.html
# schemas:
#   - input: schema.identity_role
# custom:
#   id: NEPH-IDENTITY-010
#   severity: high
#   kinds: [identity.role]
#   remediation: >-
#     AWS: add a condition on the issuer's sub to the trust policy, such as
#     system:serviceaccount:payments:worker of a cluster; one role for each service account.
#   controls:
#     nist-800-53-r5: [AC-3, AC-6, IA-9]
package nephoscope.identity.federation_for_whole_issuer

deny contains finding if {
	some i, trust in input.resource.attributes.trust
	trust.subjects == "whole_issuer"
	finding := {
		"key": trust.principal,
		"path": sprintf("/attributes/trust/%d", [i]),
		"message": sprintf("every identity of %s may assume the role", [trust.principal]),
	}
}
