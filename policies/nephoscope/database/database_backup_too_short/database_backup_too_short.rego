# METADATA
# scope: package
# title: Database whose backups are kept too short
# description: >-
#   Automatic backups are kept for fewer days than asked for: a mistake or an attack that is noticed later has left no
#   backup from before. Of Azure SQL each database says for how long, so that the outcome is unknown for a server of
#   which not all were read. Where no backups are made it is NEPH-DATABASE-006 that says so.
# schemas:
#   - input: schema.database_sql
# related_resources:
#   - ref: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_WorkingWithAutomatedBackups.BackupRetention.html
#   - ref: https://learn.microsoft.com/azure/azure-sql/database/automated-backups-change-settings
#   - ref: https://cloud.google.com/sql/docs/mysql/backup-recovery/backups
# custom:
#   id: NEPH-DATABASE-012
#   severity: low
#   kinds: [database.sql]
#   params:
#     min_days:
#       type: number
#       default: 7
#       description: Backups kept for fewer days than this are too few.
#   remediation: >-
#     AWS: set the backup retention period of the instance or cluster. Azure: set the retention of the flexible
#     server's backups, or the short-term retention policy of each database. Google Cloud: set how many automated
#     backups are retained; one is made each day.
#   controls:
#     nist-800-53-r5: [CP-9, CP-10]
package nephoscope.database.database_backup_too_short

deny contains finding if {
	min_days := input.params.min_days
	input.resource.attributes.backup.enabled == true
	days := input.resource.attributes.backup.days
	days < min_days
	finding := {
		"path": "/attributes/backup/days",
		"message": sprintf("backups are kept for %d days, fewer than %d", [days, min_days]),
	}
}
