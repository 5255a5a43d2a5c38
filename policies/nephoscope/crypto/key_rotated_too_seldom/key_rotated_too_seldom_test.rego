package nephoscope.crypto.key_rotated_too_seldom_test

import data.nephoscope.crypto.key_rotated_too_seldom as policy

_key(days) := {"state": "enabled", "rotation": {"supported": true, "enabled": true, "period_days": days}}

test_deny_long_period if {
	findings := policy.deny with input.resource.attributes as _key(400) with input.params.max_days as 365
	findings == {{
		"path": "/attributes/rotation/period_days",
		"message": "the key is rotated every 400 days, more than 365",
	}}
}

test_allow_period_at_the_limit if {
	findings := policy.deny with input.resource.attributes as _key(365) with input.params.max_days as 365
	findings == set()
}

test_deny_by_another_limit if {
	findings := policy.deny with input.resource.attributes as _key(365) with input.params.max_days as 90
	count(findings) == 1
}

test_allow_key_that_cannot_be_used if {
	key := object.union(_key(400), {"state": "disabled"})
	findings := policy.deny with input.resource.attributes as key with input.params.max_days as 365
	findings == set()
}

test_nothing_is_claimed_where_nothing_is_known if {
	every attributes in [
		{},
		{"state": "enabled", "rotation": {}},
		{"state": "enabled", "rotation": {"supported": true, "enabled": true}},
		object.remove(_key(400), ["state"]),
	] {
		findings := policy.deny with input.resource.attributes as attributes with input.params.max_days as 365
		findings == set()
	}
}
