package nephoscope.registry.registry_admin_user_on_test

import data.nephoscope.registry.registry_admin_user_on as policy

test_deny if {
	findings := policy.deny with input.resource.attributes as {"admin_user": true}
	findings == {{
		"path": "/attributes/admin_user",
		"message": "the shared admin user may pull and push everything",
	}}
}

test_allow if {
	findings := policy.deny with input.resource.attributes as {"admin_user": false}
	findings == set()
}

test_nothing_is_claimed_where_nothing_is_known if {
	every attributes in [{}] {
		findings := policy.deny with input.resource.attributes as attributes
		findings == set()
	}
}
