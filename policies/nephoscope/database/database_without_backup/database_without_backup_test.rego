package nephoscope.database.database_without_backup_test

import data.nephoscope.database.database_without_backup as policy

test_deny_no_backups if {
	# RDS says 0 days, the others nothing.
	every backup in [{"enabled": false}, {"enabled": false, "days": 0}] {
		findings := policy.deny with input.resource.attributes as {"backup": backup}
		findings == {{
			"key": "none",
			"path": "/attributes/backup/enabled",
			"message": "no automatic backups are made",
		}}
	}
}

test_allow_however_long_they_are_kept if {
	every backup in [{"enabled": true}, {"enabled": true, "days": 1}] {
		findings := policy.deny with input.resource.attributes as {"backup": backup}
		findings == set()
	}
}

test_nothing_is_claimed_where_nothing_is_known if {
	every attributes in [{}, {"backup": {}}, {"backup": {"days": 0}}] {
		findings := policy.deny with input.resource.attributes as attributes
		findings == set()
	}
}
