package nephoscope.cluster.cluster_dashboard_on_test

import data.nephoscope.cluster.cluster_dashboard_on as policy

test_deny if {
	findings := policy.deny with input.resource.attributes as {"dashboard": true}
	{finding.key | some finding in findings} == {"dashboard"}
}

test_allow_false if {
	findings := policy.deny with input.resource.attributes as {"dashboard": false}
	{finding.key | some finding in findings} == set()
}

test_nothing_is_claimed_where_nothing_is_known if {
	findings := policy.deny with input.resource.attributes as {}
	{finding.key | some finding in findings} == set()
}
