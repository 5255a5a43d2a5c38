package nephoscope.secret.secret_without_expiry_test

import data.nephoscope.secret.secret_without_expiry as policy

test_deny if {
	findings := policy.deny with input.resource.attributes as {"expires": false}
	findings == {{
		"path": "/attributes/expires",
		"message": "there is no date at which it stops working",
	}}
}

test_allow if {
	findings := policy.deny with input.resource.attributes as {"expires": true}
	findings == set()
}

test_nothing_is_claimed_where_nothing_is_known if {
	every attributes in [{}] {
		findings := policy.deny with input.resource.attributes as attributes
		findings == set()
	}
}
