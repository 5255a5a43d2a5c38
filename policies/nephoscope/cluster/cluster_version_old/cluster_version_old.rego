# METADATA
# scope: package
# title: Kubernetes out of support
# description: >-
#   The control plane or a node pool runs a version of Kubernetes older than the oldest accepted, one that is refused
#   by name, or none of those that are accepted by name. Versions out of support get no more fixes.
# schemas:
#   - input: schema.container_cluster
# related_resources:
#   - ref: https://kubernetes.io/releases/
#   - ref: https://docs.aws.amazon.com/eks/latest/userguide/kubernetes-versions.html
#   - ref: https://learn.microsoft.com/azure/aks/supported-kubernetes-versions
#   - ref: https://cloud.google.com/kubernetes-engine/docs/release-schedule
# custom:
#   id: NEPH-CLUSTER-018
#   severity: medium
#   kinds: [container.cluster]
#   optional: [/attributes/node_pools]
#   params:
#     oldest_minor:
#       type: number
#       # 1.30 left the extended support of EKS on 2026-07-23; 1.31 leaves it on 2026-11-26. Source: "Kubernetes release calendar on Amazon EKS".
#       default: 31
#       description: The oldest minor version accepted, 31 of 1.31.
#     allowed:
#       type: array
#       items: string
#       default: []
#       description: The only versions accepted, as the provider writes them in full; empty accepts all.
#     denied:
#       type: array
#       items: string
#       default: []
#       description: Versions refused, as the provider writes them in full.
#   remediation: >-
#     Upgrade the control plane one minor version at a time, then the nodes; look for removed APIs first. AWS: update
#     the cluster, then its node groups. Azure and Google Cloud: choose an upgrade channel, so that it does not happen
#     again.
#   controls:
#     nist-800-53-r5: [SA-22, SI-2]
package nephoscope.cluster.cluster_version_old

deny contains finding if {
	minor := input.resource.attributes.version.minor
	oldest := input.params.oldest_minor
	minor < oldest
	finding := {
		"key": "old control plane",
		"path": "/attributes/version/minor",
		"message": sprintf("%s runs Kubernetes 1.%d; the oldest accepted is 1.%d", ["the control plane", minor, oldest]),
	}
}

deny contains finding if {
	name := input.resource.attributes.version.name
	denied := input.params.denied
	name in denied
	finding := {
		"key": "refused control plane",
		"path": "/attributes/version/name",
		"message": sprintf("%s runs Kubernetes %s, which is refused", ["the control plane", name]),
	}
}

deny contains finding if {
	allowed := input.params.allowed
	count(allowed) > 0
	name := input.resource.attributes.version.name
	not name in allowed
	finding := {
		"key": "not accepted control plane",
		"path": "/attributes/version/name",
		"message": sprintf("%s runs Kubernetes %s, which is none of the accepted versions", ["the control plane", name]),
	}
}

deny contains finding if {
	some i, pool in input.resource.attributes.node_pools
	minor := pool.version.minor
	oldest := input.params.oldest_minor
	minor < oldest
	finding := {
		"key": sprintf("old %s", [pool.name]),
		"path": sprintf("/attributes/node_pools/%d/version/minor", [i]),
		"message": sprintf("%s runs Kubernetes 1.%d; the oldest accepted is 1.%d", [pool.name, minor, oldest]),
	}
}

deny contains finding if {
	some i, pool in input.resource.attributes.node_pools
	name := pool.version.name
	denied := input.params.denied
	name in denied
	finding := {
		"key": sprintf("refused %s", [pool.name]),
		"path": sprintf("/attributes/node_pools/%d/version/name", [i]),
		"message": sprintf("%s runs Kubernetes %s, which is refused", [pool.name, name]),
	}
}

deny contains finding if {
	some i, pool in input.resource.attributes.node_pools
	allowed := input.params.allowed
	count(allowed) > 0
	name := pool.version.name
	not name in allowed
	finding := {
		"key": sprintf("not accepted %s", [pool.name]),
		"path": sprintf("/attributes/node_pools/%d/version/name", [i]),
		"message": sprintf("%s runs Kubernetes %s, which is none of the accepted versions", [pool.name, name]),
	}
}
