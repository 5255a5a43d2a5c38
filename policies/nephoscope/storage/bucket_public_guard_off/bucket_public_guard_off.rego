# METADATA
# scope: package
# title: Bucket without a guard against public access
# description: >-
#   The switch that keeps the public out whatever is granted is off, or shuts only some of the ways. The bucket may be
#   private today; one ACL, policy statement or binding makes it public.
# schemas:
#   - input: schema.storage_bucket
# related_resources:
#   - ref: https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
#   - ref: https://learn.microsoft.com/azure/storage/blobs/anonymous-read-access-prevent
#   - ref: https://cloud.google.com/storage/docs/public-access-prevention
# custom:
#   id: NEPH-STORAGE-002
#   severity: medium
#   kinds: [storage.bucket]
#   remediation: >-
#     AWS: turn on all four settings of S3 Block Public Access, best for the whole account. Azure: set
#     allowBlobPublicAccess to false on the storage account. Google Cloud: set public access prevention of the bucket to
#     enforced, or enforce the organization policy constraints/storage.publicAccessPrevention.
#   controls:
#     ccc: [CCC.Core.CN05]
#     cis-aws-3.0: ["2.1.4"]
#     cis-azure-2.1: ["3.17"]
#     nist-800-53-r5: [AC-3, SC-7]
package nephoscope.storage.bucket_public_guard_off

# The key tells the two apart, so that a guard that is taken down further is a new finding.
deny contains finding if {
	input.resource.attributes.public_access.guard == "off"
	finding := {
		"key": "off",
		"path": "/attributes/public_access/guard",
		"message": "no setting keeps the public out",
	}
}

deny contains finding if {
	input.resource.attributes.public_access.guard == "partial"
	finding := {
		"key": "partial",
		"path": "/attributes/public_access/guard",
		"message": "only some of the settings that keep the public out are on",
	}
}
