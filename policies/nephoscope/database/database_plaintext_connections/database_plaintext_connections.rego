# METADATA
# scope: package
# title: Database that accepts connections without current TLS
# description: >-
#   Connections without TLS are accepted, or with versions of it that are too old, so that passwords and data can be
#   read and changed on the way. Of RDS and of flexible servers only parameters decide, which their documents do not
#   hold: the outcome is unknown.
# schemas:
#   - input: schema.database_sql
# related_resources:
#   - ref: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.SSL.html
#   - ref: https://learn.microsoft.com/azure/azure-sql/database/connectivity-settings
#   - ref: https://cloud.google.com/sql/docs/mysql/configure-ssl-instance
# custom:
#   id: NEPH-DATABASE-003
#   severity: medium
#   kinds: [database.sql]
#   optional: [/attributes/tls/min_version]
#   params:
#     min_version:
#       type: string
#       default: TLS1_2
#       description: The oldest version of TLS that is allowed, as in TLS1_2.
#   remediation: >-
#     AWS: set rds.force_ssl (PostgreSQL, SQL Server) or require_secure_transport (MySQL, MariaDB) in the parameter
#     group. Azure: set minimalTlsVersion of the server to 1.2 or above, of a flexible server the parameters
#     require_secure_transport and ssl_min_protocol_version. Google Cloud: set sslMode to ENCRYPTED_ONLY or
#     TRUSTED_CLIENT_CERTIFICATE_REQUIRED.
#   controls:
#     ccc: [CCC.Core.CN01]
#     cis-gcp-3.0: ["6.4"]
#     nist-800-53-r5: [SC-8, SC-8(1)]
package nephoscope.database.database_plaintext_connections

_order := {"TLS1_0": 0, "TLS1_1": 1, "TLS1_2": 2, "TLS1_3": 3}

deny contains finding if {
	input.resource.attributes.tls.required == false
	finding := {
		"key": "plaintext",
		"path": "/attributes/tls/required",
		"message": "connections without TLS are accepted",
	}
}

deny contains finding if {
	least := input.params.min_version
	version := input.resource.attributes.tls.min_version
	_order[version] < _order[least]
	finding := {
		"key": "old version",
		"path": "/attributes/tls/min_version",
		"message": sprintf("%s is accepted, which is older than %s", [version, least]),
	}
}
