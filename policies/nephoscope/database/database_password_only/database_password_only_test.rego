package nephoscope.database.database_password_only_test

import data.nephoscope.database.database_password_only as policy

test_deny if {
	findings := policy.deny with input.resource.attributes as {"sign_in": {"identities": false}}
	findings == {{
		"path": "/attributes/sign_in/identities",
		"message": "only passwords of the database open it",
	}}
}

test_allow if {
	findings := policy.deny with input.resource.attributes as {"sign_in": {"identities": true}}
	findings == set()
}

test_nothing_is_claimed_where_nothing_is_known if {
	every attributes in [{}, {"sign_in": {}}] {
		findings := policy.deny with input.resource.attributes as attributes
		findings == set()
	}
}
