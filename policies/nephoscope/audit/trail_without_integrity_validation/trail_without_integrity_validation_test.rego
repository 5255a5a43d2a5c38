package nephoscope.audit.trail_without_integrity_validation_test

import data.nephoscope.audit.trail_without_integrity_validation as policy

test_deny if {
	findings := policy.deny with input.resource.attributes as {"integrity_validation": false}
	{finding.key | some finding in findings} == {"no validation"}
}

test_allow_true if {
	findings := policy.deny with input.resource.attributes as {"integrity_validation": true}
	{finding.key | some finding in findings} == set()
}

test_nothing_is_claimed_where_nothing_is_known if {
	findings := policy.deny with input.resource.attributes as {}
	{finding.key | some finding in findings} == set()
}
