# METADATA
# scope: package
# title: Workloads without identities of their own
# description: >-
#   Workloads cannot have identities of the cloud of their own, or pods of a node pool reach the node's metadata and
#   with it the node's credentials. Whoever gets into one pod has the rights that all of them need together.
# schemas:
#   - input: schema.container_cluster
# related_resources:
#   - ref: https://learn.microsoft.com/azure/aks/workload-identity-overview
#   - ref: https://cloud.google.com/kubernetes-engine/docs/how-to/workload-identity
#   - ref: https://cloud.google.com/kubernetes-engine/docs/concepts/workload-identity
# custom:
#   id: NEPH-CLUSTER-006
#   severity: medium
#   kinds: [container.cluster]
#   optional: [/attributes/node_pools]
#   remediation: >-
#     Azure: turn on the OIDC issuer and workload identity, then federate a managed identity with each service
#     account. Google Cloud: set the workload pool of the cluster and the metadata mode GKE_METADATA of each node
#     pool.
#   controls:
#     nist-800-53-r5: [AC-6, IA-5, IA-9]
package nephoscope.cluster.cluster_without_workload_identity

deny contains finding if {
	input.resource.attributes.workload_identity == false
	finding := {
		"key": "workload identity",
		"path": "/attributes/workload_identity",
		"message": "workloads have no identities of the cloud of their own",
	}
}

deny contains finding if {
	input.resource.attributes.workload_identity == true
	some i, pool in input.resource.attributes.node_pools
	pool.node_metadata == true
	finding := {
		"key": sprintf("node metadata of %s", [pool.name]),
		"path": sprintf("/attributes/node_pools/%d/node_metadata", [i]),
		"message": sprintf("pods of %s reach the metadata and credentials of their node", [pool.name]),
	}
}
