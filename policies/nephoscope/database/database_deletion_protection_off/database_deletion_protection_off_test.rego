package nephoscope.database.database_deletion_protection_off_test

import data.nephoscope.database.database_deletion_protection_off as policy

test_deny if {
	findings := policy.deny with input.resource.attributes as {"deletion_protection": false}
	findings == {{
		"path": "/attributes/deletion_protection",
		"message": "nothing refuses to delete it",
	}}
}

test_allow if {
	findings := policy.deny with input.resource.attributes as {"deletion_protection": true}
	findings == set()
}

test_nothing_is_claimed_where_nothing_is_known if {
	every attributes in [{}] {
		findings := policy.deny with input.resource.attributes as attributes
		findings == set()
	}
}
