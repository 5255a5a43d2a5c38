# METADATA
# scope: package
# title: Network policies not enforced
# description: >-
#   Nothing enforces network policies in the cluster, so that every pod reaches every other and a foothold in one is a
#   foothold before all. In AWS it is an add-on that the cluster does not show.
# schemas:
#   - input: schema.container_cluster
# related_resources:
#   - ref: https://learn.microsoft.com/azure/aks/use-network-policies
#   - ref: https://cloud.google.com/kubernetes-engine/docs/how-to/network-policy
#   - ref: https://cloud.google.com/kubernetes-engine/docs/concepts/dataplane-v2
# custom:
#   id: NEPH-CLUSTER-005
#   severity: medium
#   kinds: [container.cluster]
#   remediation: >-
#     Azure: choose Cilium, Azure or Calico as the network policy engine. Google Cloud: use Dataplane V2, or turn on
#     network policy enforcement. Then deny by default in each namespace and allow what is needed.
#   controls:
#     nist-800-53-r5: [AC-4, SC-7, SC-7(21)]
package nephoscope.cluster.cluster_without_network_policy

deny contains finding if {
	input.resource.attributes.network_policy == false
	finding := {
		"key": "network policy",
		"path": "/attributes/network_policy",
		"message": "network policies between pods are not enforced",
	}
}
