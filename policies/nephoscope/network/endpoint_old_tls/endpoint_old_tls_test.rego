package nephoscope.network.endpoint_old_tls_test

import data.nephoscope.network.endpoint_old_tls as policy

_default := {"min_version": "TLS1_2"}

test_deny_an_old_version if {
	findings := policy.deny with input.resource.attributes as {"tls": {"min_version": "TLS1_1"}}
		with input.params as _default
	findings == {{
		"path": "/attributes/tls/min_version",
		"message": "TLS1_1 is accepted",
	}}
}

test_the_parameter_draws_the_line if {
	versions := ["TLS1_0", "TLS1_1", "TLS1_2", "TLS1_3"]
	every i, least in versions {
		denied := {version |
			some version in versions
			findings := policy.deny with input.resource.attributes as {"tls": {"min_version": version}}
				with input.params.min_version as least
			count(findings) > 0
		}
		denied == {version | some version in array.slice(versions, 0, i)}
	}
}

test_nothing_is_claimed_where_nothing_is_known if {
	every attributes in [{}, {"tls": {}}, {"tls": {"required": false}}] {
		findings := policy.deny with input.resource.attributes as attributes with input.params as _default
		findings == set()
	}
}
