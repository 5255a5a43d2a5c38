package nephoscope.compute.disk_not_attached_test

import data.nephoscope.compute.disk_not_attached as policy

test_deny_free_disk if {
	findings := policy.deny with input.resource.attributes as {"attached": false}
	findings == {{
		"path": "/attributes/attached",
		"message": "no instance has the disk attached",
	}}
}

test_allow_disk_in_use if {
	findings := policy.deny with input.resource.attributes as {"attached": true}
	findings == set()
}

test_nothing_is_claimed_where_nothing_is_known if {
	every attributes in [{}, {"encryption": {"enabled": true}}] {
		findings := policy.deny with input.resource as {"name": "a", "id": "b", "attributes": attributes}
			with input.params as {}
		findings == set()
	}
}
