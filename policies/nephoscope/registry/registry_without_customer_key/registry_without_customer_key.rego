# METADATA
# scope: package
# title: Registry not encrypted with a customer's key
# description: >-
#   Images are encrypted with a key that the provider manages, or with a key that is none of those allowed. With a key
#   of one's own, access to them can be revoked, logged and separated from access to the registry.
# schemas:
#   - input: schema.container_registry
# related_resources:
#   - ref: https://docs.aws.amazon.com/AmazonECR/latest/userguide/encryption-at-rest.html
#   - ref: https://learn.microsoft.com/azure/container-registry/tutorial-customer-managed-keys
#   - ref: https://cloud.google.com/artifact-registry/docs/cmek
# custom:
#   id: NEPH-REGISTRY-005
#   severity: low
#   kinds: [container.registry]
#   params:
#     key_ids:
#       type: array
#       items: string
#       default: []
#       description: The allowed keys, written as the provider writes them; empty allows every customer's key.
#   remediation: >-
#     The key of a repository cannot be changed: make a new one and copy the images. AWS: create it with KMS encryption
#     and a customer managed key. Azure: enable a customer-managed key when the registry of the Premium tier is made.
#     Google Cloud: create it with a Cloud KMS key.
#   controls:
#     nist-800-53-r5: [SC-12, SC-28, SC-28(1)]
package nephoscope.registry.registry_without_customer_key

deny contains finding if {
	input.resource.attributes.encryption.key_kind == "provider"
	finding := {
		"key": "provider key",
		"path": "/attributes/encryption/key_kind",
		"message": "images are encrypted with a key that the provider manages",
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
		"message": sprintf("images are encrypted with %s, which is none of the allowed keys", [key_id]),
	}
}
