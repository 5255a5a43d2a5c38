# METADATA
# scope: package
# title: Metrics of the cluster off
# description: >-
#   The cluster sends no metrics of its system's components, so that neither a failing node nor one that mines for
#   somebody else is noticed.
# schemas:
#   - input: schema.container_cluster
# related_resources:
#   - ref: https://cloud.google.com/kubernetes-engine/docs/how-to/config-logging-monitoring
# custom:
#   id: NEPH-CLUSTER-017
#   severity: low
#   kinds: [container.cluster]
#   remediation: >-
#     Google Cloud: turn on Cloud Monitoring of the cluster with the system components at least.
#   controls:
#     nist-800-53-r5: [AU-6, SI-4]
package nephoscope.cluster.cluster_metrics_off

deny contains finding if {
	input.resource.attributes.logs.metrics == false
	finding := {
		"key": "metrics",
		"path": "/attributes/logs/metrics",
		"message": "metrics of the system's components are not kept",
	}
}
