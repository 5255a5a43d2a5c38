package nephoscope.storage.bucket_public_access_test

import data.nephoscope.storage.bucket_public_access as policy

_attributes(grants) := {"public_access": {"guard": "off", "grants": grants}}

_grant(principal, access, via, name) := {
	"principal": principal,
	"access": access,
	"via": via,
	"name": name,
	"effective": true,
}

# What each cloud's mapping makes of a public bucket.
_public := {
	"aws acl": _grant("everyone", "list", "acl", "Read"),
	"aws policy": _grant("everyone", "read", "policy", "PublicRead"),
	"azure": _grant("everyone", "read", "container", "downloads"),
	"gcp": _grant("any_authenticated", "write", "iam", "roles/storage.objectAdmin"),
}

test_deny_public_grant_in_every_cloud if {
	every grant in _public {
		findings := policy.deny with input.resource.attributes as _attributes([grant])
		count(findings) == 1
	}
}

test_deny_says_who_what_and_where if {
	attributes := _attributes([_public["aws policy"], _public.gcp])
	findings := policy.deny with input.resource.attributes as attributes
	findings == {
		{
			"key": "everyone read policy PublicRead",
			"path": "/attributes/public_access/grants/0",
			"message": "everyone on the internet has read access by bucket policy statement PublicRead",
		},
		{
			"key": "any_authenticated write iam roles/storage.objectAdmin",
			"path": "/attributes/public_access/grants/1",
			"message": concat(" ", [
				"anybody with an account of the cloud has write access",
				"by IAM role roles/storage.objectAdmin",
			]),
		},
	}
}

test_key_does_not_depend_on_order if {
	forth := policy.deny with input.resource.attributes as _attributes([_public.azure, _public.gcp])
	back := policy.deny with input.resource.attributes as _attributes([_public.gcp, _public.azure])
	{finding.key | some finding in forth} == {finding.key | some finding in back}
}

test_deny_grant_without_a_name if {
	nameless := object.remove(_public["aws policy"], ["name"])
	findings := policy.deny with input.resource.attributes as _attributes([nameless])
	{finding.key | some finding in findings} == {"everyone read policy ?"}
}

# A grant whose effect is not known must not hide the one beside it.
test_deny_beside_a_grant_of_unknown_effect if {
	doubtful := object.remove(_public["aws acl"], ["effective"])
	findings := policy.deny with input.resource.attributes as _attributes([doubtful, _public["aws policy"], doubtful])
	{finding.path | some finding in findings} == {"/attributes/public_access/grants/1"}
}

test_allow_grant_that_a_guard_overrides if {
	overridden := object.union(_public["aws acl"], {"effective": false})
	findings := policy.deny with input.resource.attributes as _attributes([overridden])
	findings == set()
}

test_allow_private_bucket if {
	findings := policy.deny with input.resource.attributes as _attributes([])
	findings == set()
}

test_nothing_is_claimed_where_nothing_is_known if {
	every attributes in [{}, {"public_access": {}}, {"public_access": {"guard": "off"}}] {
		findings := policy.deny with input.resource.attributes as attributes
		findings == set()
	}
}
