package nephoscope.cluster.cluster_nodes_with_default_identity_test

import data.nephoscope.cluster.cluster_nodes_with_default_identity as policy

test_deny_each_pool if {
	findings := policy.deny with input.resource.attributes as {"node_pools": [{"name": "a", "default_identity": true}, {"name": "b", "default_identity": false}, {"name": "c", "default_identity": true}]}
	{finding.key | some finding in findings} == {"default account of a", "default account of c"}
}

test_allow if {
	findings := policy.deny with input.resource.attributes as {"node_pools": [{"name": "a", "default_identity": false}]}
	{finding.key | some finding in findings} == set()
}

test_nothing_is_claimed_where_nothing_is_known if {
	findings := policy.deny with input.resource.attributes as {"node_pools": [{"name": "a"}]}
	{finding.key | some finding in findings} == set()
}
