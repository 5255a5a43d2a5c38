# METADATA
# scope: package
# title: Bucket without an access log
# description: >-
#   Requests for objects are not logged, so that after a leak nobody can say which objects were read, by whom and from
#   where.
# schemas:
#   - input: schema.storage_bucket
# related_resources:
#   - ref: https://docs.aws.amazon.com/AmazonS3/latest/userguide/ServerLogs.html
#   - ref: https://learn.microsoft.com/azure/storage/blobs/monitor-blob-storage
#   - ref: https://cloud.google.com/storage/docs/access-logs
# custom:
#   id: NEPH-STORAGE-006
#   severity: low
#   kinds: [storage.bucket]
#   params:
#     exempt:
#       type: array
#       items: string
#       default: []
#       description: Names of buckets that need no log, as globs; those that hold the logs, for example.
#   remediation: >-
#     AWS: turn on server access logging of the bucket, or data events of a CloudTrail trail. Azure: a diagnostic setting
#     on the blob service with the categories StorageRead, StorageWrite and StorageDelete. Google Cloud: turn on data
#     access audit logs for Cloud Storage, or usage logs of the bucket.
#   controls:
#     ccc: [CCC.Core.CN04]
#     nist-800-53-r5: [AU-2, AU-12]
package nephoscope.storage.bucket_without_access_log

deny contains finding if {
	input.resource.attributes.logging.enabled == false
	exempt := input.params.exempt
	name := input.resource.name
	not _matches(exempt, name)
	finding := {
		"path": "/attributes/logging/enabled",
		"message": "requests are not logged",
	}
}

_matches(globs, text) if {
	some pattern in globs
	glob.match(pattern, [], text)
}
