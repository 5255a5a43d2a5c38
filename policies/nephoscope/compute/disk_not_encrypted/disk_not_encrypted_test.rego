package nephoscope.compute.disk_not_encrypted_test

import data.nephoscope.compute.disk_not_encrypted as policy

test_deny_plain_disk if {
	findings := policy.deny with input.resource.attributes as {"encryption": {"enabled": false}}
	findings == {{
		"path": "/attributes/encryption/enabled",
		"message": "the disk is not encrypted",
	}}
}

test_allow_encrypted_disk if {
	findings := policy.deny with input.resource.attributes as {"encryption": {"enabled": true, "key_kind": "provider"}}
	findings == set()
}

test_nothing_is_claimed_where_nothing_is_known if {
	every attributes in [{}, {"encryption": {}}, {"attached": false}] {
		findings := policy.deny with input.resource as {"name": "a", "id": "b", "attributes": attributes}
			with input.params as {}
		findings == set()
	}
}
