# METADATA
# scope: package
# title: Database that can be deleted at once
# description: >-
#   Nothing refuses to delete the database: one wrong command or one broken program is enough. Azure has no such
#   setting of a database server, only locks of resources, which are not read.
# schemas:
#   - input: schema.database_sql
# related_resources:
#   - ref: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_DeleteInstance.html
#   - ref: https://cloud.google.com/sql/docs/mysql/deletion-protection
# custom:
#   id: NEPH-DATABASE-007
#   severity: low
#   kinds: [database.sql]
#   remediation: >-
#     AWS: enable deletion protection of the instance, or of the cluster it belongs to. Google Cloud: set
#     deletionProtectionEnabled of the instance.
#   controls:
#     nist-800-53-r5: [SC-5(2), SI-13(5)]
package nephoscope.database.database_deletion_protection_off

deny contains finding if {
	input.resource.attributes.deletion_protection == false
	finding := {
		"path": "/attributes/deletion_protection",
		"message": "nothing refuses to delete it",
	}
}
