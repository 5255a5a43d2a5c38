package nephoscope.cluster.cluster_legacy_authorization_test

import data.nephoscope.cluster.cluster_legacy_authorization as policy

test_deny_both if {
	findings := policy.deny with input.resource.attributes as {"legacy_authorization": true, "local_accounts": true}
	{finding.key | some finding in findings} == {"legacy authorization", "local accounts"}
}

test_deny_google_cloud if {
	findings := policy.deny with input.resource.attributes as {"legacy_authorization": true}
	{finding.key | some finding in findings} == {"legacy authorization"}
}

test_allow if {
	findings := policy.deny with input.resource.attributes as {"legacy_authorization": false, "local_accounts": false}
	{finding.key | some finding in findings} == set()
}

test_nothing_is_claimed_where_nothing_is_known if {
	findings := policy.deny with input.resource.attributes as {}
	{finding.key | some finding in findings} == set()
}
