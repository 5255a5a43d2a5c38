# METADATA
# scope: package
# title: Load balancer takes plain HTTP
# description: >-
#   A listener answers requests over plain HTTP without sending them to HTTPS, so that what clients send and get,
#   passwords and session cookies included, can be read and changed on the way. Rules of a listener, which may
#   redirect some requests or answer others, are not read in AWS. In Google Cloud the forwarding rule is judged by the
#   URL map that its target proxy names, and unknown where one of the two was not read.
# schemas:
#   - input: schema.network_load_balancer
# related_resources:
#   - ref: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/create-listener.html
#   - ref: https://learn.microsoft.com/azure/application-gateway/redirect-overview
#   - ref: https://cloud.google.com/load-balancing/docs/https/setting-up-global-http-https-redirect
# custom:
#   id: NEPH-NETWORK-010
#   severity: medium
#   kinds: [network.load_balancer]
#   remediation: >-
#     AWS: give the HTTP listener of the Application Load Balancer a default action that redirects to HTTPS, port 443;
#     replace a Classic Load Balancer, which cannot redirect, or remove its HTTP listener. Azure: add a redirect
#     configuration that leads to the HTTPS listener and use it in the routing rule of the HTTP listener. Google
#     Cloud: give the HTTP proxy a URL map whose default action is an HTTPS redirect, or remove the HTTP forwarding
#     rule.
#   controls:
#     ccc: [CCC.Core.CN01]
#     nist-800-53-r5: [SC-8, SC-8(1), SC-23]
package nephoscope.network.load_balancer_plain_http

deny contains finding if {
	some i, listener in input.resource.attributes.listeners
	listener.protocol == "http"
	listener.redirects_to_https == false
	port := object.get(listener, "port", "?")
	finding := {
		"key": sprintf("http/%v", [port]),
		"path": sprintf("/attributes/listeners/%d", [i]),
		"message": sprintf("port %v takes plain HTTP and does not redirect to HTTPS", [port]),
	}
}
