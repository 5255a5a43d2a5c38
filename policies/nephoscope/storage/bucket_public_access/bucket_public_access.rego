# METADATA
# scope: package
# title: Bucket open to the internet
# description: >-
#   A grant lets everyone on the internet, or anybody with an account of that cloud, into the bucket, and no guard of
#   the bucket or its account overrides it. Public buckets are found by scanners within hours.
# schemas:
#   - input: schema.storage_bucket
# related_resources:
#   - ref: https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
#   - ref: https://learn.microsoft.com/azure/storage/blobs/anonymous-read-access-prevent
#   - ref: https://cloud.google.com/storage/docs/public-access-prevention
# custom:
#   id: NEPH-STORAGE-001
#   severity: critical
#   kinds: [storage.bucket]
#   remediation: >-
#     Shut the bucket first, then remove the grant. AWS: turn on all four settings of S3 Block Public Access for the
#     account or the bucket, then delete the ACL grant or policy statement. Azure: set allowBlobPublicAccess to false on
#     the storage account, then set the container's publicAccess to None. Google Cloud: enforce public access prevention
#     on the bucket, then remove allUsers and allAuthenticatedUsers from its IAM policy and ACL. To publish on purpose,
#     put a content delivery network before a private bucket.
#   controls:
#     ccc: [CCC.Core.CN05]
#     cis-aws-3.0: ["2.1.4"]
#     cis-azure-2.1: ["3.17"]
#     cis-gcp-3.0: ["5.1"]
#     nist-800-53-r5: [AC-3, AC-6, SC-7]
package nephoscope.storage.bucket_public_access

# A grant's place in the list changes, so it is told apart by what it says.
deny contains finding if {
	some i, grant in input.resource.attributes.public_access.grants
	grant.effective == true
	principal := object.get(grant, "principal", "?")
	access := object.get(grant, "access", "?")
	via := object.get(grant, "via", "?")
	name := object.get(grant, "name", "?")
	finding := {
		"key": sprintf("%s %s %s %s", [principal, access, via, name]),
		"path": sprintf("/attributes/public_access/grants/%d", [i]),
		"message": sprintf("%s has %s access by %s %s", [
			object.get(_who, principal, principal),
			access,
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
	"acl": "ACL grant",
	"container": "container",
	"iam": "IAM role",
	"policy": "bucket policy statement",
}
