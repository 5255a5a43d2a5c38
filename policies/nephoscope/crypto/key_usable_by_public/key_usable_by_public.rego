# METADATA
# scope: package
# title: Key usable by the public
# description: >-
#   A policy or binding of the key lets anybody, or anybody with an account of that cloud, use or change it. Whoever
#   gets hold of the encrypted data can then read it, or make it unreadable.
# schemas:
#   - input: schema.crypto_key
# related_resources:
#   - ref: https://docs.aws.amazon.com/kms/latest/developerguide/key-policies.html
#   - ref: https://cloud.google.com/kms/docs/iam
# custom:
#   id: NEPH-CRYPTO-002
#   severity: critical
#   kinds: [crypto.key]
#   remediation: >-
#     AWS: name accounts or roles as principals of the key policy, or bind the statement to them by a condition on
#     kms:CallerAccount or aws:PrincipalOrgID. Google Cloud: remove allUsers and allAuthenticatedUsers from the key's
#     IAM policy. Azure has no such grant: every request to a key vault bears a token of its own tenant.
#   controls:
#     cis-gcp-3.0: ["1.9"]
#     nist-800-53-r5: [AC-3, AC-6, SC-12]
package nephoscope.crypto.key_usable_by_public

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
	"policy": "key policy statement",
	"switch": "the switch",
}
