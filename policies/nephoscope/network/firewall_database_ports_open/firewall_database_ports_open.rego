# METADATA
# scope: package
# title: Database port open to the internet
# description: >-
#   Everyone on the internet can connect to the port of a database or cache. Many of them were made for trusted
#   networks: without a password by default, and emptied for ransom soon after they are found.
# schemas:
#   - input: schema.network_firewall
# related_resources:
#   - ref: https://docs.aws.amazon.com/vpc/latest/userguide/vpc-security-groups.html
#   - ref: https://learn.microsoft.com/azure/security/fundamentals/network-best-practices
#   - ref: https://cloud.google.com/firewall/docs/firewalls
#   - ref: https://www.iana.org/assignments/service-names-port-numbers/
# custom:
#   id: NEPH-NETWORK-002
#   severity: high
#   kinds: [network.firewall]
#   params:
#     ports:
#       type: array
#       items: number
#       # IANA service names: 1433 ms-sql-s, 1521 (Oracle listener, by Oracle's Net Services documentation), 3306 mysql,
#       # 5432 postgresql, 5984 couchdb, 6379 redis, 9042 (Cassandra native protocol, by its cassandra.yaml), 9200 and
#       # 9300 (Elasticsearch and OpenSearch, by their network settings), 11211 memcache, 27017 (MongoDB), 27018 and
#       # 27019 (its shards and configuration servers, by MongoDB's page "Default MongoDB Port").
#       default: [1433, 1521, 3306, 5432, 5984, 6379, 9042, 9200, 9300, 11211, 27017, 27018, 27019]
#       description: Ports of databases and caches.
#     protocols:
#       type: array
#       items: string
#       default: [tcp]
#       description: Protocols in which these ports count; add udp for memcached over UDP.
#   remediation: >-
#     Keep the database in a private network and let in only the servers that use it: a security group as the source in
#     AWS, an application security group or subnet in Azure, a source tag or service account in Google Cloud. For people
#     use a VPN or the provider's proxy. Take 0.0.0.0/0, ::/0, *, Any and Internet out of the rule.
#   controls:
#     ccc: [CCC.Core.CN05]
#     nist-800-53-r5: [AC-3, SC-7, SC-7(5)]
package nephoscope.network.firewall_database_ports_open

# The ranges of one protocol and address family do not overlap, so each port is found once for each of them.
deny contains finding if {
	some i, exposure in input.resource.attributes.open_to_internet
	some protocol in input.params.protocols
	exposure.protocol == protocol
	some port in input.params.ports
	from := exposure.from
	to := exposure.to
	port >= from
	port <= to
	peer := object.get(exposure, "peer", "?")
	finding := {
		"key": sprintf("ingress %s/%d %s", [protocol, port, peer]),
		"path": sprintf("/attributes/open_to_internet/%d", [i]),
		"message": sprintf("database port %s/%d%s is open to %s", [protocol, port, _service(port), peer]),
	}
}

_service(port) := object.get(_services, sprintf("%d", [port]), "")

_services := {
	"1433": " (SQL Server)",
	"1521": " (Oracle)",
	"3306": " (MySQL)",
	"5432": " (PostgreSQL)",
	"5984": " (CouchDB)",
	"6379": " (Redis)",
	"9042": " (Cassandra)",
	"9200": " (Elasticsearch)",
	"9300": " (Elasticsearch)",
	"11211": " (memcached)",
	"27017": " (MongoDB)",
	"27018": " (MongoDB)",
	"27019": " (MongoDB)",
}
