# METADATA
# scope: package
# title: Database without automatic backups
# description: >-
#   No automatic backups are made, or they are kept for fewer days than asked for. One mistake or one thief with write
#   access then loses the data for good. Databases of Azure SQL are always backed up; for how long, each says itself,
#   so that the outcome is unknown for their server.
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
#   params:
#     min_days:
#       type: number
#       default: 7
#       description: Backups kept for fewer days than this are too few.
#   remediation: >-
#     AWS: set the backup retention period of the instance or cluster. Azure: set the retention of the flexible
#     server's backups, or the short-term retention policy of each database. Google Cloud: enable automated backups
#     and set how many are retained; one is made each day.
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

deny contains finding if {
	min_days := input.params.min_days
	input.resource.attributes.backup.enabled == true
	days := input.resource.attributes.backup.days
	days < min_days
	finding := {
		"key": "too short",
		"path": "/attributes/backup/days",
		"message": sprintf("backups are kept for %d days, fewer than %d", [days, min_days]),
	}
}
