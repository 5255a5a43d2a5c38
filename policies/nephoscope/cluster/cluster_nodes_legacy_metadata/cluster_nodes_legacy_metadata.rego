# METADATA
# scope: package
# title: Metadata server answers its old versions
# description: >-
#   Nodes do not say that the old versions of the metadata server are refused. These answer without the header that
#   keeps a request forged through a web application from reading the nodes' credentials.
# schemas:
#   - input: schema.container_cluster
# related_resources:
#   - ref: https://cloud.google.com/kubernetes-engine/docs/how-to/protecting-cluster-metadata
# custom:
#   id: NEPH-CLUSTER-015
#   severity: medium
#   kinds: [container.cluster]
#   remediation: >-
#     Google Cloud: make node pools with the metadata disable-legacy-endpoints=true, which is the default, and move
#     the workloads.
#   controls:
#     nist-800-53-r5: [CM-7, SC-7]
package nephoscope.cluster.cluster_nodes_legacy_metadata

deny contains finding if {
	some i, pool in input.resource.attributes.node_pools
	pool.legacy_metadata == true
	finding := {
		"key": sprintf("legacy metadata of %s", [pool.name]),
		"path": sprintf("/attributes/node_pools/%d/legacy_metadata", [i]),
		"message": sprintf("nodes of %s do not refuse old versions of the metadata server", [pool.name]),
	}
}
