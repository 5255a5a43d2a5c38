# METADATA
# scope: package
# title: CDN fetches content over plain HTTP
# description: >-
#   The network asks an origin over plain HTTP, always or whenever a viewer did, so that content and what viewers send
#   can be read and changed between the CDN and the origin. Of AWS alone; buckets as origins are left out, for
#   requests to them follow the viewer's protocol, which a policy of its own judges.
# schemas:
#   - input: schema.network_cdn
# related_resources:
#   - ref: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-https-cloudfront-to-custom-origin.html
# custom:
#   id: NEPH-NETWORK-019
#   severity: medium
#   kinds: [network.cdn]
#   remediation: >-
#     AWS: set the origin protocol policy of each custom origin to https-only and give the origin a certificate that
#     CloudFront trusts.
#   controls:
#     ccc: [CCC.Core.CN01]
#     nist-800-53-r5: [SC-8, SC-8(1)]
package nephoscope.network.cdn_origin_plain_http

deny contains finding if {
	some i, origin in input.resource.attributes.origins
	origin.plain_http == true
	name := object.get(origin, "name", "?")
	finding := {
		"key": sprintf("origin %s", [name]),
		"path": sprintf("/attributes/origins/%d", [i]),
		"message": sprintf("origin %s is asked over plain HTTP", [name]),
	}
}
