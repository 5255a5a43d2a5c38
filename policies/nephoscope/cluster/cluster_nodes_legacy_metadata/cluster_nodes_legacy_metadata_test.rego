package nephoscope.cluster.cluster_nodes_legacy_metadata_test

import data.nephoscope.cluster.cluster_nodes_legacy_metadata as policy

test_deny_each_pool if {
	findings := policy.deny with input.resource.attributes as {"node_pools": [{"name": "a", "legacy_metadata": true}, {"name": "b", "legacy_metadata": false}, {"name": "c", "legacy_metadata": true}]}
	{finding.key | some finding in findings} == {"legacy metadata of a", "legacy metadata of c"}
}

test_allow if {
	findings := policy.deny with input.resource.attributes as {"node_pools": [{"name": "a", "legacy_metadata": false}]}
	{finding.key | some finding in findings} == set()
}

test_nothing_is_claimed_where_nothing_is_known if {
	findings := policy.deny with input.resource.attributes as {"node_pools": [{"name": "a"}]}
	{finding.key | some finding in findings} == set()
}
