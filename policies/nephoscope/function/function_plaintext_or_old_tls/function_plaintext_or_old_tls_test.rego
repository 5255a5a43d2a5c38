package nephoscope.function.function_plaintext_or_old_tls_test

import data.nephoscope.function.function_plaintext_or_old_tls as policy

test_deny_both if {
	findings := policy.deny with input.resource.attributes as {"tls": {"required": false, "min_version": "TLS1_0"}}
	{finding.key | some finding in findings} == {"plain HTTP", "old TLS"}
}

test_deny_tls_1_1 if {
	findings := policy.deny with input.resource.attributes as {"tls": {"required": true, "min_version": "TLS1_1"}}
	{finding.key | some finding in findings} == {"old TLS"}
}

test_allow_tls_1_2 if {
	findings := policy.deny with input.resource.attributes as {"tls": {"required": true, "min_version": "TLS1_2"}}
	{finding.key | some finding in findings} == set()
}

test_nothing_is_claimed_where_nothing_is_known if {
	findings := policy.deny with input.resource.attributes as {"tls": {}}
	{finding.key | some finding in findings} == set()
}
