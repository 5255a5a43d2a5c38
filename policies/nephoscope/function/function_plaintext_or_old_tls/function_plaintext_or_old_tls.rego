# METADATA
# scope: package
# title: Plain HTTP or old TLS accepted
# description: >-
#   The site answers requests without TLS, or with TLS 1.0 or 1.1. Whoever is on the way reads or changes what is
#   sent, credentials included.
# schemas:
#   - input: schema.compute_function
# related_resources:
#   - ref: https://learn.microsoft.com/azure/app-service/configure-ssl-bindings
#   - ref: https://learn.microsoft.com/azure/app-service/overview-tls
# custom:
#   id: NEPH-FUNCTION-003
#   severity: medium
#   kinds: [compute.function]
#   remediation: >-
#     Azure: set httpsOnly of the site to true and the minimum TLS version of its configuration to 1.2 or 1.3.
#   controls:
#     nist-800-53-r5: [SC-8, SC-8(1), SC-13]
package nephoscope.function.function_plaintext_or_old_tls

deny contains finding if {
	input.resource.attributes.tls.required == false
	finding := {
		"key": "plain HTTP",
		"path": "/attributes/tls/required",
		"message": "requests without TLS are answered",
	}
}

deny contains finding if {
	version := input.resource.attributes.tls.min_version
	version in ["TLS1_0", "TLS1_1"]
	finding := {
		"key": "old TLS",
		"path": "/attributes/tls/min_version",
		"message": sprintf("%s is accepted", [replace(replace(version, "TLS", "TLS "), "_", ".")]),
	}
}
