# METADATA
# scope: package
# title: Images run without admission
# description: >-
#   The cluster runs any image that somebody may deploy. With binary authorization it takes only those that a policy
#   admits: from known registries, or signed by the pipeline.
# schemas:
#   - input: schema.container_cluster
# related_resources:
#   - ref: https://cloud.google.com/binary-authorization/docs/overview
# custom:
#   id: NEPH-CLUSTER-014
#   severity: medium
#   kinds: [container.cluster]
#   remediation: >-
#     Google Cloud: set the evaluation mode of binary authorization to the policy of the project, first in dry run,
#     and narrow the policy from allowing all.
#   controls:
#     nist-800-53-r5: [CM-7, CM-14, SI-7]
package nephoscope.cluster.cluster_images_not_admitted

deny contains finding if {
	input.resource.attributes.binary_authorization == false
	finding := {
		"key": "admission",
		"path": "/attributes/binary_authorization",
		"message": "images are run without asking a policy",
	}
}
