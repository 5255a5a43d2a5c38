# METADATA
# scope: package
# title: Default service account with broad scopes
# description: >-
#   Nodes that run as the project's default service account have OAuth scopes beyond those of logs, metrics and
#   reading images. Whoever gets at their credentials may use that account's roles, by default those of an editor, as
#   far as the scopes reach.
# schemas:
#   - input: schema.container_cluster
# related_resources:
#   - ref: https://cloud.google.com/compute/docs/access/service-accounts
#   - ref: https://cloud.google.com/kubernetes-engine/docs/how-to/access-scopes
# custom:
#   id: NEPH-CLUSTER-012
#   severity: medium
#   kinds: [container.cluster]
#   params:
#     scopes:
#       type: array
#       items: string
#       # The scopes that GKE gives nodes by default. Source: "Access scopes in GKE".
#       default:
#         - https://www.googleapis.com/auth/devstorage.read_only
#         - https://www.googleapis.com/auth/logging.write
#         - https://www.googleapis.com/auth/monitoring
#         - https://www.googleapis.com/auth/monitoring.write
#         - https://www.googleapis.com/auth/service.management.readonly
#         - https://www.googleapis.com/auth/servicecontrol
#         - https://www.googleapis.com/auth/trace.append
#       description: Scopes that nodes with the default service account may have.
#   remediation: >-
#     Google Cloud: give the nodes a service account of their own with few roles; until then leave out every scope
#     that they do not need, cloud-platform and compute first. Scopes of a node pool cannot be changed: make a new
#     pool.
#   controls:
#     nist-800-53-r5: [AC-6]
package nephoscope.cluster.cluster_node_scopes_broad

deny contains finding if {
	some i, pool in input.resource.attributes.node_pools
	pool.default_identity == true
	some scope in pool.scopes
	allowed := input.params.scopes
	not scope in allowed
	finding := {
		"key": sprintf("%s of %s", [scope, pool.name]),
		"path": sprintf("/attributes/node_pools/%d/scopes", [i]),
		"message": sprintf("nodes of %s run as the default service account with the scope %s", [pool.name, scope]),
	}
}
