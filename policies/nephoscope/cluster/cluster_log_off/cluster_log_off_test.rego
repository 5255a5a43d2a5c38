package nephoscope.cluster.cluster_log_off_test

import data.nephoscope.cluster.cluster_log_off as policy

test_deny_no_log if {
	findings := policy.deny with input.resource.attributes as {"logs": {"enabled": false, "audit": false}}
	{finding.key | some finding in findings} == {"no log"}
}

test_deny_all_but_the_audit_log if {
	findings := policy.deny with input.resource.attributes as {"logs": {"enabled": true, "audit": false}}
	{finding.key | some finding in findings} == {"no audit log"}
}

test_allow_audit_log if {
	findings := policy.deny with input.resource.attributes as {"logs": {"enabled": true, "audit": true}}
	{finding.key | some finding in findings} == set()
}

test_allow_google_cloud if {
	findings := policy.deny with input.resource.attributes as {"logs": {"enabled": true}}
	{finding.key | some finding in findings} == set()
}

test_nothing_is_claimed_where_nothing_is_known if {
	findings := policy.deny with input.resource.attributes as {"logs": {}}
	{finding.key | some finding in findings} == set()
}
