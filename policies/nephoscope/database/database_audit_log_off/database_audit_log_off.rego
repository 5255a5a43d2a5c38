# METADATA
# scope: package
# title: Database without an audit log
# description: >-
#   Who did what in the database is not logged outside of it, so that an attack is neither seen nor reconstructed.
#   Where parameters or option groups decide (PostgreSQL's pgaudit and SQL Server on RDS, flexible servers), the
#   documents do not tell and the outcome is unknown.
# schemas:
#   - input: schema.database_sql
# related_resources:
#   - ref: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_LogAccess.Procedural.UploadtoCloudWatch.html
#   - ref: https://learn.microsoft.com/azure/azure-sql/database/auditing-overview
#   - ref: https://cloud.google.com/sql/docs/postgres/pg-audit
# custom:
#   id: NEPH-DATABASE-010
#   severity: medium
#   kinds: [database.sql]
#   remediation: >-
#     AWS: turn the audit plugin or extension on in the option or parameter group, and export its log to CloudWatch
#     Logs, or start a database activity stream. Azure: enable auditing of the server to a workspace or storage
#     account. Google Cloud: set the flag cloudsql.enable_pgaudit (PostgreSQL) or cloudsql_mysql_audit (MySQL) with
#     rules, or the audit bucket of SQL Server.
#   controls:
#     cis-azure-2.1: ["4.1.1"]
#     nist-800-53-r5: [AU-2, AU-12]
package nephoscope.database.database_audit_log_off

deny contains finding if {
	input.resource.attributes.audit.enabled == false
	finding := {
		"path": "/attributes/audit/enabled",
		"message": "no audit log leaves the database",
	}
}
