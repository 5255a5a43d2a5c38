# METADATA
# scope: package
# title: Database in a single zone
# description: >-
#   No standby in another zone takes over when the zone of the database fails. Of Azure SQL each database says so
#   itself: one in a single zone is enough, and the outcome is unknown for a server of which not all databases were
#   read.
# schemas:
#   - input: schema.database_sql
# related_resources:
#   - ref: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Concepts.MultiAZ.html
#   - ref: https://learn.microsoft.com/azure/reliability/reliability-azure-database-postgresql
#   - ref: https://cloud.google.com/sql/docs/mysql/high-availability
# custom:
#   id: NEPH-DATABASE-008
#   severity: low
#   kinds: [database.sql]
#   remediation: >-
#     AWS: make the instance a Multi-AZ deployment, or give the cluster an instance in a second zone. Azure: set the
#     high availability mode of the flexible server to ZoneRedundant, or make each database zone redundant. Google
#     Cloud: set availabilityType to REGIONAL.
#   controls:
#     nist-800-53-r5: [CP-10, SC-36]
package nephoscope.database.database_single_zone

deny contains finding if {
	input.resource.attributes.multi_zone == false
	finding := {
		"path": "/attributes/multi_zone",
		"message": "no standby in another zone takes over",
	}
}
