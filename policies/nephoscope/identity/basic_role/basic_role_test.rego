package nephoscope.identity.basic_role_test

import data.nephoscope.identity.basic_role as policy

_grant(name, principal, member, more) := object.union(
	{
		"name": name,
		"principal": principal,
		"member": member,
		"service_agent": false,
		"full_admin": false,
	},
	more,
)

_params := {"roles": ["roles/owner", "roles/editor"]}

_owner := _grant("roles/owner", "user:a@example.com", "user", {"domain": "example.com", "full_admin": true})

_editor := _grant(
	"roles/editor", "serviceAccount:1-compute@developer.gserviceaccount.com", "service_account",
	{"domain": "developer.gserviceaccount.com"},
)

_agent := _grant(
	"roles/editor", "serviceAccount:1@cloudservices.gserviceaccount.com", "service_account",
	{"domain": "cloudservices.gserviceaccount.com", "service_agent": true},
)

_viewer := _grant("roles/viewer", "group:a@example.com", "group", {"domain": "example.com"})

_keys(grants, params) := {finding.key |
	findings := policy.deny with input.resource.attributes.grants as grants with input.params as params
	some finding in findings
}

test_deny_basic_roles if {
	_keys([_owner, _editor], _params) == {
		"roles/owner user:a@example.com",
		"roles/editor serviceAccount:1-compute@developer.gserviceaccount.com",
	}
}

test_deny_says_who_and_where if {
	findings := policy.deny with input.resource.attributes.grants as [_viewer, _owner] with input.params as _params
	findings == {{
		"key": "roles/owner user:a@example.com",
		"path": "/attributes/grants/1",
		"message": "user:a@example.com has roles/owner",
	}}
}

test_allow_the_service_agent_and_other_roles if {
	_keys([_agent, _viewer], _params) == set()
	_keys([], _params) == set()
}

test_deny_roles_by_pattern if {
	_keys([_viewer], {"roles": ["roles/*"]}) == {"roles/viewer group:a@example.com"}
	_keys([_viewer], {"roles": ["roles/compute.*"]}) == set()
	_keys([_owner], {"roles": []}) == set()
}

test_nothing_is_claimed_where_nothing_is_known if {
	findings := policy.deny with input.resource.attributes as {} with input.params as _params
	findings == set()
}
