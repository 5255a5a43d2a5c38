package nephoscope.database.database_plaintext_connections_test

import data.nephoscope.database.database_plaintext_connections as policy

_current := {"min_version": "TLS1_2"}

test_deny_plaintext if {
	findings := policy.deny with input.resource.attributes as {"tls": {"required": false}} with input.params as _current
	findings == {{
		"key": "plaintext",
		"path": "/attributes/tls/required",
		"message": "connections without TLS are accepted",
	}}
}

test_deny_older_versions if {
	every version in ["TLS1_0", "TLS1_1"] {
		attributes := {"tls": {"required": true, "min_version": version}}
		findings := policy.deny with input.resource.attributes as attributes with input.params as _current
		{finding.key | some finding in findings} == {"old version"}
	}
}

test_the_parameter_decides if {
	attributes := {"tls": {"required": true, "min_version": "TLS1_2"}}
	stricter := policy.deny with input.resource.attributes as attributes with input.params.min_version as "TLS1_3"
	count(stricter) == 1
	laxer := policy.deny with input.resource.attributes as attributes with input.params.min_version as "TLS1_0"
	laxer == set()
}

test_allow_in_every_cloud if {
	every tls in {
		"azure": {"required": true, "min_version": "TLS1_2"},
		"gcp": {"required": true},
	} {
		findings := policy.deny with input.resource.attributes as {"tls": tls} with input.params as _current
		findings == set()
	}
}

test_nothing_is_claimed_where_nothing_is_known if {
	every attributes in [{}, {"tls": {}}] {
		findings := policy.deny with input.resource.attributes as attributes with input.params as _current
		findings == set()
	}
}
