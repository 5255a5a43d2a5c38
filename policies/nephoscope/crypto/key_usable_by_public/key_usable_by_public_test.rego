package nephoscope.crypto.key_usable_by_public_test

import data.nephoscope.crypto.key_usable_by_public as policy

_attributes(grants) := {"public_access": {"grants": grants}}

_grant(principal, access, via, name) := {
	"principal": principal,
	"access": access,
	"via": via,
	"name": name,
	"effective": true,
}

# What each cloud's mapping makes of a public one.
_public := {
	"aws": _grant("any_authenticated", "use", "policy", "AnyUse"),
	"gcp": _grant("everyone", "use", "iam", "roles/cloudkms.cryptoKeyDecrypter"),
}

test_deny_public_grant_in_every_cloud if {
	every grant in _public {
		findings := policy.deny with input.resource.attributes as _attributes([grant])
		count(findings) == 1
	}
}

test_deny_says_who_what_and_where if {
	findings := policy.deny with input.resource.attributes as _attributes([_public.gcp])
	findings == {{
		"key": sprintf("everyone %s iam %s", [_public.gcp.access, _public.gcp.name]),
		"path": "/attributes/public_access/grants/0",
		"message": sprintf("everyone on the internet has %s access by IAM role %s", [
			_public.gcp.access,
			_public.gcp.name,
		]),
	}}
}

test_deny_grant_without_a_name if {
	nameless := object.remove(_public.gcp, ["name"])
	findings := policy.deny with input.resource.attributes as _attributes([nameless])
	{finding.key | some finding in findings} == {sprintf("everyone %s iam ?", [_public.gcp.access])}
}

# A grant whose effect is not known must not hide the one beside it.
test_deny_beside_a_grant_of_unknown_effect if {
	doubtful := object.remove(_public.gcp, ["effective"])
	findings := policy.deny with input.resource.attributes as _attributes([doubtful, _public.gcp, doubtful])
	{finding.path | some finding in findings} == {"/attributes/public_access/grants/1"}
}

test_allow_grant_that_something_overrides if {
	overridden := object.union(_public.gcp, {"effective": false})
	findings := policy.deny with input.resource.attributes as _attributes([overridden])
	findings == set()
}

test_allow_grant_that_only_lets_inspect if {
	harmless := object.union(_public.gcp, {"access": "inspect"})
	findings := policy.deny with input.resource.attributes as _attributes([harmless])
	findings == set()
}

test_nothing_is_claimed_where_nothing_is_known if {
	every attributes in [{}, {"public_access": {}}, {"public_access": {"grants": []}}] {
		findings := policy.deny with input.resource.attributes as attributes
		findings == set()
	}
}
