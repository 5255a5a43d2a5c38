package nephoscope.storage.bucket_without_access_log_test

import data.nephoscope.storage.bucket_without_access_log as policy

_bucket(name, logging) := {"name": name, "attributes": {"logging": logging}}

test_deny_bucket_that_logs_nothing if {
	findings := policy.deny with input.resource as _bucket("data", {"enabled": false}) with input.params.exempt as []
	findings == {{
		"path": "/attributes/logging/enabled",
		"message": "requests are not logged",
	}}
}

test_allow_logged if {
	logging := {"enabled": true, "target": "logs"}
	findings := policy.deny with input.resource as _bucket("data", logging) with input.params.exempt as []
	findings == set()
}

test_allow_absent if {
	findings := policy.deny with input.resource as _bucket("data", {}) with input.params.exempt as []
	findings == set()
}

test_allow_exempt if {
	findings := policy.deny with input.resource as _bucket("acme-logs", {"enabled": false})
		with input.params.exempt as ["*-logs"]
	findings == set()
}
