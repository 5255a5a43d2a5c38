package nephoscope.identity.full_administration_test

import data.nephoscope.identity.full_administration as policy

_keys(grants) := {finding.key |
	findings := policy.deny with input.resource.attributes.grants as grants
	some finding in findings
}

_right(name, via, full) := {"name": name, "via": via, "full_admin": full}

# What each cloud's mapping makes of full administration.
_full := {
	"everything its holder": _right("everything", "inline", true),
	"arn:aws:iam::aws:policy/AdministratorAccess its holder": _right(
		"arn:aws:iam::aws:policy/AdministratorAccess",
		"attached", true,
	),
	"team its holder": _right("team", "itself", true),
	"Owner 00000000-0000-0000-0000-000000000201": object.union(
		_right("Owner", "assigned", true),
		{"principal": "00000000-0000-0000-0000-000000000201"},
	),
	"roles/owner user:a@example.com": {
		"name": "roles/owner",
		"principal": "user:a@example.com",
		"member": "user",
		"domain": "example.com",
		"service_agent": false,
		"full_admin": true,
	},
}

test_deny_full_administration_in_every_cloud if {
	every key, grant in _full {
		_keys([grant]) == {key}
	}
}

test_deny_says_who_and_where if {
	grants := [_right("read", "inline", false), _full["roles/owner user:a@example.com"]]
	findings := policy.deny with input.resource.attributes.grants as grants
	findings == {{
		"key": "roles/owner user:a@example.com",
		"path": "/attributes/grants/1",
		"message": "roles/owner lets user:a@example.com do everything",
	}}
}

# What an attached policy says is not known here, and must not hide the one beside it.
test_deny_beside_a_policy_that_was_not_read if {
	unread := {"name": "arn:aws:iam::111122223333:policy/team", "via": "attached"}
	_keys([unread, _right("everything", "inline", true), unread]) == {"everything its holder"}
}

test_allow_less if {
	_keys([_right("read", "inline", false), _right("Contributor", "assigned", false)]) == set()
	_keys([]) == set()
}

test_nothing_is_claimed_where_nothing_is_known if {
	every attributes in [{}, {"grants": [{"name": "team", "via": "attached"}]}] {
		findings := policy.deny with input.resource.attributes as attributes
		findings == set()
	}
}
