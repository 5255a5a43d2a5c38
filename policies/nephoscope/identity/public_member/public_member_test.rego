package nephoscope.identity.public_member_test

import data.nephoscope.identity.public_member as policy

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

_everyone := _grant("roles/viewer", "allUsers", "public", {"public": "everyone"})

_anybody := _grant("roles/iam.serviceAccountUser", "allAuthenticatedUsers", "public", {"public": "any_authenticated"})

_user := _grant("roles/viewer", "user:a@example.com", "user", {"domain": "example.com"})

test_deny_says_who_and_where if {
	findings := policy.deny with input.resource.attributes.grants as [_user, _everyone, _anybody]
	findings == {
		{
			"key": "roles/viewer allUsers",
			"path": "/attributes/grants/1",
			"message": "everyone on the internet has roles/viewer",
		},
		{
			"key": "roles/iam.serviceAccountUser allAuthenticatedUsers",
			"path": "/attributes/grants/2",
			"message": "anybody with an account of the cloud has roles/iam.serviceAccountUser",
		},
	}
}

test_allow_named_members if {
	every grants in [[], [_user]] {
		findings := policy.deny with input.resource.attributes.grants as grants
		findings == set()
	}
}

# A condition on the time may have run out.
test_nothing_is_claimed_where_nothing_is_known if {
	timed := _grant("roles/viewer", "allUsers", "public", {})
	every attributes in [{}, {"grants": [timed]}] {
		findings := policy.deny with input.resource.attributes as attributes
		findings == set()
	}
}

test_deny_beside_a_grant_that_may_have_run_out if {
	timed := _grant("roles/viewer", "allUsers", "public", {})
	findings := policy.deny with input.resource.attributes.grants as [timed, _anybody, timed]
	{finding.path | some finding in findings} == {"/attributes/grants/1"}
}
