package nephoscope.secret.vault_open_to_every_network_test

import data.nephoscope.secret.vault_open_to_every_network as policy

test_deny if {
	findings := policy.deny with input.resource.attributes as {"network": "any"}
	findings == {{
		"path": "/attributes/network",
		"message": "requests from every network are accepted",
	}}
}

test_allow if {
	findings := policy.deny with input.resource.attributes as {"network": "selected"}
	findings == set()
}

test_nothing_is_claimed_where_nothing_is_known if {
	every attributes in [{}] {
		findings := policy.deny with input.resource.attributes as attributes
		findings == set()
	}
}
