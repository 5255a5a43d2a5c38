package nephoscope.database.database_backup_too_short_test

import data.nephoscope.database.database_backup_too_short as policy

_week := {"min_days": 7}

test_deny_too_short if {
	findings := policy.deny with input.resource.attributes as {"backup": {"enabled": true, "days": 1}}
		with input.params as _week
	findings == {{
		"path": "/attributes/backup/days",
		"message": "backups are kept for 1 days, fewer than 7",
	}}
}

test_allow_long_enough if {
	findings := policy.deny with input.resource.attributes as {"backup": {"enabled": true, "days": 7}}
		with input.params as _week
	findings == set()
}

test_allow_any_length if {
	findings := policy.deny with input.resource.attributes as {"backup": {"enabled": true, "days": 1}}
		with input.params.min_days as 0
	findings == set()
}

test_allow_no_backups_which_is_another_fault if {
	# RDS says 0 days, the others nothing.
	every backup in [{"enabled": false}, {"enabled": false, "days": 0}] {
		findings := policy.deny with input.resource.attributes as {"backup": backup} with input.params as _week
		findings == set()
	}
}

test_nothing_is_claimed_where_nothing_is_known if {
	every attributes in [{}, {"backup": {}}, {"backup": {"enabled": true}}] {
		findings := policy.deny with input.resource.attributes as attributes with input.params as _week
		findings == set()
	}
}
