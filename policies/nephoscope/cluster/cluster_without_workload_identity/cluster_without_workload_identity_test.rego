package nephoscope.cluster.cluster_without_workload_identity_test

import data.nephoscope.cluster.cluster_without_workload_identity as policy

test_deny_cluster if {
	findings := policy.deny with input.resource.attributes as {"workload_identity": false, "node_pools": [{"name": "a", "node_metadata": true}]}
	{finding.key | some finding in findings} == {"workload identity"}
}

test_deny_pool if {
	findings := policy.deny with input.resource.attributes as {"workload_identity": true, "node_pools": [{"name": "a", "node_metadata": true}, {"name": "b", "node_metadata": false}]}
	{finding.key | some finding in findings} == {"node metadata of a"}
}

test_allow_azure if {
	findings := policy.deny with input.resource.attributes as {"workload_identity": true, "node_pools": [{"name": "a"}]}
	{finding.key | some finding in findings} == set()
}

test_nothing_is_claimed_where_nothing_is_known if {
	findings := policy.deny with input.resource.attributes as {"node_pools": [{"name": "a"}]}
	{finding.key | some finding in findings} == set()
}
