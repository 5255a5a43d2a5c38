package nephoscope.compute.instance_password_login_test

import data.nephoscope.compute.instance_password_login as policy

test_deny_password_login if {
	findings := policy.deny with input.resource.attributes as {"password_login": true}
	findings == {{
		"path": "/attributes/password_login",
		"message": "users may log in by password",
	}}
}

test_allow_keys_only if {
	findings := policy.deny with input.resource.attributes as {"password_login": false}
	findings == set()
}

test_nothing_is_claimed_where_nothing_is_known if {
	every attributes in [{}, {"os_login": false}] {
		findings := policy.deny with input.resource as {"name": "a", "id": "b", "attributes": attributes}
			with input.params as {}
		findings == set()
	}
}
