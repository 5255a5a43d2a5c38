package nephoscope.cluster.cluster_endpoint_open_test

import data.nephoscope.cluster.cluster_endpoint_open as policy

test_deny_any_network if {
	findings := policy.deny with input.resource.attributes as {"endpoint": {"network": "any"}} with input.params as {"accept_listed": true}
	{finding.key | some finding in findings} == {"any network"}
}

test_allow_listed_networks if {
	findings := policy.deny with input.resource.attributes as {"endpoint": {"network": "selected", "ranges": ["203.0.113.0/28"]}} with input.params as {"accept_listed": true}
	{finding.key | some finding in findings} == set()
}

test_deny_listed_networks_where_none_is_accepted if {
	findings := policy.deny with input.resource.attributes as {"endpoint": {"network": "selected", "ranges": ["203.0.113.0/28"]}} with input.params as {"accept_listed": false}
	{finding.key | some finding in findings} == {"listed networks"}
}

test_allow_private if {
	findings := policy.deny with input.resource.attributes as {"endpoint": {"network": "private"}} with input.params as {"accept_listed": false}
	{finding.key | some finding in findings} == set()
}

test_nothing_is_claimed_where_nothing_is_known if {
	findings := policy.deny with input.resource.attributes as {"endpoint": {}} with input.params as {"accept_listed": false}
	{finding.key | some finding in findings} == set()
}
