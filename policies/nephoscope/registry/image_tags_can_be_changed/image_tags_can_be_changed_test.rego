package nephoscope.registry.image_tags_can_be_changed_test

import data.nephoscope.registry.image_tags_can_be_changed as policy

test_deny if {
	findings := policy.deny with input.resource.attributes as {"immutable_tags": false}
	findings == {{
		"path": "/attributes/immutable_tags",
		"message": "a tag can be moved to another image",
	}}
}

test_allow if {
	findings := policy.deny with input.resource.attributes as {"immutable_tags": true}
	findings == set()
}

test_nothing_is_claimed_where_nothing_is_known if {
	every attributes in [{}] {
		findings := policy.deny with input.resource.attributes as attributes
		findings == set()
	}
}
