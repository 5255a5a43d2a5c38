# METADATA
# scope: package
# title: Nodes without secure boot or integrity monitoring
# description: >-
#   Nodes may boot software that nobody signed, or what they boot is not measured, or they join the cluster without
#   proof of what they are. A rootkit, or a stranger with the credentials of a new node, goes unnoticed.
# schemas:
#   - input: schema.container_cluster
# related_resources:
#   - ref: https://learn.microsoft.com/azure/aks/use-trusted-launch
#   - ref: https://cloud.google.com/kubernetes-engine/docs/how-to/shielded-gke-nodes
# custom:
#   id: NEPH-CLUSTER-010
#   severity: medium
#   kinds: [container.cluster]
#   optional: [/attributes/shielded_nodes]
#   remediation: >-
#     Azure: make node pools with trusted launch: secure boot and virtual TPM. Google Cloud: turn on shielded nodes of
#     the cluster, and secure boot and integrity monitoring of each node pool.
#   controls:
#     nist-800-53-r5: [SI-7, SI-7(9)]
package nephoscope.cluster.cluster_nodes_not_shielded

deny contains finding if {
	input.resource.attributes.shielded_nodes == false
	finding := {
		"key": "shielded nodes",
		"path": "/attributes/shielded_nodes",
		"message": "nodes join the cluster without proof of what they are",
	}
}

deny contains finding if {
	some i, pool in input.resource.attributes.node_pools
	pool.secure_boot == false
	finding := {
		"key": sprintf("secure boot of %s", [pool.name]),
		"path": sprintf("/attributes/node_pools/%d/secure_boot", [i]),
		"message": sprintf("nodes of %s boot unsigned software", [pool.name]),
	}
}

deny contains finding if {
	some i, pool in input.resource.attributes.node_pools
	pool.integrity_monitoring == false
	finding := {
		"key": sprintf("integrity monitoring of %s", [pool.name]),
		"path": sprintf("/attributes/node_pools/%d/integrity_monitoring", [i]),
		"message": sprintf("what nodes of %s boot is not measured", [pool.name]),
	}
}
