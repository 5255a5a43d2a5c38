package nephoscope.cluster.cluster_metrics_off_test

import data.nephoscope.cluster.cluster_metrics_off as policy

test_deny if {
	findings := policy.deny with input.resource.attributes as {"logs": {"metrics": false}}
	{finding.key | some finding in findings} == {"metrics"}
}

test_allow_true if {
	findings := policy.deny with input.resource.attributes as {"logs": {"metrics": true}}
	{finding.key | some finding in findings} == set()
}

test_nothing_is_claimed_where_nothing_is_known if {
	findings := policy.deny with input.resource.attributes as {}
	{finding.key | some finding in findings} == set()
}
