package nephoscope.identity.federation_for_whole_issuer_test

import data.nephoscope.identity.federation_for_whole_issuer as policy

_trust(principal, subjects) := {"principal": principal, "origin": "federated", "subjects": subjects}

_findings(trust) := findings if {
	findings := policy.deny with input.resource as {"kind": "identity.role", "attributes": {"trust": trust}}
}

test_deny_a_role_for_every_identity_of_an_issuer if {
	_findings([_trust("github", "selected"), _trust("eks", "whole_issuer")]) == {{
		"key": "eks",
		"path": "/attributes/trust/1",
		"message": "every identity of eks may assume the role",
	}}
}

test_allow_selected_subjects if {
	_findings([_trust("eks", "selected")]) == set()
}

# NEPH-IDENTITY-009 tells of those.
test_allow_an_issuer_for_anybody if {
	_findings([_trust("github", "anybody")]) == set()
}

test_allow_what_is_no_issuer_of_tokens if {
	_findings([{"principal": "ec2.amazonaws.com", "origin": "service", "narrowing": "none"}]) == set()
}
