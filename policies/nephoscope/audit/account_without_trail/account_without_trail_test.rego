package nephoscope.audit.account_without_trail_test

import data.nephoscope.audit.account_without_trail as policy

_count(attributes) := n if {
	findings := policy.deny with input.resource.attributes as attributes
	n := count(findings)
}

test_deny_account_without if {
	_count({"audit_trail": false}) == 1
}

test_allow_account_with if {
	_count({"audit_trail": true}) == 0
}

test_nothing_is_claimed_where_nothing_is_known if {
	_count({}) == 0
}
