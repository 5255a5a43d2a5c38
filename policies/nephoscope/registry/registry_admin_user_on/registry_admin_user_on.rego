# METADATA
# scope: package
# title: Admin user of the registry on
# description: >-
#   One account with two passwords that never expire may pull and push everything. It is nobody's, so that no log says
#   who used it, and one leaked password gives everything.
# schemas:
#   - input: schema.container_registry
# related_resources:
#   - ref: https://learn.microsoft.com/azure/container-registry/container-registry-authentication#admin-account
# custom:
#   id: NEPH-REGISTRY-004
#   severity: high
#   kinds: [container.registry]
#   remediation: >-
#     Azure: give pipelines and clusters identities with the roles AcrPull or AcrPush, then set adminUserEnabled to
#     false.
#   controls:
#     nist-800-53-r5: [AC-6, IA-2, IA-5]
package nephoscope.registry.registry_admin_user_on

deny contains finding if {
	input.resource.attributes.admin_user == true
	finding := {
		"path": "/attributes/admin_user",
		"message": "the shared admin user may pull and push everything",
	}
}
