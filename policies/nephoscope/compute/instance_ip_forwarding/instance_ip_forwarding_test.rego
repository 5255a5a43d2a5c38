package nephoscope.compute.instance_ip_forwarding_test

import data.nephoscope.compute.instance_ip_forwarding as policy

test_deny_forwarding if {
	resource := {"name": "web", "id": "i-1", "attributes": {"ip_forwarding": true}}
	findings := policy.deny with input.resource as resource with input.params.exempt as []
	findings == {{
		"path": "/attributes/ip_forwarding",
		"message": "the instance forwards packets for other addresses",
	}}
}

test_allow_ordinary_instance if {
	resource := {"name": "web", "id": "i-1", "attributes": {"ip_forwarding": false}}
	findings := policy.deny with input.resource as resource with input.params.exempt as []
	findings == set()
}

test_allow_exempt_by_name_or_id if {
	resource := {"name": "gateway", "id": "//compute/gateway", "attributes": {"ip_forwarding": true}}
	every exempt in [["gateway"], ["other", "//compute/gateway"]] {
		findings := policy.deny with input.resource as resource with input.params.exempt as exempt
		findings == set()
	}
	findings := policy.deny with input.resource as resource with input.params.exempt as ["gate"]
	count(findings) == 1
}

test_nothing_is_claimed_where_nothing_is_known if {
	every attributes in [{}, {"public_address": {}}] {
		findings := policy.deny with input.resource as {"name": "a", "id": "b", "attributes": attributes}
			with input.params as {"exempt": []}
		findings == set()
	}
}
