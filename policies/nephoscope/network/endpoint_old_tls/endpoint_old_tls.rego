# METADATA
# scope: package
# title: CDN or API accepts an old version of TLS
# description: >-
#   Connections with a version of TLS that has known weaknesses are accepted, so that somebody on the way can make
#   both sides use it. A CloudFront distribution with CloudFront's own certificate accepts TLS 1.0. Of Azure CDN the
#   custom domains of the endpoint decide; the outcome is unknown where it has none, or where they were not read.
# related_resources:
#   - ref: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/secure-connections-supported-viewer-protocols-ciphers.html
#   - ref: https://learn.microsoft.com/azure/api-management/api-management-howto-manage-protocols-ciphers
# custom:
#   id: NEPH-NETWORK-015
#   severity: medium
#   kinds: [network.cdn, api.gateway]
#   params:
#     min_version:
#       type: string
#       default: TLS1_2
#       description: "The oldest version of TLS that may be accepted: TLS1_0, TLS1_1, TLS1_2 or TLS1_3."
#   remediation: >-
#     AWS: give the distribution a certificate of your own and a security policy TLSv1.2_2021 or newer. Azure: switch
#     off SSL 3.0, TLS 1.0 and TLS 1.1 on the client side of the API Management service; set the minimum TLS version of
#     each custom domain of the CDN endpoint to 1.2.
#   controls:
#     ccc: [CCC.Core.CN01]
#     nist-800-53-r5: [SC-8, SC-8(1), SC-13]
package nephoscope.network.endpoint_old_tls

deny contains finding if {
	version := input.resource.attributes.tls.min_version
	_rank[version] < _rank[input.params.min_version]
	finding := {
		"path": "/attributes/tls/min_version",
		"message": sprintf("%s is accepted", [version]),
	}
}

_rank := {"TLS1_0": 0, "TLS1_1": 1, "TLS1_2": 2, "TLS1_3": 3}
