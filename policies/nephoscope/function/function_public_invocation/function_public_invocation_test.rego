package nephoscope.function.function_public_invocation_test

import data.nephoscope.function.function_public_invocation as policy

test_deny_everyone if {
	findings := policy.deny with input.resource.attributes as {"invocation": {"grants": [{"principal": "everyone", "admin": false, "name": "roles/run.invoker", "effective": true}]}}
	{finding.key | some finding in findings} == {"everyone roles/run.invoker"}
}

test_deny_any_account if {
	findings := policy.deny with input.resource.attributes as {"invocation": {"grants": [{"principal": "any_authenticated", "admin": true, "name": "all", "effective": true}]}}
	{finding.key | some finding in findings} == {"any_authenticated all"}
}

test_deny_unchecked if {
	findings := policy.deny with input.resource.attributes as {"invocation": {"grants": [{"principal": "everyone", "admin": false, "effective": true}]}}
	{finding.key | some finding in findings} == {"everyone no check by IAM"}
}

test_allow_internal if {
	findings := policy.deny with input.resource.attributes as {"invocation": {"grants": [{"principal": "everyone", "admin": false, "name": "roles/run.invoker", "effective": false}]}}
	{finding.key | some finding in findings} == set()
}

test_allow_nobody if {
	findings := policy.deny with input.resource.attributes as {"invocation": {"grants": []}}
	{finding.key | some finding in findings} == set()
}

test_nothing_is_claimed_where_nothing_is_known if {
	findings := policy.deny with input.resource.attributes as {"invocation": {"grants": [{"principal": "everyone", "admin": false, "name": "roles/run.invoker"}]}}
	{finding.key | some finding in findings} == set()
}

test_what_is_more_than_a_call_is_said if {
	findings := policy.deny with input.resource.attributes as {"invocation": {"grants": [{"principal": "everyone", "admin": true, "name": "roles/run.admin", "effective": true}]}}
	{finding.message | some finding in findings} == {"everyone on the internet may call and change it by roles/run.admin"}
}
