# METADATA
# scope: package
# title: Nodes with public addresses
# description: >-
#   Nodes of the cluster have public addresses, so that nothing but firewall rules stands between the internet and the
#   kubelet, the ports of nodes and whatever a pod binds to its host.
# schemas:
#   - input: schema.container_cluster
# related_resources:
#   - ref: https://learn.microsoft.com/azure/aks/use-node-public-ips
#   - ref: https://cloud.google.com/kubernetes-engine/docs/how-to/private-clusters
# custom:
#   id: NEPH-CLUSTER-009
#   severity: medium
#   kinds: [container.cluster]
#   remediation: >-
#     Azure: make a node pool without public addresses of nodes, move the workloads and delete the old pool. Google
#     Cloud: turn on private nodes of the cluster or node pool, and give it Cloud NAT.
#   controls:
#     nist-800-53-r5: [AC-4, SC-7]
package nephoscope.cluster.cluster_nodes_public

deny contains finding if {
	some i, pool in input.resource.attributes.node_pools
	pool.public_addresses == true
	finding := {
		"key": sprintf("public addresses of %s", [pool.name]),
		"path": sprintf("/attributes/node_pools/%d/public_addresses", [i]),
		"message": sprintf("nodes of %s have public addresses", [pool.name]),
	}
}
