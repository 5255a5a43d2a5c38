# METADATA
# scope: package
# title: CDN takes plain HTTP from viewers
# description: >-
#   Viewers can ask over plain HTTP without being sent to HTTPS, so that what they get can be read and changed on the
#   way.
# schemas:
#   - input: schema.network_cdn
# related_resources:
#   - ref: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-https-viewers-to-cloudfront.html
#   - ref: https://learn.microsoft.com/azure/cdn/cdn-standard-rules-engine
# custom:
#   id: NEPH-NETWORK-014
#   severity: medium
#   kinds: [network.cdn]
#   remediation: >-
#     AWS: set the viewer protocol policy of every cache behavior to redirect-to-https or https-only. Azure: set
#     isHttpAllowed of the endpoint to false, or add a delivery rule that redirects requests over HTTP to HTTPS.
#   controls:
#     ccc: [CCC.Core.CN01]
#     nist-800-53-r5: [SC-8, SC-8(1), SC-23]
package nephoscope.network.cdn_plain_http

deny contains finding if {
	input.resource.attributes.tls.required == false
	finding := {
		"path": "/attributes/tls/required",
		"message": "viewers may ask over plain HTTP",
	}
}
