# METADATA
# scope: package
# title: Nodes not repaired by the provider
# description: >-
#   Nodes that fail stay until somebody sees it, and the cluster runs with fewer than it was made for.
# schemas:
#   - input: schema.container_cluster
# related_resources:
#   - ref: https://cloud.google.com/kubernetes-engine/docs/how-to/node-auto-repair
# custom:
#   id: NEPH-CLUSTER-016
#   severity: low
#   kinds: [container.cluster]
#   remediation: >-
#     Google Cloud: turn on automatic repair in the management of each node pool.
#   controls:
#     nist-800-53-r5: [CP-10, SI-13]
package nephoscope.cluster.cluster_nodes_without_auto_repair

deny contains finding if {
	some i, pool in input.resource.attributes.node_pools
	pool.auto_repair == false
	finding := {
		"key": sprintf("repair of %s", [pool.name]),
		"path": sprintf("/attributes/node_pools/%d/auto_repair", [i]),
		"message": sprintf("nodes of %s are not repaired by the provider", [pool.name]),
	}
}
