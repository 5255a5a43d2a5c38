package nephoscope.identity.cross_account_trust_without_condition_test

import data.nephoscope.identity.cross_account_trust_without_condition as policy

_params := {"trusted_accounts": []}

_trust(account, narrowing) := {
	"principal": sprintf("arn:aws:iam::%s:root", [account]),
	"origin": "other_account",
	"account": account,
	"narrowing": narrowing,
}

_everyone(narrowing) := {"principal": "*", "origin": "everyone", "narrowing": narrowing}

_keys(trust, params) := {finding.key |
	findings := policy.deny with input.resource.attributes.trust as trust with input.params as params
	some finding in findings
}

test_deny_says_who_and_where if {
	findings := policy.deny with input.resource.attributes.trust as [_trust("444455556666", "none")]
		with input.params as _params
	findings == {{
		"key": "arn:aws:iam::444455556666:root",
		"path": "/attributes/trust/0",
		"message": "arn:aws:iam::444455556666:root may assume the role without condition",
	}}
}

test_allow_trust_with_a_condition if {
	every narrowing in ["mfa", "external_id", "fixed"] {
		_keys([_trust("444455556666", narrowing)], _params) == set()
	}
}

test_allow_listed_account if {
	trust := [_trust("444455556666", "none"), _trust("777788889999", "none")]
	_keys(trust, {"trusted_accounts": ["444455556666"]}) == {"arn:aws:iam::777788889999:root"}
}

# The external id is all that keeps the public out.
test_deny_everyone_who_knows_the_external_id if {
	_keys([_everyone("external_id")], _params) == {"*"}
}

# Another policy tells of it.
test_everyone_without_condition_is_not_told_of_twice if {
	_keys([_everyone("none"), _everyone("mfa"), _everyone("fixed")], _params) == set()
}

test_allow_own_account_and_services if {
	trust := [
		{"principal": "111122223333", "origin": "same_account", "account": "111122223333", "narrowing": "none"},
		{"principal": "ec2.amazonaws.com", "origin": "service", "narrowing": "none"},
	]
	_keys(trust, _params) == set()
}

test_nothing_is_claimed_where_nothing_is_known if {
	every attributes in [{}, {"trust": [{"principal": "x"}]}, {"trust": [object.remove(_trust("444455556666", "none"), ["narrowing"])]}] {
		findings := policy.deny with input.resource.attributes as attributes with input.params as _params
		findings == set()
	}
}
