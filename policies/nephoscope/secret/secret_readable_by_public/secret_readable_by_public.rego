# METADATA
# scope: package
# title: Secret readable by the public
# description: >-
#   A policy or binding of the secret lets anybody, or anybody with an account of that cloud, read or change it.
# schemas:
#   - input: schema.secret_secret
# related_resources:
#   - ref: https://docs.aws.amazon.com/secretsmanager/latest/userguide/auth-and-access_resource-policies.html
#   - ref: https://cloud.google.com/secret-manager/docs/access-control
# custom:
#   id: NEPH-SECRET-005
#   severity: critical
#   kinds: [secret.secret]
#   remediation: >-
#     Replace the secret first: it has to count as known. Google Cloud: remove allUsers and allAuthenticatedUsers from
#     the secret's IAM policy. AWS: have Secrets Manager block public access when the resource policy is set, and name
#     roles in it; AWS Config does not record that policy. Azure has no such grant.
#   controls:
#     nist-800-53-r5: [AC-3, AC-6, IA-5]
package nephoscope.secret.secret_readable_by_public

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
	"policy": "resource policy statement",
	"switch": "the switch",
}
