package nephoscope.audit.activity_log_incomplete_test

import data.nephoscope.audit.activity_log_incomplete as policy

test_deny_each_category if {
	findings := policy.deny with input.resource.attributes as {"categories": ["ServiceHealth"]} with input.params as {"categories": ["Administrative", "Security"]}
	{finding.key | some finding in findings} == {"Administrative", "Security"}
}

test_allow_all_named if {
	findings := policy.deny with input.resource.attributes as {"categories": ["Administrative", "Alert", "Security"]} with input.params as {"categories": ["Administrative", "Security"]}
	{finding.key | some finding in findings} == set()
}

test_allow_the_group_of_all if {
	findings := policy.deny with input.resource.attributes as {"categories": ["allLogs"]} with input.params as {"categories": ["Administrative", "Security"]}
	{finding.key | some finding in findings} == set()
}

test_nothing_is_claimed_where_nothing_is_known if {
	findings := policy.deny with input.resource.attributes as {} with input.params as {"categories": ["Administrative", "Security"]}
	{finding.key | some finding in findings} == set()
}
