# METADATA
# scope: package
# title: Legacy authorization or local accounts on
# description: >-
#   Rights in the cluster are given outside of roles (attribute-based access control of old, or no authorization at
#   all), or accounts of the cluster itself are accepted, whose certificate gives every right, names nobody and stays
#   when its holder leaves.
# schemas:
#   - input: schema.container_cluster
# related_resources:
#   - ref: https://learn.microsoft.com/azure/aks/manage-local-accounts-managed-azure-ad
#   - ref: https://cloud.google.com/kubernetes-engine/docs/how-to/hardening-your-cluster
#   - ref: https://cloud.google.com/kubernetes-engine/docs/how-to/role-based-access-control
# custom:
#   id: NEPH-CLUSTER-004
#   severity: high
#   kinds: [container.cluster]
#   optional: [/attributes/local_accounts]
#   remediation: >-
#     Azure: let Microsoft Entra ID authenticate the users, then set disableLocalAccounts to true and rotate the
#     certificates; a cluster without Kubernetes RBAC has to be made anew. Google Cloud: turn off legacy authorization
#     after the roles that are needed exist.
#   controls:
#     nist-800-53-r5: [AC-2, AC-3, AC-6, IA-2]
package nephoscope.cluster.cluster_legacy_authorization

deny contains finding if {
	input.resource.attributes.legacy_authorization == true
	finding := {
		"key": "legacy authorization",
		"path": "/attributes/legacy_authorization",
		"message": "rights in the cluster are given by something else than roles",
	}
}

deny contains finding if {
	input.resource.attributes.local_accounts == true
	finding := {
		"key": "local accounts",
		"path": "/attributes/local_accounts",
		"message": "accounts of the cluster itself are accepted",
	}
}
