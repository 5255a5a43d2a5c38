# METADATA
# scope: package
# title: Secrets of a cluster not encrypted with a key of one's own
# description: >-
#   Kubernetes secrets are protected by nothing but the provider's encryption of its disks. With envelope encryption
#   by a key of one's own, who reads the database of the control plane or its backup reads no secret, and access can
#   be logged and revoked.
# schemas:
#   - input: schema.container_cluster
# related_resources:
#   - ref: https://docs.aws.amazon.com/eks/latest/userguide/envelope-encryption.html
#   - ref: https://learn.microsoft.com/azure/aks/use-kms-etcd-encryption
#   - ref: https://cloud.google.com/kubernetes-engine/docs/how-to/encrypting-secrets
# custom:
#   id: NEPH-CLUSTER-002
#   severity: medium
#   kinds: [container.cluster]
#   remediation: >-
#     AWS: associate an encryption configuration with a customer managed key for secrets. Azure: turn on key
#     management service encryption of etcd with a key of a key vault. Google Cloud: turn on application-layer secrets
#     encryption with a Cloud KMS key. Then write existing secrets again, so that they are encrypted.
#   controls:
#     nist-800-53-r5: [SC-12, SC-28, SC-28(1)]
package nephoscope.cluster.cluster_secrets_without_customer_key

deny contains finding if {
	input.resource.attributes.secrets_encryption.key_kind == "provider"
	finding := {
		"key": "provider key",
		"path": "/attributes/secrets_encryption/key_kind",
		"message": "secrets are encrypted with a key that the provider manages",
	}
}
