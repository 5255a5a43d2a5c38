package nephoscope.audit.trail_single_region_test

import data.nephoscope.audit.trail_single_region as policy

test_deny if {
	findings := policy.deny with input.resource.attributes as {"all_regions": false}
	{finding.key | some finding in findings} == {"single region"}
}

test_allow_true if {
	findings := policy.deny with input.resource.attributes as {"all_regions": true}
	{finding.key | some finding in findings} == set()
}

test_nothing_is_claimed_where_nothing_is_known if {
	findings := policy.deny with input.resource.attributes as {}
	{finding.key | some finding in findings} == set()
}
