package nephoscope.cluster.cluster_node_scopes_broad_test

import data.nephoscope.cluster.cluster_node_scopes_broad as policy

test_deny_scope_that_is_not_listed if {
	findings := policy.deny with input.resource.attributes as {"node_pools": [{"name": "a", "default_identity": true, "scopes": ["x", "y"]}]} with input.params as {"scopes": ["x"]}
	{finding.key | some finding in findings} == {"y of a"}
}

test_allow_listed_scopes if {
	findings := policy.deny with input.resource.attributes as {"node_pools": [{"name": "a", "default_identity": true, "scopes": ["x"]}]} with input.params as {"scopes": ["x"]}
	{finding.key | some finding in findings} == set()
}

test_allow_account_of_its_own if {
	findings := policy.deny with input.resource.attributes as {"node_pools": [{"name": "a", "default_identity": false, "scopes": ["y"]}]} with input.params as {"scopes": ["x"]}
	{finding.key | some finding in findings} == set()
}

test_nothing_is_claimed_where_nothing_is_known if {
	findings := policy.deny with input.resource.attributes as {"node_pools": [{"name": "a"}]} with input.params as {"scopes": []}
	{finding.key | some finding in findings} == set()
}
