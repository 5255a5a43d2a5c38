# METADATA
# scope: package
# title: Password or client certificate of the cluster accepted
# description: >-
#   The cluster accepts a name and password of its own, or has issued a client certificate. Neither can be revoked for
#   one person or bound to a second factor, and the password gives every right to whoever has it.
# schemas:
#   - input: schema.container_cluster
# related_resources:
#   - ref: https://cloud.google.com/kubernetes-engine/docs/how-to/hardening-your-cluster
#   - ref: https://cloud.google.com/kubernetes-engine/docs/how-to/api-server-authentication
# custom:
#   id: NEPH-CLUSTER-008
#   severity: high
#   kinds: [container.cluster]
#   remediation: >-
#     Google Cloud: set an empty name for basic authentication, let users sign in by gcloud, and make the cluster anew
#     without a client certificate, or rotate its credentials.
#   controls:
#     nist-800-53-r5: [AC-2, IA-2, IA-5]
package nephoscope.cluster.cluster_static_credentials

deny contains finding if {
	input.resource.attributes.basic_auth == true
	finding := {
		"key": "password",
		"path": "/attributes/basic_auth",
		"message": "a name and password of the cluster is accepted",
	}
}

deny contains finding if {
	input.resource.attributes.client_certificate == true
	finding := {
		"key": "client certificate",
		"path": "/attributes/client_certificate",
		"message": "the cluster has issued a client certificate, which cannot be revoked",
	}
}
