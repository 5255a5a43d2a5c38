package nephoscope.cluster.cluster_images_not_admitted_test

import data.nephoscope.cluster.cluster_images_not_admitted as policy

test_deny if {
	findings := policy.deny with input.resource.attributes as {"binary_authorization": false}
	{finding.key | some finding in findings} == {"admission"}
}

test_allow_true if {
	findings := policy.deny with input.resource.attributes as {"binary_authorization": true}
	{finding.key | some finding in findings} == set()
}

test_nothing_is_claimed_where_nothing_is_known if {
	findings := policy.deny with input.resource.attributes as {}
	{finding.key | some finding in findings} == set()
}
