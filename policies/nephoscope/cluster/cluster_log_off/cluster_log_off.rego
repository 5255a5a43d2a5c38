# METADATA
# scope: package
# title: Log of the control plane off
# description: >-
#   The cluster sends no log to the provider's log service, or all but the audit log of the Kubernetes API. Who did
#   what in the cluster cannot be found out afterwards, and an attack goes on unseen. Google Cloud keeps the audit log
#   always; there the logs of the system's components count.
# schemas:
#   - input: schema.container_cluster
# related_resources:
#   - ref: https://docs.aws.amazon.com/eks/latest/userguide/control-plane-logs.html
#   - ref: https://learn.microsoft.com/azure/aks/monitor-aks
#   - ref: https://cloud.google.com/kubernetes-engine/docs/how-to/config-logging-monitoring
# custom:
#   id: NEPH-CLUSTER-003
#   severity: medium
#   kinds: [container.cluster]
#   optional: [/attributes/logs/audit]
#   remediation: >-
#     AWS: enable the control plane log types audit and authenticator at least. Azure: add a diagnostic setting to the
#     cluster with the category kube-audit or kube-audit-admin. Google Cloud: turn on Cloud Logging with the system
#     components, better the API server as well.
#   controls:
#     nist-800-53-r5: [AU-2, AU-12, SI-4]
package nephoscope.cluster.cluster_log_off

deny contains finding if {
	input.resource.attributes.logs.enabled == false
	finding := {
		"key": "no log",
		"path": "/attributes/logs/enabled",
		"message": "the cluster sends no log",
	}
}

deny contains finding if {
	input.resource.attributes.logs.enabled == true
	input.resource.attributes.logs.audit == false
	finding := {
		"key": "no audit log",
		"path": "/attributes/logs/audit",
		"message": "requests to the Kubernetes API are not logged",
	}
}
