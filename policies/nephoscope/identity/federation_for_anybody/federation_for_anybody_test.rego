package nephoscope.identity.federation_for_anybody_test

import data.nephoscope.identity.federation_for_anybody as policy

_github := "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"

_trust(principal, subjects) := {"principal": principal, "origin": "federated", "subjects": subjects}

_findings(kind, trust) := findings if {
	findings := policy.deny with input.resource as {"kind": kind, "attributes": {"trust": trust}}
}

test_deny_anybody_in_every_cloud if {
	every kind, principal in {"identity.role": _github, "identity.provider": "https://token.actions.githubusercontent.com"} {
		_findings(kind, [_trust(principal, "anybody")]) == {{
			"key": principal,
			"path": "/attributes/trust/0",
			"message": sprintf("anybody who gets a token of %s is let in", [principal]),
		}}
	}
}

test_allow_an_issuer_of_ones_own if {
	_findings("identity.role", [_trust("eks", "whole_issuer")]) == set()
}

test_allow_a_provider_of_ones_own if {
	_findings("identity.provider", [_trust("https://sso.example.com", "whole_issuer")]) == set()
}

test_allow_selected_subjects if {
	_findings("identity.role", [_trust(_github, "selected")]) == set()
	_findings("identity.provider", [_trust("x", "selected")]) == set()
}

test_allow_what_is_no_issuer_of_tokens if {
	_findings("identity.role", [{"principal": "ec2.amazonaws.com", "origin": "service", "narrowing": "none"}]) == set()
	_findings("identity.provider", [{"principal": "saml", "origin": "federated"}]) == set()
}

test_nothing_is_claimed_where_nothing_is_known if {
	every attributes in [{}, {"trust": []}] {
		findings := policy.deny with input.resource as {"kind": "identity.role", "attributes": attributes}
		findings == set()
	}
}
