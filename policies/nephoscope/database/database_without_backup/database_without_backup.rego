# METADATA
# scope: package
# title: Database without automatic backups
# description: >-
#   No automatic backups are made. One mistake or one thief with write access then loses the data for good. Azure
#   always makes them. Whether they are kept for long enough NEPH-DATABASE-012 says.
# schemas:
#   - input: schema.database_sql
# related_resources:
#   - ref: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_WorkingWithAutomatedBackups.html
#   - ref: https://learn.microsoft.com/azure/azure-sql/database/automated-backups-overview
#   - ref: https://cloud.google.com/sql/docs/mysql/backup-recovery/backups
# custom:
#   id: NEPH-DATABASE-006
#   severity: low
#   kinds: [database.sql]
#   remediation: >-
#     AWS: set the backup retention period of the instance or cluster to at least a day. Azure: nothing, backups cannot
#     be off. Google Cloud: enable automated backups.
#   controls:
#     cis-gcp-3.0: ["6.7"]
#     nist-800-53-r5: [CP-9, CP-10]
package nephoscope.database.database_without_backup

deny contains finding if {
	input.resource.attributes.backup.enabled == false
	finding := {
		"key": "none",
		"path": "/attributes/backup/enabled",
		"message": "no automatic backups are made",
	}
}
