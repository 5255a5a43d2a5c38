package nephoscope.database.database_open_to_internet_test

import data.nephoscope.database.database_open_to_internet as policy

test_deny_internet_and_azure_services if {
	every key, name in {"internet": "open_to_internet", "azure services": "azure_services"} {
		findings := policy.deny with input.resource.attributes as {"network": {"public_endpoint": true, name: true}}
		{finding.key | some finding in findings} == {key}
		{finding.path | some finding in findings} == {sprintf("/attributes/network/%s", [name])}
	}
}

test_each_is_a_finding_of_its_own if {
	attributes := {"network": {"open_to_internet": true, "azure_services": true}}
	findings := policy.deny with input.resource.attributes as attributes
	count(findings) == 2
}

# What the mappings of each cloud make of a database that only some can reach.
test_allow_in_every_cloud if {
	every network in {
		"aws": {"public_endpoint": false, "open_to_internet": false},
		"azure": {"public_endpoint": true, "open_to_internet": false, "azure_services": false},
		"gcp": {"public_endpoint": true, "open_to_internet": false},
	} {
		findings := policy.deny with input.resource.attributes as {"network": network}
		findings == set()
	}
}

test_nothing_is_claimed_where_nothing_is_known if {
	every attributes in [{}, {"network": {}}, {"network": {"public_endpoint": true}}] {
		findings := policy.deny with input.resource.attributes as attributes
		findings == set()
	}
}
