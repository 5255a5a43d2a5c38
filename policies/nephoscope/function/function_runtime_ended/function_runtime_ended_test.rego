package nephoscope.function.function_runtime_ended_test

import data.nephoscope.function.function_runtime_ended as policy

_params := {"runtimes": {"python3.8": "2024-10-14", "node|16": "2023-09-11", "gcp:java11": "2024-10-31", "java11": "2027-06-30"}}

_function(attributes) := {"provider": "aws", "attributes": attributes}

test_deny_after_the_date if {
	findings := policy.deny with input.resource as _function({"runtime": "python3.8"})
		with input.params as _params
		with input.as_of as "2026-11-25T00:00:00Z"
	count(findings) == 1
}

test_allow_before_the_date if {
	findings := policy.deny with input.resource as _function({"runtime": "python3.8"})
		with input.params as _params
		with input.as_of as "2024-10-13T23:59:59Z"
	count(findings) == 0
}

test_deny_in_any_case if {
	findings := policy.deny with input.resource as _function({"runtime": "NODE|16"})
		with input.params as _params
		with input.as_of as "2026-11-25T00:00:00Z"
	count(findings) == 1
}

test_allow_what_is_not_listed if {
	findings := policy.deny with input.resource as _function({"runtime": "python3.13"})
		with input.params as _params
		with input.as_of as "2026-11-25T00:00:00Z"
	count(findings) == 0
}

test_the_date_of_a_provider_goes_before_that_of_all if {
	every provider, count_of in {"gcp": 1, "aws": 0} {
		findings := policy.deny with input.resource as {"provider": provider, "attributes": {"runtime": "java11"}}
			with input.params as _params
			with input.as_of as "2026-11-25T00:00:00Z"
		count(findings) == count_of
	}
}

test_nothing_is_claimed_where_nothing_is_known if {
	findings := policy.deny with input.resource as _function({})
		with input.params as _params
		with input.as_of as "2026-11-25T00:00:00Z"
	findings == set()
}
