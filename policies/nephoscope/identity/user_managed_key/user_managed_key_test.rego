package nephoscope.identity.user_managed_key_test

import data.nephoscope.identity.user_managed_key as policy

_key := {"managed_by": "customer", "enabled": true, "valid_after": "2026-01-01T00:00:00Z"}

_paths(attributes, days) := {finding.path |
	findings := policy.deny with input.resource.attributes as attributes
		with input.params.max_age_days as days
		with input.as_of as "2026-04-01T00:00:00Z"
	some finding in findings
}

test_deny_every_key_of_the_customer if {
	findings := policy.deny with input.resource.attributes as _key with input.params.max_age_days as 0
	findings == {{"path": "/attributes/managed_by", "message": "somebody holds the private half of the key"}}
}

test_deny_old_key_only_where_an_age_is_set if {
	_paths(_key, 89) == {"/attributes/valid_after"}
	_paths(_key, 90) == set()
	_paths(_key, 365) == set()
}

test_deny_says_how_old if {
	findings := policy.deny with input.resource.attributes as _key
		with input.params.max_age_days as 30
		with input.as_of as "2026-04-01T00:00:00Z"
	{finding.message | some finding in findings} == {"the key was made at 2026-01-01T00:00:00Z, more than 30 days ago"}
}

test_allow_keys_of_the_provider_and_disabled_ones if {
	every days in [0, 30] {
		_paths(object.union(_key, {"managed_by": "provider"}), days) == set()
		_paths(object.union(_key, {"enabled": false}), days) == set()
	}
}

test_nothing_is_claimed_where_nothing_is_known if {
	every name in ["managed_by", "enabled"] {
		_paths(object.remove(_key, [name]), 0) == set()
		_paths(object.remove(_key, [name]), 30) == set()
	}
	_paths(object.remove(_key, ["valid_after"]), 30) == set()
	_paths({}, 0) == set()
}
