package nephoscope.database.database_single_zone_test

import data.nephoscope.database.database_single_zone as policy

test_deny if {
	findings := policy.deny with input.resource.attributes as {"multi_zone": false}
	findings == {{
		"path": "/attributes/multi_zone",
		"message": "no standby in another zone takes over",
	}}
}

test_allow if {
	findings := policy.deny with input.resource.attributes as {"multi_zone": true}
	findings == set()
}

test_nothing_is_claimed_where_nothing_is_known if {
	every attributes in [{}] {
		findings := policy.deny with input.resource.attributes as attributes
		findings == set()
	}
}
