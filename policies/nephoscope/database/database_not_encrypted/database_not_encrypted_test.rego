package nephoscope.database.database_not_encrypted_test

import data.nephoscope.database.database_not_encrypted as policy

test_deny if {
	findings := policy.deny with input.resource.attributes as {"encryption": {"enabled": false}}
	findings == {{
		"path": "/attributes/encryption/enabled",
		"message": "the data is not encrypted at rest",
	}}
}

test_allow if {
	findings := policy.deny with input.resource.attributes as {"encryption": {"enabled": true}}
	findings == set()
}

test_nothing_is_claimed_where_nothing_is_known if {
	every attributes in [{}, {"encryption": {}}] {
		findings := policy.deny with input.resource.attributes as attributes
		findings == set()
	}
}
