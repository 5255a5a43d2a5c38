package nephoscope.compute.instance_secure_boot_off_test

import data.nephoscope.compute.instance_secure_boot_off as policy

test_deny_without_secure_boot if {
	findings := policy.deny with input.resource.attributes as {"secure_boot": false, "vtpm": true}
	findings == {{
		"path": "/attributes/secure_boot",
		"message": "the instance may boot software that nobody signed",
	}}
}

test_allow_secure_boot if {
	findings := policy.deny with input.resource.attributes as {"secure_boot": true, "vtpm": false}
	findings == set()
}

test_nothing_is_claimed_where_nothing_is_known if {
	every attributes in [{}, {"vtpm": false}] {
		findings := policy.deny with input.resource as {"name": "a", "id": "b", "attributes": attributes}
			with input.params as {}
		findings == set()
	}
}
