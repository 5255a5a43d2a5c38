package nephoscope.cluster.cluster_version_old_test

import data.nephoscope.cluster.cluster_version_old as policy

test_deny_old if {
	findings := policy.deny with input.resource.attributes as {"version": {"name": "1.29.3", "minor": 29}, "node_pools": [{"name": "a", "version": {"name": "1.29.3", "minor": 29}}]} with input.params as {"oldest_minor": 30, "allowed": [], "denied": []}
	{finding.key | some finding in findings} == {"old control plane", "old a"}
}

test_allow_oldest if {
	findings := policy.deny with input.resource.attributes as {"version": {"name": "1.30", "minor": 30}, "node_pools": [{"name": "a", "version": {"name": "1.30", "minor": 30}}]} with input.params as {"oldest_minor": 30, "allowed": [], "denied": []}
	{finding.key | some finding in findings} == set()
}

test_deny_refused if {
	findings := policy.deny with input.resource.attributes as {"version": {"name": "1.34.1", "minor": 34}, "node_pools": [{"name": "a", "version": {"name": "1.34.1", "minor": 34}}]} with input.params as {"oldest_minor": 30, "allowed": [], "denied": ["1.34.1"]}
	{finding.key | some finding in findings} == {"refused control plane", "refused a"}
}

test_deny_not_accepted if {
	findings := policy.deny with input.resource.attributes as {"version": {"name": "1.34.1", "minor": 34}, "node_pools": [{"name": "a", "version": {"name": "1.34.1", "minor": 34}}]} with input.params as {"oldest_minor": 30, "allowed": ["1.34.2"], "denied": []}
	{finding.key | some finding in findings} == {"not accepted control plane", "not accepted a"}
}

test_allow_accepted if {
	findings := policy.deny with input.resource.attributes as {"version": {"name": "1.34.1", "minor": 34}, "node_pools": [{"name": "a", "version": {"name": "1.34.1", "minor": 34}}]} with input.params as {"oldest_minor": 30, "allowed": ["1.34.1"], "denied": []}
	{finding.key | some finding in findings} == set()
}

test_nothing_is_claimed_where_nothing_is_known if {
	findings := policy.deny with input.resource.attributes as {"version": {}, "node_pools": [{"name": "a", "version": {}}]} with input.params as {"oldest_minor": 30, "allowed": ["1.34.1"], "denied": []}
	{finding.key | some finding in findings} == set()
}
