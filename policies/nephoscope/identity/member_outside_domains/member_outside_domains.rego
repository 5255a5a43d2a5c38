# METADATA
# scope: package
# title: Member outside the allowed domains
# description: >-
#   A person, group or domain has a role whose address is in none of the domains that are allowed: a private
#   account, or somebody of another organization. Service accounts have domains of their projects and are not
#   judged.
# related_resources:
#   - ref: https://cloud.google.com/resource-manager/docs/organization-policy/restricting-domains
# custom:
#   id: NEPH-IDENTITY-008
#   severity: medium
#   kinds: [account.scope, identity.service_account]
#   params:
#     domains:
#       type: array
#       items: string
#       default: []
#       description: >-
#         Domains whose members alone may have roles, such as example.com; subdomains are listed one by one. Empty
#         refuses none but the others below.
#     refused_domains:
#       type: array
#       items: string
#       default: [gmail.com, googlemail.com, googlegroups.com]
#       description: Domains of private accounts and groups, whose members never may have roles.
#   remediation: >-
#     Take the member out of the binding, and give whoever needs the role an account of an allowed domain. Set
#     the organization policy iam.allowedPolicyMemberDomains, which refuses others.
#   controls:
#     cis-gcp-3.0: ["1.1"]
#     nist-800-53-r5: [AC-2, AC-3, IA-8]
package nephoscope.identity.member_outside_domains

deny contains finding if {
	some i, grant in input.resource.attributes.grants
	grant.member in {"user", "group", "domain"}
	domain := grant.domain
	_outside(domain)
	finding := {
		"key": sprintf("%s %s", [grant.name, grant.principal]),
		"path": sprintf("/attributes/grants/%d", [i]),
		"message": sprintf("%s has %s and is in none of the allowed domains", [grant.principal, grant.name]),
	}
}

_outside(domain) if {
	some name in input.params.refused_domains
	lower(name) == domain
}

_outside(domain) if {
	allowed := {lower(name) | some name in input.params.domains}
	count(allowed) > 0
	not domain in allowed
}
