package nephoscope.storage.bucket_plaintext_access_test

import data.nephoscope.storage.bucket_plaintext_access as policy

# What each cloud's mapping makes of a bucket that takes plain HTTP; of Cloud Storage it cannot tell.
_plaintext := {
	"aws": {"tls": {"required": false}},
	"azure": {"tls": {"required": false, "min_version": "TLS1_2"}},
}

_encrypted := {
	"aws": {"tls": {"required": true}},
	"azure": {"tls": {"required": true, "min_version": "TLS1_2"}},
}

test_deny_plaintext_in_every_cloud if {
	every attributes in _plaintext {
		findings := policy.deny with input.resource.attributes as attributes
		findings == {{
			"path": "/attributes/tls/required",
			"message": "requests over plain HTTP are accepted",
		}}
	}
}

test_allow_encrypted_in_every_cloud if {
	every attributes in _encrypted {
		findings := policy.deny with input.resource.attributes as attributes
		findings == set()
	}
}

test_nothing_is_claimed_where_nothing_is_known if {
	every attributes in [{}, {"tls": {}}, {"tls": {"min_version": "TLS1_0"}}] {
		findings := policy.deny with input.resource.attributes as attributes
		findings == set()
	}
}
