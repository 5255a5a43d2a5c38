package nephoscope.database.database_public_endpoint_test

import data.nephoscope.database.database_public_endpoint as policy

test_deny if {
	findings := policy.deny with input.resource.attributes as {"network": {"public_endpoint": true}}
	findings == {{
		"path": "/attributes/network/public_endpoint",
		"message": "it can be addressed from outside of private networks",
	}}
}

test_allow if {
	findings := policy.deny with input.resource.attributes as {"network": {"public_endpoint": false}}
	findings == set()
}

test_nothing_is_claimed_where_nothing_is_known if {
	every attributes in [{}, {"network": {}}] {
		findings := policy.deny with input.resource.attributes as attributes
		findings == set()
	}
}
