# METADATA
# scope: package
# title: Load balancer, CDN or API without access log
# description: >-
#   Requests are not logged, so that neither an attack nor what it reached can be seen afterwards. Of CloudFront the
#   standard log (legacy) and real-time logs count (AWS Config's rule cloudfront-accesslogs-enabled counts the legacy
#   one alone); a standard log of version 2 stands in no inventory, so waive what has one. Of Azure a diagnostic setting
#   decides that sends the log of requests somewhere; that there is none is known where the list of the settings was
#   read. Of Google Cloud the backend service is judged.
# related_resources:
#   - ref: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-access-logs.html
#   - ref: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/AccessLogs.html
#   - ref: https://docs.aws.amazon.com/config/latest/developerguide/cloudfront-accesslogs-enabled.html
#   - ref: https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html
#   - ref: https://learn.microsoft.com/azure/application-gateway/application-gateway-diagnostics
#   - ref: https://cloud.google.com/load-balancing/docs/https/https-logging-monitoring
# custom:
#   id: NEPH-NETWORK-012
#   severity: medium
#   kinds: [network.load_balancer, network.cdn, api.gateway]
#   remediation: >-
#     AWS: turn on access logs of the load balancer, standard logging of the distribution, or access logging of the
#     stage, each to a bucket or log group that its administrators cannot change. Azure: add a diagnostic setting with
#     the access log category. Google Cloud: turn on logging of the backend service.
#   controls:
#     cis-gcp-3.0: ["2.16"]
#     nist-800-53-r5: [AU-2, AU-3, AU-12]
package nephoscope.network.endpoint_without_access_log

deny contains finding if {
	input.resource.attributes.logging.enabled == false
	finding := {
		"path": "/attributes/logging/enabled",
		"message": "requests are not logged",
	}
}
