package nephoscope.secret.secret_not_rotated_test

import data.nephoscope.secret.secret_not_rotated as policy

_rotated(days) := {"rotation": {"enabled": true, "period_days": days}}

test_deny_secret_without_rotation if {
	attributes := {"rotation": {"enabled": false}}
	findings := policy.deny with input.resource.attributes as attributes with input.params.max_days as 90
	findings == {{
		"key": "no rotation",
		"path": "/attributes/rotation/enabled",
		"message": "the secret has no schedule for its rotation",
	}}
}

test_deny_long_period if {
	findings := policy.deny with input.resource.attributes as _rotated(180) with input.params.max_days as 90
	findings == {{
		"key": "long period",
		"path": "/attributes/rotation/period_days",
		"message": "the secret is rotated every 180 days, more than 90",
	}}
}

test_allow_period_at_the_limit if {
	every days in [90, 180] {
		findings := policy.deny with input.resource.attributes as _rotated(days) with input.params.max_days as days
		findings == set()
	}
}

test_nothing_is_claimed_where_nothing_is_known if {
	every attributes in [{}, {"rotation": {}}, {"rotation": {"enabled": true}}, {"rotation": {"period_days": 180}}] {
		findings := policy.deny with input.resource.attributes as attributes with input.params.max_days as 90
		findings == set()
	}
}
