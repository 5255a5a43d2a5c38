package nephoscope.cluster.cluster_nodes_without_auto_repair_test

import data.nephoscope.cluster.cluster_nodes_without_auto_repair as policy

test_deny_each_pool if {
	findings := policy.deny with input.resource.attributes as {"node_pools": [{"name": "a", "auto_repair": false}, {"name": "b", "auto_repair": true}, {"name": "c", "auto_repair": false}]}
	{finding.key | some finding in findings} == {"repair of a", "repair of c"}
}

test_allow if {
	findings := policy.deny with input.resource.attributes as {"node_pools": [{"name": "a", "auto_repair": true}]}
	{finding.key | some finding in findings} == set()
}

test_nothing_is_claimed_where_nothing_is_known if {
	findings := policy.deny with input.resource.attributes as {"node_pools": [{"name": "a"}]}
	{finding.key | some finding in findings} == set()
}
