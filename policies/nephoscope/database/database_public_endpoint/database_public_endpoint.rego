# METADATA
# scope: package
# title: Database with a public endpoint
# description: >-
#   The server can be addressed from outside of private networks. Whoever is let in there, one wrong rule of a
#   firewall or security group opens it, and every flaw of its sign-in is there to be tried.
# schemas:
#   - input: schema.database_sql
# related_resources:
#   - ref: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_VPC.WorkingWithRDSInstanceinaVPC.html
#   - ref: https://learn.microsoft.com/azure/azure-sql/database/connectivity-settings
#   - ref: https://cloud.google.com/sql/docs/mysql/configure-private-ip
# custom:
#   id: NEPH-DATABASE-001
#   severity: medium
#   kinds: [database.sql]
#   remediation: >-
#     AWS: set the instance to not publicly accessible, and place it in private subnets. Azure: set
#     publicNetworkAccess to Disabled and use private endpoints, or for a flexible server a subnet of its own. Google
#     Cloud: give the instance a private address, then turn its public one (ipv4Enabled) off.
#   controls:
#     ccc: [CCC.Core.CN05]
#     cis-aws-3.0: ["2.3.3"]
#     cis-gcp-3.0: ["6.6"]
#     nist-800-53-r5: [AC-3, SC-7]
package nephoscope.database.database_public_endpoint

deny contains finding if {
	input.resource.attributes.network.public_endpoint == true
	finding := {
		"path": "/attributes/network/public_endpoint",
		"message": "it can be addressed from outside of private networks",
	}
}
