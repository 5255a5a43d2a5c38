package nephoscope.cluster.cluster_static_credentials_test

import data.nephoscope.cluster.cluster_static_credentials as policy

test_deny_both if {
	findings := policy.deny with input.resource.attributes as {"basic_auth": true, "client_certificate": true}
	{finding.key | some finding in findings} == {"password", "client certificate"}
}

test_allow if {
	findings := policy.deny with input.resource.attributes as {"basic_auth": false, "client_certificate": false}
	{finding.key | some finding in findings} == set()
}

test_nothing_is_claimed_where_nothing_is_known if {
	findings := policy.deny with input.resource.attributes as {}
	{finding.key | some finding in findings} == set()
}
