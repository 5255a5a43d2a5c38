# METADATA
# scope: package
# title: Kubernetes API open to the internet
# description: >-
#   The endpoint of the Kubernetes API takes requests from every network. A leaked token or a flaw of the API server
#   is then enough, from anywhere; listed networks or a private endpoint keep strangers from trying.
# schemas:
#   - input: schema.container_cluster
# related_resources:
#   - ref: https://docs.aws.amazon.com/eks/latest/userguide/cluster-endpoint.html
#   - ref: https://learn.microsoft.com/azure/aks/api-server-authorized-ip-ranges
#   - ref: https://cloud.google.com/kubernetes-engine/docs/concepts/network-isolation
# custom:
#   id: NEPH-CLUSTER-001
#   severity: high
#   kinds: [container.cluster]
#   params:
#     accept_listed:
#       type: boolean
#       default: true
#       description: A public endpoint for listed networks is accepted; false demands a private one.
#   remediation: >-
#     AWS: set endpointPublicAccess to false, or publicAccessCidrs to the networks of your offices and pipelines.
#     Azure: create a private cluster, or set the authorized IP ranges. Google Cloud: turn off the public IP endpoint,
#     or enable authorized networks; leave external traffic to the DNS endpoint off unless IAM alone is to decide.
#   controls:
#     nist-800-53-r5: [AC-3, SC-7]
package nephoscope.cluster.cluster_endpoint_open

deny contains finding if {
	input.resource.attributes.endpoint.network == "any"
	finding := {
		"key": "any network",
		"path": "/attributes/endpoint/network",
		"message": "the Kubernetes API takes requests from every network",
	}
}

deny contains finding if {
	input.params.accept_listed == false
	input.resource.attributes.endpoint.network == "selected"
	finding := {
		"key": "listed networks",
		"path": "/attributes/endpoint/ranges",
		"message": "the Kubernetes API has a public endpoint, if only for listed networks",
	}
}
