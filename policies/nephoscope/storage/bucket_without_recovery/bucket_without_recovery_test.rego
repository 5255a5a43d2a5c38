package nephoscope.storage.bucket_without_recovery_test

import data.nephoscope.storage.bucket_without_recovery as policy

_any := {"min_days": 0}

# What each cloud's mapping makes of a bucket that keeps nothing; S3 has no soft delete.
_lost := {
	"aws": {"versioning": {"enabled": false, "mfa_delete": false}, "soft_delete": {"enabled": false}},
	"azure": {"versioning": {"enabled": false}, "soft_delete": {"enabled": false}},
	"gcp": {"versioning": {"enabled": false}, "soft_delete": {"enabled": false, "days": 0}},
}

_kept := {
	"aws": {"versioning": {"enabled": true, "mfa_delete": false}, "soft_delete": {"enabled": false}},
	"azure": {"versioning": {"enabled": false}, "soft_delete": {"enabled": true, "days": 7}},
	"gcp": {"versioning": {"enabled": true}, "soft_delete": {"enabled": true, "days": 7}},
}

test_deny_bucket_that_keeps_nothing_in_every_cloud if {
	every attributes in _lost {
		findings := policy.deny with input.resource.attributes as attributes with input.params as _any
		findings == {{
			"path": "/attributes/versioning/enabled",
			"message": "neither older versions nor deleted objects are kept",
		}}
	}
}

# A resource fails once, whatever the parameter.
test_deny_once_with_a_minimum if {
	every attributes in _lost {
		findings := policy.deny with input.resource.attributes as attributes with input.params.min_days as 30
		count(findings) == 1
	}
}

test_allow_bucket_that_keeps_something_in_every_cloud if {
	every attributes in _kept {
		findings := policy.deny with input.resource.attributes as attributes with input.params as _any
		findings == set()
	}
}

test_deny_soft_delete_shorter_than_the_minimum if {
	findings := policy.deny with input.resource.attributes as _kept.azure with input.params.min_days as 30
	findings == {{
		"path": "/attributes/soft_delete/days",
		"message": "deleted objects are kept for 7 days, fewer than 30, and older versions not at all",
	}}
}

test_allow_soft_delete_of_the_minimum if {
	findings := policy.deny with input.resource.attributes as _kept.azure with input.params.min_days as 7
	findings == set()
}

# Versions have no term: with versioning on, the length of soft delete does not matter.
test_allow_versions_whatever_the_minimum if {
	findings := policy.deny with input.resource.attributes as _kept.gcp with input.params.min_days as 30
	findings == set()
}

test_nothing_is_claimed_where_one_half_is_unknown if {
	every attributes in [
		{},
		{"versioning": {"enabled": false}},
		{"soft_delete": {"enabled": false}},
		{"versioning": {"enabled": false}, "soft_delete": {"enabled": true}},
	] {
		findings := policy.deny with input.resource.attributes as attributes with input.params.min_days as 30
		findings == set()
	}
}
