# METADATA
# scope: package
# title: Open to the internet without a web application firewall
# description: >-
#   A load balancer or CDN that the internet reaches passes requests on without a web application firewall, which
#   would stop known attacks on what lies behind. Of an Application Load Balancer the outcome is unknown: its web ACL
#   stands in no item of AWS Config. Whether an attached firewall blocks or only counts is not judged.
# related_resources:
#   - ref: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/distribution-web-awswaf.html
#   - ref: https://learn.microsoft.com/azure/web-application-firewall/ag/ag-overview
#   - ref: https://cloud.google.com/armor/docs/security-policy-overview
# custom:
#   id: NEPH-NETWORK-013
#   severity: medium
#   kinds: [network.load_balancer, network.cdn]
#   remediation: >-
#     AWS: associate a web ACL of AWS WAF with the distribution. Azure: use a WAF_v2 application gateway and attach a
#     web application firewall policy in prevention mode to it, or link one to the CDN endpoint. Google Cloud: attach
#     a Cloud Armor security policy to the backend service.
#   controls:
#     nist-800-53-r5: [SC-7, SI-4]
package nephoscope.network.endpoint_without_web_application_firewall

deny contains finding if {
	input.resource.attributes.scheme == "internet"
	input.resource.attributes.waf.attached == false
	finding := {
		"path": "/attributes/waf/attached",
		"message": "the internet reaches it, and no web application firewall is attached",
	}
}
