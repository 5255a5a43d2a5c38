package nephoscope.network.cdn_origin_plain_http_test

import data.nephoscope.network.cdn_origin_plain_http as policy

test_deny_an_origin_over_plain_http if {
	origins := [{"name": "assets"}, {"name": "site", "plain_http": true}]
	findings := policy.deny with input.resource.attributes.origins as origins
	findings == {{
		"key": "origin site",
		"path": "/attributes/origins/1",
		"message": "origin site is asked over plain HTTP",
	}}
}

test_allow_encrypted if {
	findings := policy.deny with input.resource.attributes.origins as [{"name": "site", "plain_http": false}]
	findings == set()
}

test_nothing_is_claimed_where_nothing_is_known if {
	every attributes in [{}, {"origins": []}, {"origins": [{"name": "site"}]}] {
		findings := policy.deny with input.resource.attributes as attributes
		findings == set()
	}
}
