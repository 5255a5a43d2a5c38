package nephoscope.identity.role_trusts_anyone_test

import data.nephoscope.identity.role_trusts_anyone as policy

_trust(principal, origin, narrowing) := {"principal": principal, "origin": origin, "narrowing": narrowing}

test_deny_trust_that_nothing_narrows if {
	every narrowing in ["none", "mfa"] {
		findings := policy.deny with input.resource.attributes.trust as [_trust("*", "everyone", narrowing)]
		findings == {{
			"key": "*",
			"path": "/attributes/trust/0",
			"message": "anybody with an account of the cloud may assume the role",
		}}
	}
}

test_allow_trust_that_a_condition_narrows if {
	every narrowing in ["external_id", "fixed"] {
		findings := policy.deny with input.resource.attributes.trust as [_trust("*", "everyone", narrowing)]
		findings == set()
	}
}

test_allow_named_principals if {
	trust := [
		_trust("111122223333", "same_account", "none"),
		_trust("444455556666", "other_account", "none"),
		_trust("ec2.amazonaws.com", "service", "none"),
		_trust("accounts.google.com", "federated", "none"),
	]
	findings := policy.deny with input.resource.attributes.trust as trust
	findings == set()
}

# A principal that is not understood must not hide the one beside it.
test_deny_beside_a_principal_that_is_not_understood if {
	odd := {"principal": "somebody"}
	findings := policy.deny with input.resource.attributes.trust as [odd, _trust("*", "everyone", "none"), odd]
	{finding.path | some finding in findings} == {"/attributes/trust/1"}
}

test_nothing_is_claimed_where_nothing_is_known if {
	every attributes in [{}, {"trust": [{"principal": "*"}]}, {"trust": [{"principal": "*", "origin": "everyone"}]}] {
		findings := policy.deny with input.resource.attributes as attributes
		findings == set()
	}
}
