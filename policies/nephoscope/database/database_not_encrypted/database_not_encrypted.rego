# METADATA
# scope: package
# title: Database not encrypted at rest
# description: >-
#   The disks, snapshots and backups hold the data as it is. It can be off for RDS alone; flexible servers and Cloud
#   SQL always encrypt. Of Azure SQL each database says so itself: one that does not is enough, and the outcome is
#   unknown for a server of which not all databases were read.
# schemas:
#   - input: schema.database_sql
# related_resources:
#   - ref: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Overview.Encryption.html
#   - ref: https://learn.microsoft.com/azure/azure-sql/database/transparent-data-encryption-tde-overview
#   - ref: https://cloud.google.com/sql/docs/mysql/cmek
# custom:
#   id: NEPH-DATABASE-004
#   severity: medium
#   kinds: [database.sql]
#   remediation: >-
#     AWS: encryption is chosen when an instance is made: copy a snapshot with encryption and restore from the copy.
#     Azure: turn transparent data encryption on in each database. Google Cloud: nothing, it cannot be off.
#   controls:
#     cis-aws-3.0: ["2.3.1"]
#     nist-800-53-r5: [SC-28, SC-28(1)]
package nephoscope.database.database_not_encrypted

deny contains finding if {
	input.resource.attributes.encryption.enabled == false
	finding := {
		"path": "/attributes/encryption/enabled",
		"message": "the data is not encrypted at rest",
	}
}
