package nephoscope.registry.images_not_scanned_test

import data.nephoscope.registry.images_not_scanned as policy

test_deny if {
	findings := policy.deny with input.resource.attributes as {"scan_on_push": false}
	findings == {{
		"path": "/attributes/scan_on_push",
		"message": "images are not scanned when they are pushed",
	}}
}

test_allow if {
	findings := policy.deny with input.resource.attributes as {"scan_on_push": true}
	findings == set()
}

test_nothing_is_claimed_where_nothing_is_known if {
	every attributes in [{}] {
		findings := policy.deny with input.resource.attributes as attributes
		findings == set()
	}
}
