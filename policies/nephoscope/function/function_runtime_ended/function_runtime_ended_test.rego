package nephoscope.function.function_runtime_ended_test

import data.nephoscope.function.function_runtime_ended as policy

_params := {"runtimes": {"python3.8": "2024-10-14", "node|16": "2023-09-11"}}

test_deny_after_the_date if {
	findings := policy.deny with input.resource.attributes as {"runtime": "python3.8"}
		with input.params as _params
		with input.as_of as "2026-11-25T00:00:00Z"
	count(findings) == 1
}

test_allow_before_the_date if {
	findings := policy.deny with input.resource.attributes as {"runtime": "python3.8"}
		with input.params as _params
		with input.as_of as "2024-10-13T23:59:59Z"
	count(findings) == 0
}

test_deny_in_any_case if {
	findings := policy.deny with input.resource.attributes as {"runtime": "NODE|16"}
		with input.params as _params
		with input.as_of as "2026-11-25T00:00:00Z"
	count(findings) == 1
}

test_allow_what_is_not_listed if {
	findings := policy.deny with input.resource.attributes as {"runtime": "python3.13"}
		with input.params as _params
		with input.as_of as "2026-11-25T00:00:00Z"
	count(findings) == 0
}

test_nothing_is_claimed_where_nothing_is_known if {
	findings := policy.deny with input.resource.attributes as {}
		with input.params as _params
		with input.as_of as "2026-11-25T00:00:00Z"
	findings == set()
}
