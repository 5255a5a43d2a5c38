package nephoscope.cluster.cluster_without_network_policy_test

import data.nephoscope.cluster.cluster_without_network_policy as policy

test_deny if {
	findings := policy.deny with input.resource.attributes as {"network_policy": false}
	{finding.key | some finding in findings} == {"network policy"}
}

test_allow_true if {
	findings := policy.deny with input.resource.attributes as {"network_policy": true}
	{finding.key | some finding in findings} == set()
}

test_nothing_is_claimed_where_nothing_is_known if {
	findings := policy.deny with input.resource.attributes as {}
	{finding.key | some finding in findings} == set()
}
