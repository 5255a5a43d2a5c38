package nephoscope.network.endpoint_without_access_log_test

import data.nephoscope.network.endpoint_without_access_log as policy

test_deny_without_a_log if {
	findings := policy.deny with input.resource.attributes as {"logging": {"enabled": false}}
	findings == {{
		"path": "/attributes/logging/enabled",
		"message": "requests are not logged",
	}}
}

test_allow_with_a_log_in_every_cloud if {
	every logging in [{"enabled": true, "target": "acme-logs"}, {"enabled": true}] {
		findings := policy.deny with input.resource.attributes as {"logging": logging}
		findings == set()
	}
}

test_nothing_is_claimed_where_nothing_is_known if {
	every attributes in [{}, {"logging": {}}, {"logging": {"target": "acme-logs"}}] {
		findings := policy.deny with input.resource.attributes as attributes
		findings == set()
	}
}
