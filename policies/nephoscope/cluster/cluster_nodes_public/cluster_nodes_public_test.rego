package nephoscope.cluster.cluster_nodes_public_test

import data.nephoscope.cluster.cluster_nodes_public as policy

test_deny_each_pool if {
	findings := policy.deny with input.resource.attributes as {"node_pools": [{"name": "a", "public_addresses": true}, {"name": "b", "public_addresses": false}, {"name": "c", "public_addresses": true}]}
	{finding.key | some finding in findings} == {"public addresses of a", "public addresses of c"}
}

test_allow if {
	findings := policy.deny with input.resource.attributes as {"node_pools": [{"name": "a", "public_addresses": false}]}
	{finding.key | some finding in findings} == set()
}

test_nothing_is_claimed_where_nothing_is_known if {
	findings := policy.deny with input.resource.attributes as {"node_pools": [{"name": "a"}]}
	{finding.key | some finding in findings} == set()
}
