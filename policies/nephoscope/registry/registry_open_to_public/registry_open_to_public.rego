# METADATA
# scope: package
# title: Registry open to the public
# description: >-
#   A policy, binding or switch of the registry lets anybody, or anybody with an account of that cloud, pull images or
#   push them. Images hold code, and often secrets; whoever can push runs code wherever the image runs.
# schemas:
#   - input: schema.container_registry
# related_resources:
#   - ref: https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-policies.html
#   - ref: https://learn.microsoft.com/azure/container-registry/anonymous-pull-access
#   - ref: https://cloud.google.com/artifact-registry/docs/access-control
# custom:
#   id: NEPH-REGISTRY-001
#   severity: critical
#   kinds: [container.registry]
#   remediation: >-
#     AWS: name accounts or roles as principals of the repository policy; publish images on purpose through a public
#     repository. Azure: set anonymousPullEnabled to false. Google Cloud: remove allUsers and allAuthenticatedUsers
#     from the repository's IAM policy.
#   controls:
#     nist-800-53-r5: [AC-3, AC-6, CM-5]
package nephoscope.registry.registry_open_to_public

# A grant's place in the list changes, so it is told apart by what it says. Who may only inspect can do no harm yet.
deny contains finding if {
	some i, grant in input.resource.attributes.public_access.grants
	grant.effective == true
	grant.access in {"read", "use", "write", "admin"}
	principal := object.get(grant, "principal", "?")
	via := object.get(grant, "via", "?")
	name := object.get(grant, "name", "?")
	finding := {
		"key": sprintf("%s %s %s %s", [principal, grant.access, via, name]),
		"path": sprintf("/attributes/public_access/grants/%d", [i]),
		"message": sprintf("%s has %s access by %s %s", [
			object.get(_who, principal, principal),
			grant.access,
			object.get(_mechanism, via, via),
			name,
		]),
	}
}

_who := {
	"any_authenticated": "anybody with an account of the cloud",
	"everyone": "everyone on the internet",
}

_mechanism := {
	"iam": "IAM role",
	"policy": "repository policy statement",
	"switch": "the switch",
}
