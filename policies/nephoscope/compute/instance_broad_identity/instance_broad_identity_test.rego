package nephoscope.compute.instance_broad_identity_test

import data.nephoscope.compute.instance_broad_identity as policy

_all := "https://www.googleapis.com/auth/cloud-platform"

_params := {"scopes": [_all]}

test_deny_default_account_with_every_api if {
	attributes := {"identity": {"default_account": true, "scopes": [_all]}}
	findings := policy.deny with input.resource.attributes as attributes with input.params as _params
	findings == {{
		"key": _all,
		"path": "/attributes/identity/scopes/0",
		"message": sprintf("the instance runs as the default service account with scope %s", [_all]),
	}}
}

test_deny_each_scope_that_is_listed if {
	attributes := {"identity": {"default_account": true, "scopes": [_all, "compute", "logging.write"]}}
	findings := policy.deny with input.resource.attributes as attributes
		with input.params.scopes as ["compute", "devstorage.full_control"]
	{finding.key | some finding in findings} == {"compute"}
}

test_allow_confined_or_own_account if {
	every identity in [
		{"default_account": true, "scopes": ["https://www.googleapis.com/auth/logging.write"]},
		{"default_account": false, "scopes": [_all]},
		{"default_account": false, "scopes": []},
	] {
		findings := policy.deny with input.resource.attributes as {"identity": identity} with input.params as _params
		findings == set()
	}
}

test_nothing_is_claimed_where_nothing_is_known if {
	every attributes in [{}, {"identity": {}}, {"identity": {"default_account": true}}, {"identity": {"scopes": [_all]}}] {
		findings := policy.deny with input.resource as {"name": "a", "id": "b", "attributes": attributes}
			with input.params as _params
		findings == set()
	}
}
