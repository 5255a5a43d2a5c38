package nephoscope.audit.trail_without_customer_key_test

import data.nephoscope.audit.trail_without_customer_key as policy

test_deny if {
	findings := policy.deny with input.resource.attributes as {"encryption": {"key_kind": "provider"}}
	{finding.key | some finding in findings} == {"provider key"}
}

test_allow_customer if {
	findings := policy.deny with input.resource.attributes as {"encryption": {"key_kind": "customer"}}
	{finding.key | some finding in findings} == set()
}

test_nothing_is_claimed_where_nothing_is_known if {
	findings := policy.deny with input.resource.attributes as {}
	{finding.key | some finding in findings} == set()
}
