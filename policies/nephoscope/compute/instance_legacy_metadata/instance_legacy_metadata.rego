# METADATA
# scope: package
# title: Instance with the metadata service of version 1
# description: >-
#   The metadata service answers plain requests, without a session token. A web application that can be made to
#   fetch a URL, or an open proxy, then gives the credentials of the instance role to a stranger.
# schemas:
#   - input: schema.compute_instance
# related_resources:
#   - ref: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/configuring-instance-metadata-service.html
# custom:
#   id: NEPH-COMPUTE-002
#   severity: high
#   kinds: [compute.instance]
#   remediation: >-
#     AWS: set HttpTokens of the instance's metadata options to required (modify-instance-metadata-options), in
#     launch templates as well, and make it the default of the account in each region; watch the CloudWatch metric
#     MetadataNoToken first to see who still uses version 1. Turn the endpoint off where nothing needs it.
#   controls:
#     cis-aws-3.0: ["5.6"]
#     nist-800-53-r5: [AC-6, CM-7]
package nephoscope.compute.instance_legacy_metadata

deny contains finding if {
	input.resource.attributes.metadata_service.enabled == true
	input.resource.attributes.metadata_service.token_required == false
	finding := {
		"path": "/attributes/metadata_service/token_required",
		"message": "the metadata service gives credentials to requests without a session token",
	}
}
