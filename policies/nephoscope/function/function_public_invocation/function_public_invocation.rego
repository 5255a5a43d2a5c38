# METADATA
# scope: package
# title: Function open to the internet
# description: >-
#   Everyone on the internet, or anybody with an account of that cloud, may call the function, and it acts with its
#   own rights on their behalf. A site that is meant for the public belongs behind a gateway or load balancer that
#   limits and watches requests.
# schemas:
#   - input: schema.compute_function
# related_resources:
#   - ref: https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html
#   - ref: https://docs.aws.amazon.com/lambda/latest/dg/access-control-resource-based.html
#   - ref: https://cloud.google.com/run/docs/authenticating/public
#   - ref: https://cloud.google.com/run/docs/securing/ingress
# custom:
#   id: NEPH-FUNCTION-002
#   severity: critical
#   kinds: [compute.function]
#   remediation: >-
#     AWS: remove the statement for * from the policy of the function, or bind it to your organization or account by a
#     condition; set the URL to AWS_IAM. Google Cloud: remove allUsers and allAuthenticatedUsers from the invoker
#     role, leave the IAM check on, and set ingress to internal, or internal and load balancing behind Identity-Aware
#     Proxy or Cloud Armor.
#   controls:
#     nist-800-53-r5: [AC-3, AC-6, SC-7]
package nephoscope.function.function_public_invocation

deny contains finding if {
	some i, grant in input.resource.attributes.invocation.grants
	grant.effective == true
	principal := object.get(grant, "principal", "?")
	name := object.get(grant, "name", "no check by IAM")
	finding := {
		"key": sprintf("%s %s", [principal, name]),
		"path": sprintf("/attributes/invocation/grants/%d", [i]),
		"message": sprintf("%s may %s by %s", [
			object.get(_who, principal, principal),
			object.get(_what, sprintf("%v", [object.get(grant, "admin", false)]), "call it"),
			name,
		]),
	}
}

_who := {
	"any_authenticated": "anybody with an account of the cloud",
	"everyone": "everyone on the internet",
}

_what := {
	"false": "call it",
	"true": "call and change it",
}
