# METADATA
# scope: package
# title: Database open to the internet
# description: >-
#   The public endpoint lets in at least a sixteenth of the internet's addresses, or every address of Azure, those of
#   other customers too. Only a password stands before the data. Of RDS the security groups decide: where the
#   endpoint is public and one of them was not read, the outcome is unknown.
# schemas:
#   - input: schema.database_sql
# related_resources:
#   - ref: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Overview.RDSSecurityGroups.html
#   - ref: https://learn.microsoft.com/azure/azure-sql/database/firewall-configure
#   - ref: https://cloud.google.com/sql/docs/mysql/authorize-networks
# custom:
#   id: NEPH-DATABASE-002
#   severity: high
#   kinds: [database.sql]
#   optional: [/attributes/network/azure_services]
#   remediation: >-
#     AWS: turn public access of the instance off, and let its security groups admit only the groups of its clients.
#     Azure: delete the firewall rules that span the internet and the rule from 0.0.0.0 to 0.0.0.0 (allow Azure
#     services); admit virtual networks or private endpoints. Google Cloud: remove such authorized networks, and
#     connect through the Auth Proxy or a private address.
#   controls:
#     ccc: [CCC.Core.CN05]
#     cis-azure-2.1: ["4.1.2"]
#     cis-gcp-3.0: ["6.5"]
#     nist-800-53-r5: [AC-3, SC-7]
package nephoscope.database.database_open_to_internet

deny contains finding if {
	input.resource.attributes.network.open_to_internet == true
	finding := {
		"key": "internet",
		"path": "/attributes/network/open_to_internet",
		"message": "the internet is let in",
	}
}

deny contains finding if {
	input.resource.attributes.network.azure_services == true
	finding := {
		"key": "azure services",
		"path": "/attributes/network/azure_services",
		"message": "every address of Azure is let in, those of other customers too",
	}
}
