package nephoscope.compute.instance_legacy_metadata_test

import data.nephoscope.compute.instance_legacy_metadata as policy

test_deny_optional_tokens if {
	attributes := {"metadata_service": {"enabled": true, "token_required": false}}
	findings := policy.deny with input.resource.attributes as attributes
	findings == {{
		"path": "/attributes/metadata_service/token_required",
		"message": "the metadata service gives credentials to requests without a session token",
	}}
}

test_allow_required_tokens_or_no_service if {
	every service in [{"enabled": true, "token_required": true}, {"enabled": false, "token_required": false}] {
		findings := policy.deny with input.resource.attributes as {"metadata_service": service}
		findings == set()
	}
}

test_nothing_is_claimed_where_nothing_is_known if {
	every attributes in [{}, {"metadata_service": {}}, {"metadata_service": {"enabled": true}}, {"metadata_service": {"token_required": false}}] {
		findings := policy.deny with input.resource as {"name": "a", "id": "b", "attributes": attributes}
			with input.params as {}
		findings == set()
	}
}
