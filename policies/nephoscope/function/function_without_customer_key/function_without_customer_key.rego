# METADATA
# scope: package
# title: Function not encrypted with a key of one's own
# description: >-
#   Environment variables (AWS), or code and images (Google Cloud), are encrypted with a key that the provider
#   manages. With a key of one's own, access to them can be revoked, logged and separated from access to the function.
# schemas:
#   - input: schema.compute_function
# related_resources:
#   - ref: https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars-encryption.html
#   - ref: https://cloud.google.com/functions/docs/securing/cmek
#   - ref: https://cloud.google.com/run/docs/securing/using-cmek
# custom:
#   id: NEPH-FUNCTION-004
#   severity: low
#   kinds: [compute.function]
#   remediation: >-
#     AWS: set the KMS key of the function to a customer managed key; keep secrets in Secrets Manager all the same.
#     Google Cloud: set a Cloud KMS key of the function or service and deploy again.
#   controls:
#     nist-800-53-r5: [SC-12, SC-28, SC-28(1)]
package nephoscope.function.function_without_customer_key

deny contains finding if {
	input.resource.attributes.encryption.key_kind == "provider"
	finding := {
		"key": "provider key",
		"path": "/attributes/encryption/key_kind",
		"message": "the function is encrypted with a key that the provider manages",
	}
}
