package nephoscope.compute.disk_without_customer_key_test

import data.nephoscope.compute.disk_without_customer_key as policy

_any := {"key_ids": []}

# How each cloud writes a customer's key.
_keys := {
	"aws": "arn:aws:kms:eu-central-1:111122223333:key/0f3c1a52-0000-4000-8000-000000000001",
	"azure": concat("/", [
		"/subscriptions/00000000-0000-0000-0000-0000000000aa/resourceGroups/rg",
		"providers/Microsoft.Compute/diskEncryptionSets/data",
	]),
	"gcp": "projects/acme-prod/locations/europe-west3/keyRings/disks/cryptoKeys/data",
}

_customer(key_id) := {"encryption": {"enabled": true, "key_kind": "customer", "key_id": key_id}}

test_deny_provider_key if {
	attributes := {"encryption": {"enabled": true, "key_kind": "provider"}}
	every key_ids in [[], [_keys.aws]] {
		findings := policy.deny with input.resource.attributes as attributes with input.params.key_ids as key_ids
		findings == {{
			"key": "provider key",
			"path": "/attributes/encryption/key_kind",
			"message": "the disk is encrypted with a key that the provider manages",
		}}
	}
}

test_deny_disk_that_is_not_encrypted if {
	findings := policy.deny with input.resource.attributes as {"encryption": {"enabled": false}}
		with input.params as _any
	{finding.key | some finding in findings} == {"no key"}
}

test_allow_any_customer_key_in_every_cloud if {
	every key_id in _keys {
		findings := policy.deny with input.resource.attributes as _customer(key_id) with input.params as _any
		findings == set()
	}
}

test_allow_listed_key_in_every_cloud if {
	every key_id in _keys {
		findings := policy.deny with input.resource.attributes as _customer(key_id)
			with input.params.key_ids as ["another", key_id]
		findings == set()
	}
}

# AWS does not say at the disk who manages the key.
test_deny_key_that_is_not_listed_whoever_manages_it if {
	every key_id in _keys {
		every attributes in [_customer(key_id), {"encryption": {"enabled": true, "key_id": key_id}}] {
			findings := policy.deny with input.resource.attributes as attributes
				with input.params.key_ids as ["another"]
			findings == {{
				"key": "other key",
				"path": "/attributes/encryption/key_id",
				"message": sprintf("the disk is encrypted with %s, which is none of the allowed keys", [key_id]),
			}}
		}
	}
}

test_nothing_is_claimed_where_nothing_is_known if {
	every attributes in [{}, {"encryption": {}}, {"encryption": {"enabled": true, "key_kind": "customer"}}] {
		findings := policy.deny with input.resource as {"name": "a", "id": "b", "attributes": attributes}
			with input.params as {"key_ids": ["another"]}
		findings == set()
	}
}
