# METADATA
# scope: package
# title: Load balancer accepts an old version of TLS
# description: >-
#   Connections with a version of TLS that has known weaknesses are accepted, so that somebody on the way can make
#   both sides use it. In AWS and Azure the predefined policy that a listener names decides; of a Google Cloud proxy
#   without an SSL policy the default, which accepts TLS 1.0. The forwarding rules that lead to a proxy, the proxy and
#   its policy are judged each for itself.
# schemas:
#   - input: schema.network_load_balancer
# related_resources:
#   - ref: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html
#   - ref: https://learn.microsoft.com/azure/application-gateway/application-gateway-ssl-policy-overview
#   - ref: https://cloud.google.com/load-balancing/docs/ssl-policies-concepts
# custom:
#   id: NEPH-NETWORK-011
#   severity: medium
#   kinds: [network.load_balancer]
#   params:
#     min_version:
#       type: string
#       default: TLS1_2
#       description: "The oldest version of TLS that may be accepted: TLS1_0, TLS1_1, TLS1_2 or TLS1_3."
#   remediation: >-
#     AWS: choose a security policy whose name begins with ELBSecurityPolicy-TLS13-1-2 or TLS13-1-3 for the listener;
#     a Classic Load Balancer takes ELBSecurityPolicy-TLS-1-2-2017-01. Azure: set the gateway's sslPolicy, and that of
#     each SSL profile, to AppGwSslPolicy20220101 or newer. Google Cloud: attach an SSL policy with minimum version
#     TLS 1.2 and profile MODERN or RESTRICTED to the target proxy.
#   controls:
#     ccc: [CCC.Core.CN01]
#     cis-gcp-3.0: ["3.9"]
#     nist-800-53-r5: [SC-8, SC-8(1), SC-13]
package nephoscope.network.load_balancer_old_tls

deny contains finding if {
	some i, listener in input.resource.attributes.listeners
	version := listener.min_tls_version
	_rank[version] < _rank[input.params.min_version]
	port := object.get(listener, "port", "?")
	finding := {
		"key": sprintf("%v %s", [port, version]),
		"path": sprintf("/attributes/listeners/%d/min_tls_version", [i]),
		"message": sprintf("%s is accepted, policy %s", [version, object.get(listener, "tls_policy", "?")]),
	}
}

_rank := {"TLS1_0": 0, "TLS1_1": 1, "TLS1_2": 2, "TLS1_3": 3}
