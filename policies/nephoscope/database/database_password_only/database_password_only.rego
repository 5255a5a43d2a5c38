# METADATA
# scope: package
# title: Database with passwords as the only way to sign in
# description: >-
#   Neither identities of the cloud nor those of a joined directory can sign in. Programs and people share passwords
#   of the database then, which have no second factor, no central end and no short life.
# schemas:
#   - input: schema.database_sql
# related_resources:
#   - ref: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.IAMDBAuth.html
#   - ref: https://learn.microsoft.com/azure/azure-sql/database/authentication-aad-overview
#   - ref: https://cloud.google.com/sql/docs/mysql/iam-authentication
# custom:
#   id: NEPH-DATABASE-009
#   severity: medium
#   kinds: [database.sql]
#   remediation: >-
#     AWS: enable IAM database authentication, or join a directory, and grant its users. Azure: set an administrator
#     from Entra ID, then turn password sign-in off. Google Cloud: set the flag cloudsql.iam_authentication
#     (PostgreSQL) or cloudsql_iam_authentication (MySQL), or join SQL Server to a managed directory.
#   controls:
#     cis-azure-2.1: ["4.1.4"]
#     nist-800-53-r5: [AC-2(1), IA-2, IA-5]
package nephoscope.database.database_password_only

deny contains finding if {
	input.resource.attributes.sign_in.identities == false
	finding := {
		"path": "/attributes/sign_in/identities",
		"message": "only passwords of the database open it",
	}
}
