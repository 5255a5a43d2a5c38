package nephoscope.compute.instance_public_address_test

import data.nephoscope.compute.instance_public_address as policy

test_deny_public_address if {
	attributes := {"public_address": {"assigned": true, "addresses": ["203.0.113.10", "2001:db8::1"]}}
	findings := policy.deny with input.resource as {"name": "web", "id": "i-1", "attributes": attributes}
		with input.params.exempt as []
	findings == {{
		"path": "/attributes/public_address/assigned",
		"message": "the instance has a public address, or gets one when it starts",
		"evidence": {"addresses": ["203.0.113.10", "2001:db8::1"]},
	}}
}

# Google Cloud: an access configuration without an address yet. Azure: an address of which the document was not read. A plan:
# one that is known only after apply.
test_deny_address_that_comes_at_start if {
	every address in [{"assigned": true, "addresses": []}, {"assigned": true}] {
		resource := {"name": "web", "id": "i-1", "attributes": {"public_address": address}}
		findings := policy.deny with input.resource as resource with input.params.exempt as []
		{finding.evidence.addresses | some finding in findings} == {[]}
	}
}

test_allow_private_instance if {
	attributes := {"public_address": {"assigned": false, "addresses": []}}
	findings := policy.deny with input.resource as {"name": "web", "id": "i-1", "attributes": attributes}
		with input.params.exempt as []
	findings == set()
}

test_allow_exempt_by_name_or_id if {
	resource := {"name": "gateway", "id": "//compute/gateway", "attributes": {"public_address": {"assigned": true, "addresses": []}}}
	every exempt in [["gateway"], ["other", "//compute/gateway"]] {
		findings := policy.deny with input.resource as resource with input.params.exempt as exempt
		findings == set()
	}
	findings := policy.deny with input.resource as resource with input.params.exempt as ["gate"]
	count(findings) == 1
}

test_nothing_is_claimed_where_nothing_is_known if {
	every attributes in [{}, {"public_address": {}}, {"public_address": {"addresses": []}}] {
		findings := policy.deny with input.resource as {"name": "a", "id": "b", "attributes": attributes}
			with input.params as {"exempt": []}
		findings == set()
	}
}
