# METADATA
# scope: package
# title: Queue or topic usable by the public
# description: >-
#   A policy or binding lets anybody, or anybody with an account of that cloud, read messages, send them or change the
#   queue or topic. Messages steer what programs do, and often hold the data itself.
# schemas:
#   - input: schema.messaging_queue
# related_resources:
#   - ref: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-security-best-practices.html
#   - ref: https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-use-cases.html
#   - ref: https://cloud.google.com/pubsub/docs/access-control
# custom:
#   id: NEPH-MESSAGING-001
#   severity: critical
#   kinds: [messaging.queue, messaging.topic]
#   remediation: >-
#     AWS: name accounts, roles or services as principals of the policy, or bind the statement to them by a condition
#     on aws:SourceAccount, aws:SourceArn or aws:PrincipalOrgID. Google Cloud: remove allUsers and
#     allAuthenticatedUsers from the IAM policy of the topic or subscription. Azure has no such grant: every request is
#     signed or bears a token.
#   controls:
#     nist-800-53-r5: [AC-3, AC-6]
package nephoscope.messaging.messages_open_to_public

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
	"policy": "queue or topic policy statement",
	"switch": "the switch",
}
