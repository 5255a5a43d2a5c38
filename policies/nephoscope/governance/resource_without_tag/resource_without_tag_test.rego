package nephoscope.governance.resource_without_tag_test

import data.nephoscope.governance.resource_without_tag as policy

_tagged := {"tags": {"owner": "data-team", "cost_center": ""}}

test_allow_everything_by_default if {
	findings := policy.deny with input.resource as _tagged with input.params.tags as []
	findings == set()
}

test_deny_each_missing_or_empty_tag if {
	findings := policy.deny with input.resource as _tagged with input.params.tags as ["owner", "cost_center", "stage"]
	{finding.key | some finding in findings} == {"cost_center", "stage"}
}

test_deny_names_the_tag if {
	findings := policy.deny with input.resource as _tagged with input.params.tags as ["stage"]
	findings == {{
		"key": "stage",
		"path": "/tags",
		"message": "the required tag stage is missing or empty",
	}}
}

test_allow_tagged if {
	findings := policy.deny with input.resource as _tagged with input.params.tags as ["owner"]
	findings == set()
}
