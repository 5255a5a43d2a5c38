package nephoscope.network.endpoint_without_web_application_firewall_test

import data.nephoscope.network.endpoint_without_web_application_firewall as policy

test_deny_open_without_a_firewall if {
	findings := policy.deny with input.resource.attributes as {"scheme": "internet", "waf": {"attached": false}}
	findings == {{
		"path": "/attributes/waf/attached",
		"message": "the internet reaches it, and no web application firewall is attached",
	}}
}

test_allow_guarded_or_internal if {
	guarded := {"scheme": "internet", "waf": {"attached": true, "id": "waf-1"}}
	internal := {"scheme": "internal", "waf": {"attached": false}}
	every attributes in [guarded, internal] {
		findings := policy.deny with input.resource.attributes as attributes
		findings == set()
	}
}

test_nothing_is_claimed_where_nothing_is_known if {
	every attributes in [{}, {"scheme": "internet"}, {"scheme": "internet", "waf": {}}, {"waf": {"attached": false}}] {
		findings := policy.deny with input.resource.attributes as attributes
		findings == set()
	}
}
