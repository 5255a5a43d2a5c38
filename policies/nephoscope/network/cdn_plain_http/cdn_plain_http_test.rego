package nephoscope.network.cdn_plain_http_test

import data.nephoscope.network.cdn_plain_http as policy

test_deny_plain_http if {
	findings := policy.deny with input.resource.attributes as {"tls": {"required": false, "min_version": "TLS1_2"}}
	findings == {{
		"path": "/attributes/tls/required",
		"message": "viewers may ask over plain HTTP",
	}}
}

test_allow_encrypted if {
	findings := policy.deny with input.resource.attributes as {"tls": {"required": true}}
	findings == set()
}

test_nothing_is_claimed_where_nothing_is_known if {
	every attributes in [{}, {"tls": {}}, {"tls": {"min_version": "TLS1_0"}}] {
		findings := policy.deny with input.resource.attributes as attributes
		findings == set()
	}
}
