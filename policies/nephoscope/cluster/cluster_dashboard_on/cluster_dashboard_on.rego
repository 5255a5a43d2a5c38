# METADATA
# scope: package
# title: Kubernetes dashboard on
# description: >-
#   The provider's add-on of the Kubernetes dashboard is on: a web page with wide rights in the cluster, long out of
#   support, which attackers look for and which the provider's own console has replaced.
# schemas:
#   - input: schema.container_cluster
# related_resources:
#   - ref: https://learn.microsoft.com/azure/aks/kubernetes-portal
#   - ref: https://cloud.google.com/kubernetes-engine/docs/concepts/dashboards
# custom:
#   id: NEPH-CLUSTER-013
#   severity: medium
#   kinds: [container.cluster]
#   remediation: >-
#     Turn off the add-on (Azure: kubeDashboard; Google Cloud: kubernetesDashboard) and use the provider's console or
#     kubectl.
#   controls:
#     nist-800-53-r5: [AC-6, CM-7]
package nephoscope.cluster.cluster_dashboard_on

deny contains finding if {
	input.resource.attributes.dashboard == true
	finding := {
		"key": "dashboard",
		"path": "/attributes/dashboard",
		"message": "the add-on of the Kubernetes dashboard is on",
	}
}
