# METADATA
# scope: package
# title: Nodes run as the project's default service account
# description: >-
#   Nodes run as the default service account of Compute Engine, which by default may edit the whole project and is
#   shared with everything else that names no account. Only the nodes' OAuth scopes bound what a pod that gets at
#   their credentials may do.
# schemas:
#   - input: schema.container_cluster
# related_resources:
#   - ref: https://cloud.google.com/kubernetes-engine/docs/how-to/service-accounts
#   - ref: https://cloud.google.com/kubernetes-engine/docs/how-to/hardening-your-cluster
# custom:
#   id: NEPH-CLUSTER-011
#   severity: medium
#   kinds: [container.cluster]
#   remediation: >-
#     Google Cloud: make a service account with the role of the default node service account
#     (roles/container.defaultNodeServiceAccount) and what pulling images needs, and node pools that use it.
#   controls:
#     nist-800-53-r5: [AC-6, IA-9]
package nephoscope.cluster.cluster_nodes_with_default_identity

deny contains finding if {
	some i, pool in input.resource.attributes.node_pools
	pool.default_identity == true
	finding := {
		"key": sprintf("default account of %s", [pool.name]),
		"path": sprintf("/attributes/node_pools/%d/default_identity", [i]),
		"message": sprintf("nodes of %s run as the project's default service account", [pool.name]),
	}
}
