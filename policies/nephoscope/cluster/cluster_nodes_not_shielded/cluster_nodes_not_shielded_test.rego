package nephoscope.cluster.cluster_nodes_not_shielded_test

import data.nephoscope.cluster.cluster_nodes_not_shielded as policy

test_deny_all if {
	findings := policy.deny with input.resource.attributes as {"shielded_nodes": false, "node_pools": [{"name": "a", "secure_boot": false, "integrity_monitoring": false}]}
	{finding.key | some finding in findings} == {"shielded nodes", "secure boot of a", "integrity monitoring of a"}
}

test_allow if {
	findings := policy.deny with input.resource.attributes as {"shielded_nodes": true, "node_pools": [{"name": "a", "secure_boot": true, "integrity_monitoring": true}]}
	{finding.key | some finding in findings} == set()
}

test_nothing_is_claimed_where_nothing_is_known if {
	findings := policy.deny with input.resource.attributes as {"node_pools": [{"name": "a"}]}
	{finding.key | some finding in findings} == set()
}
