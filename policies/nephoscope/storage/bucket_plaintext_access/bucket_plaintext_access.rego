# METADATA
# scope: package
# title: Bucket reachable without encryption in transit
# description: >-
#   Requests over plain HTTP are accepted, so that objects and signatures can be read and changed on the way. Of Cloud
#   Storage the outcome is unknown: its XML API accepts plain HTTP unless the organization policy constraint
#   storage.secureHttpTransport is enforced, which the inputs do not hold.
# schemas:
#   - input: schema.storage_bucket
# related_resources:
#   - ref: https://docs.aws.amazon.com/AmazonS3/latest/userguide/security-best-practices.html
#   - ref: https://learn.microsoft.com/azure/storage/common/storage-require-secure-transfer
#   - ref: https://cloud.google.com/storage/docs/request-endpoints
#   - ref: https://cloud.google.com/storage/docs/org-policy-constraints
# custom:
#   id: NEPH-STORAGE-003
#   severity: medium
#   kinds: [storage.bucket]
#   remediation: >-
#     AWS: add a bucket policy statement that denies s3:* on the bucket and its objects to every principal when
#     aws:SecureTransport is false. Azure: set supportsHttpsTrafficOnly (secure transfer required) to true on the
#     storage account. Google Cloud: enforce the organization policy constraint storage.secureHttpTransport.
#   controls:
#     ccc: [CCC.Core.CN01]
#     cis-aws-3.0: ["2.1.1"]
#     cis-azure-2.1: ["3.1"]
#     nist-800-53-r5: [SC-8, SC-8(1)]
package nephoscope.storage.bucket_plaintext_access

deny contains finding if {
	input.resource.attributes.tls.required == false
	finding := {
		"path": "/attributes/tls/required",
		"message": "requests over plain HTTP are accepted",
	}
}
