package nephoscope.storage.bucket_public_guard_off_test

import data.nephoscope.storage.bucket_public_guard_off as policy

_attributes(guard) := {"public_access": {"guard": guard, "grants": []}}

# What each cloud's mapping makes of a bucket without guard.
_unguarded := {
	"aws without block": "off",
	"aws with two of four settings": "partial",
	"azure with allowBlobPublicAccess": "off",
	"gcp with inherited prevention": "off",
}

test_deny_missing_guard_in_every_cloud if {
	every guard in _unguarded {
		findings := policy.deny with input.resource.attributes as _attributes(guard)
		count(findings) == 1
	}
}

test_deny_off if {
	findings := policy.deny with input.resource.attributes as _attributes("off")
	findings == {{
		"key": "off",
		"path": "/attributes/public_access/guard",
		"message": "no setting keeps the public out",
	}}
}

test_deny_partial if {
	findings := policy.deny with input.resource.attributes as _attributes("partial")
	findings == {{
		"key": "partial",
		"path": "/attributes/public_access/guard",
		"message": "only some of the settings that keep the public out are on",
	}}
}

test_allow_guarded_bucket if {
	findings := policy.deny with input.resource.attributes as _attributes("on")
	findings == set()
}

test_nothing_is_claimed_where_nothing_is_known if {
	every attributes in [{}, {"public_access": {}}] {
		findings := policy.deny with input.resource.attributes as attributes
		findings == set()
	}
}
