package nephoscope.database.database_audit_log_off_test

import data.nephoscope.database.database_audit_log_off as policy

test_deny if {
	findings := policy.deny with input.resource.attributes as {"audit": {"enabled": false}}
	findings == {{
		"path": "/attributes/audit/enabled",
		"message": "no audit log leaves the database",
	}}
}

test_allow if {
	findings := policy.deny with input.resource.attributes as {"audit": {"enabled": true}}
	findings == set()
}

test_nothing_is_claimed_where_nothing_is_known if {
	every attributes in [{}, {"audit": {}}] {
		findings := policy.deny with input.resource.attributes as attributes
		findings == set()
	}
}
