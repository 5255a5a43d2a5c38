package nephoscope.identity.member_outside_domains_test

import data.nephoscope.identity.member_outside_domains as policy

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

_user(address, domain) := _grant("roles/viewer", sprintf("user:%s", [address]), "user", {"domain": domain})

_account := _grant(
	"roles/viewer", "serviceAccount:a@acme-prod.iam.gserviceaccount.com", "service_account",
	{"domain": "acme-prod.iam.gserviceaccount.com"},
)

_public := _grant("roles/viewer", "allUsers", "public", {"public": "everyone"})

_keys(grants, domains) := {finding.key |
	findings := policy.deny with input.resource.attributes.grants as grants
		with input.params as {"domains": domains, "refused_domains": ["gmail.com"]}
	some finding in findings
}

test_deny_other_domains if {
	grants := [
		_user("a@example.com", "example.com"),
		_user("b@example.net", "example.net"),
		_grant("roles/viewer", "group:c@example.net", "group", {"domain": "example.net"}),
		_grant("roles/viewer", "domain:example.org", "domain", {"domain": "example.org"}),
	]
	_keys(grants, ["Example.com"]) == {
		"roles/viewer user:b@example.net",
		"roles/viewer group:c@example.net",
		"roles/viewer domain:example.org",
	}
}

test_deny_says_who_and_where if {
	findings := policy.deny with input.resource.attributes.grants as [_user("b@example.net", "example.net")]
		with input.params.domains as ["example.com"]
	findings == {{
		"key": "roles/viewer user:b@example.net",
		"path": "/attributes/grants/0",
		"message": "user:b@example.net has roles/viewer and is in none of the allowed domains",
	}}
}

test_deny_subdomain_that_is_not_listed if {
	_keys([_user("a@sub.example.com", "sub.example.com")], ["example.com"]) == {"roles/viewer user:a@sub.example.com"}
}

test_allow_what_has_no_domain_of_people if {
	_keys([_account, _public], ["example.com"]) == set()
}

test_only_private_accounts_are_judged_without_domains if {
	grants := [_user("b@example.net", "example.net"), _user("c@gmail.com", "gmail.com")]
	_keys(grants, []) == {"roles/viewer user:c@gmail.com"}
}

test_deny_private_account_once if {
	_keys([_user("c@gmail.com", "gmail.com")], ["example.com"]) == {"roles/viewer user:c@gmail.com"}
	_keys([_user("c@gmail.com", "gmail.com")], ["gmail.com"]) == {"roles/viewer user:c@gmail.com"}
}

test_nothing_is_claimed_where_nothing_is_known if {
	findings := policy.deny with input.resource.attributes as {} with input.params.domains as ["example.com"]
	findings == set()
}
