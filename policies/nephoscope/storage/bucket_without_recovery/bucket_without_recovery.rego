# METADATA
# scope: package
# title: Bucket whose deleted objects are lost
# description: >-
#   Neither older versions nor deleted objects are kept, or deleted objects are kept for fewer days than asked for. One
#   mistake, one broken program or one thief with write access deletes the data for good.
# schemas:
#   - input: schema.storage_bucket
# related_resources:
#   - ref: https://docs.aws.amazon.com/AmazonS3/latest/userguide/Versioning.html
#   - ref: https://learn.microsoft.com/azure/storage/blobs/soft-delete-blob-overview
#   - ref: https://cloud.google.com/storage/docs/soft-delete
# custom:
#   id: NEPH-STORAGE-005
#   severity: medium
#   kinds: [storage.bucket]
#   params:
#     min_days:
#       type: number
#       default: 0
#       description: >-
#         Soft delete for fewer days than this counts as too short where versions are not kept; 0 accepts any.
#   remediation: >-
#     AWS: enable versioning of the bucket, with a lifecycle rule that expires noncurrent versions. Azure: enable soft
#     delete of blobs, and versioning, in the blob service of the storage account. Google Cloud: enable object
#     versioning, or set a soft delete policy of at least seven days.
#   controls:
#     ccc: [CCC.ObjStor.CN05]
#     cis-azure-2.1: ["3.11"]
#     nist-800-53-r5: [CP-9, CP-10]
package nephoscope.storage.bucket_without_recovery

deny contains finding if {
	input.resource.attributes.versioning.enabled == false
	input.resource.attributes.soft_delete.enabled == false
	finding := {
		"path": "/attributes/versioning/enabled",
		"message": "neither older versions nor deleted objects are kept",
	}
}

deny contains finding if {
	min_days := input.params.min_days
	input.resource.attributes.versioning.enabled == false
	input.resource.attributes.soft_delete.enabled == true
	days := input.resource.attributes.soft_delete.days
	days < min_days
	finding := {
		"path": "/attributes/soft_delete/days",
		"message": sprintf(
			"deleted objects are kept for %d days, fewer than %d, and older versions not at all",
			[days, min_days],
		),
	}
}
