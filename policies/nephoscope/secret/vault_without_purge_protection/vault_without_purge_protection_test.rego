package nephoscope.secret.vault_without_purge_protection_test

import data.nephoscope.secret.vault_without_purge_protection as policy

test_deny if {
	findings := policy.deny with input.resource.attributes as {"purge_protection": false}
	findings == {{
		"path": "/attributes/purge_protection",
		"message": "what was deleted can be removed for good at once",
	}}
}

test_allow if {
	findings := policy.deny with input.resource.attributes as {"purge_protection": true}
	findings == set()
}

test_nothing_is_claimed_where_nothing_is_known if {
	every attributes in [{}] {
		findings := policy.deny with input.resource.attributes as attributes
		findings == set()
	}
}
