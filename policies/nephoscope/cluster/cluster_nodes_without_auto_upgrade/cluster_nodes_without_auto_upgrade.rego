# METADATA
# scope: package
# title: Nodes not upgraded by the provider
# description: >-
#   Nodes stay at the version at which they were made until somebody upgrades them, and so do the flaws of the
#   kubelet, the container runtime and the kernel.
# schemas:
#   - input: schema.container_cluster
# related_resources:
#   - ref: https://learn.microsoft.com/azure/aks/auto-upgrade-cluster
#   - ref: https://cloud.google.com/kubernetes-engine/docs/how-to/node-auto-upgrades
# custom:
#   id: NEPH-CLUSTER-007
#   severity: medium
#   kinds: [container.cluster]
#   remediation: >-
#     Azure: choose an upgrade channel (patch, stable, rapid or node-image) and a maintenance window. Google Cloud:
#     turn on automatic upgrade in the management of each node pool, or enroll the cluster in a release channel.
#   controls:
#     nist-800-53-r5: [SI-2, SI-2(5)]
package nephoscope.cluster.cluster_nodes_without_auto_upgrade

deny contains finding if {
	some i, pool in input.resource.attributes.node_pools
	pool.auto_upgrade == false
	finding := {
		"key": sprintf("upgrade of %s", [pool.name]),
		"path": sprintf("/attributes/node_pools/%d/auto_upgrade", [i]),
		"message": sprintf("nodes of %s are not upgraded by the provider", [pool.name]),
	}
}
