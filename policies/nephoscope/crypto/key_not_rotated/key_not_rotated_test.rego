package nephoscope.crypto.key_not_rotated_test

import data.nephoscope.crypto.key_not_rotated as policy

_key(supported, enabled) := {"state": "enabled", "rotation": {"supported": supported, "enabled": enabled}}

test_deny_key_that_is_not_rotated if {
	findings := policy.deny with input.resource.attributes as _key(true, false)
	findings == {{
		"path": "/attributes/rotation/enabled",
		"message": "the key is not rotated automatically",
	}}
}

test_allow_rotated_key if {
	findings := policy.deny with input.resource.attributes as _key(true, true)
	findings == set()
}

test_allow_key_that_cannot_be_rotated if {
	findings := policy.deny with input.resource.attributes as _key(false, false)
	findings == set()
}

test_allow_key_that_cannot_be_used if {
	every state in ["disabled", "pending_deletion", "unavailable"] {
		key := object.union(_key(true, false), {"state": state})
		findings := policy.deny with input.resource.attributes as key
		findings == set()
	}
}

test_nothing_is_claimed_where_nothing_is_known if {
	every attributes in [
		{},
		{"state": "enabled", "rotation": {}},
		{"state": "enabled", "rotation": {"supported": true}},
		{"state": "enabled", "rotation": {"enabled": false}},
		object.remove(_key(true, false), ["state"]),
	] {
		findings := policy.deny with input.resource.attributes as attributes
		findings == set()
	}
}
