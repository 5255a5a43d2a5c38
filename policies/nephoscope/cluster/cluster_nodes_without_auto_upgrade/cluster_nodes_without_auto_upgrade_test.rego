package nephoscope.cluster.cluster_nodes_without_auto_upgrade_test

import data.nephoscope.cluster.cluster_nodes_without_auto_upgrade as policy

test_deny_each_pool if {
	findings := policy.deny with input.resource.attributes as {"node_pools": [{"name": "a", "auto_upgrade": false}, {"name": "b", "auto_upgrade": true}, {"name": "c", "auto_upgrade": false}]}
	{finding.key | some finding in findings} == {"upgrade of a", "upgrade of c"}
}

test_allow if {
	findings := policy.deny with input.resource.attributes as {"node_pools": [{"name": "a", "auto_upgrade": true}]}
	{finding.key | some finding in findings} == set()
}

test_nothing_is_claimed_where_nothing_is_known if {
	findings := policy.deny with input.resource.attributes as {"node_pools": [{"name": "a"}]}
	{finding.key | some finding in findings} == set()
}
