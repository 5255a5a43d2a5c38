package nephoscope.audit.sink_incomplete_test

import data.nephoscope.audit.sink_incomplete as policy

test_deny_disabled if {
	findings := policy.deny with input.resource.attributes as {"enabled": false, "exclusions": []} with input.params as {"exclusions": []}
	{finding.key | some finding in findings} == {"disabled"}
}

test_deny_exclusion if {
	findings := policy.deny with input.resource.attributes as {"enabled": true, "exclusions": [{"name": "no-reads", "filter": "x"}, {"name": "noise", "filter": "y"}]} with input.params as {"exclusions": ["noise"]}
	{finding.key | some finding in findings} == {"exclusion no-reads"}
}

test_allow if {
	findings := policy.deny with input.resource.attributes as {"enabled": true, "exclusions": []} with input.params as {"exclusions": []}
	{finding.key | some finding in findings} == set()
}

test_nothing_is_claimed_where_nothing_is_known if {
	findings := policy.deny with input.resource.attributes as {} with input.params as {"exclusions": []}
	{finding.key | some finding in findings} == set()
}
