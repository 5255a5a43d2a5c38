package nephoscope.identity.user_with_own_policy_test

import data.nephoscope.identity.user_with_own_policy as policy

_right(name, via) := {"name": name, "via": via, "full_admin": false}

test_deny_inline_and_attached_policies if {
	grants := [_right("read", "inline"), {"name": "arn:aws:iam::aws:policy/ReadOnlyAccess", "via": "attached"}]
	findings := policy.deny with input.resource.attributes.grants as grants
	findings == {
		{
			"key": "inline read",
			"path": "/attributes/grants/0",
			"message": "policy read is on the user itself",
		},
		{
			"key": "attached arn:aws:iam::aws:policy/ReadOnlyAccess",
			"path": "/attributes/grants/1",
			"message": "policy arn:aws:iam::aws:policy/ReadOnlyAccess is on the user itself",
		},
	}
}

test_allow_user_of_groups if {
	findings := policy.deny with input.resource.attributes as {"grants": [], "groups": ["dev"]}
	findings == set()
}

test_nothing_is_claimed_where_nothing_is_known if {
	findings := policy.deny with input.resource.attributes as {}
	findings == set()
}
