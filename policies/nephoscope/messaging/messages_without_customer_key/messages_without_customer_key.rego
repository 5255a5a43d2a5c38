# METADATA
# scope: package
# title: Messages not encrypted with a customer's key
# description: >-
#   Messages are not encrypted at rest, or with a key that the provider manages, or with a key that is none of those
#   allowed. With a key of one's own, access to them can be revoked, logged and separated from access to the queue or
#   topic.
# schemas:
#   - input: schema.messaging_queue
# related_resources:
#   - ref: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-server-side-encryption.html
#   - ref: https://docs.aws.amazon.com/sns/latest/dg/sns-server-side-encryption.html
#   - ref: https://learn.microsoft.com/azure/service-bus-messaging/configure-customer-managed-key
#   - ref: https://cloud.google.com/pubsub/docs/encryption
# custom:
#   id: NEPH-MESSAGING-002
#   severity: low
#   kinds: [messaging.queue, messaging.topic]
#   params:
#     key_ids:
#       type: array
#       items: string
#       default: []
#       description: The allowed keys, written as the provider writes them; empty allows every customer's key.
#   remediation: >-
#     AWS: set the queue's or topic's KMS key to a customer managed key, and let the services that send use it. Azure:
#     set a key of a key vault on a Service Bus namespace of the Premium tier; an Event Grid topic takes none. Google
#     Cloud: set the topic's Cloud KMS key; a subscription has its topic's.
#   controls:
#     nist-800-53-r5: [SC-12, SC-28, SC-28(1)]
package nephoscope.messaging.messages_without_customer_key

deny contains finding if {
	input.resource.attributes.encryption.enabled == false
	finding := {
		"key": "no encryption",
		"path": "/attributes/encryption/enabled",
		"message": "messages are not encrypted at rest",
	}
}

deny contains finding if {
	input.resource.attributes.encryption.key_kind == "provider"
	finding := {
		"key": "provider key",
		"path": "/attributes/encryption/key_kind",
		"message": "messages are encrypted with a key that the provider manages",
	}
}

deny contains finding if {
	allowed := input.params.key_ids
	count(allowed) > 0
	input.resource.attributes.encryption.key_kind == "customer"
	key_id := input.resource.attributes.encryption.key_id
	not key_id in allowed
	finding := {
		"key": "other key",
		"path": "/attributes/encryption/key_id",
		"message": sprintf("messages are encrypted with %s, which is none of the allowed keys", [key_id]),
	}
}
