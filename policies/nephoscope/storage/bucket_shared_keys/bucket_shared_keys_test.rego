package nephoscope.storage.bucket_shared_keys_test

import data.nephoscope.storage.bucket_shared_keys as policy

test_deny_accepted if {
	findings := policy.deny with input.resource.attributes as {"shared_keys": true}
	findings == {{
		"path": "/attributes/shared_keys",
		"message": "requests signed with the account's shared keys are accepted",
	}}
}

test_allow_refused if {
	findings := policy.deny with input.resource.attributes as {"shared_keys": false}
	findings == set()
}

test_allow_absent if {
	findings := policy.deny with input.resource.attributes as {}
	findings == set()
}
