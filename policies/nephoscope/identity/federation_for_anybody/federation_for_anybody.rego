# METADATA
# scope: package
# title: Federation open to every identity of an issuer
# description: >-
#   Tokens of an identity provider are trusted, and no condition picks whose. The issuer of a build service signs
#   tokens for whoever has an account there: anybody can come in.
# related_resources:
#   - ref: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_oidc_secure-by-default.html
#   - ref: https://docs.github.com/en/actions/how-tos/secure-your-work/security-harden-deployments/oidc-in-aws
#   - ref: https://cloud.google.com/iam/docs/workload-identity-federation-with-deployment-pipelines
# custom:
#   id: NEPH-IDENTITY-009
#   severity: critical
#   kinds: [identity.provider, identity.role]
#   remediation: >-
#     AWS: add a condition on the issuer's sub to the trust policy, with the organization and repository, project or
#     service account spelled out before any wildcard, such as repo:octo-org/octo-repo:ref:refs/heads/main. Google
#     Cloud: set an attribute condition on the provider, such as assertion.repository_owner == 'octo-org'. Look
#     through the audit log for sessions of subjects that you do not know.
#   controls:
#     nist-800-53-r5: [AC-3, AC-6, IA-8, IA-9]
package nephoscope.identity.federation_for_anybody

deny contains finding if {
	some i, trust in input.resource.attributes.trust
	trust.subjects == "anybody"
	finding := {
		"key": trust.principal,
		"path": sprintf("/attributes/trust/%d", [i]),
		"message": sprintf("anybody who gets a token of %s is let in", [trust.principal]),
	}
}
