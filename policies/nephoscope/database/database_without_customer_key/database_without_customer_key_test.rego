package nephoscope.database.database_without_customer_key_test

import data.nephoscope.database.database_without_customer_key as policy

_any := {"key_ids": []}

# How each cloud writes a customer's key.
_keys := {
	"aws": "arn:aws:kms:eu-central-1:111122223333:key/0f3c1a52-0000-4000-8000-000000000001",
	"azure": "https://kv-records.vault.azure.net/keys/tde/00000000000000000000000000000001",
	"gcp": "projects/acme-prod/locations/europe-west3/keyRings/sql/cryptoKeys/orders",
}

_customer(key_id) := {"encryption": {"enabled": true, "key_kind": "customer", "key_id": key_id}}

test_deny_provider_key if {
	attributes := {"encryption": {"enabled": true, "key_kind": "provider"}}
	findings := policy.deny with input.resource.attributes as attributes with input.params as _any
	findings == {{
		"key": "provider key",
		"path": "/attributes/encryption/key_kind",
		"message": "the data is encrypted with a key that the provider manages",
	}}
}

test_deny_no_encryption if {
	attributes := {"encryption": {"enabled": false}}
	findings := policy.deny with input.resource.attributes as attributes with input.params as _any
	{finding.key | some finding in findings} == {"not encrypted"}
}

test_allow_customer_key_in_every_cloud if {
	every key_id in _keys {
		every key_ids in [[], ["another", key_id]] {
			findings := policy.deny with input.resource.attributes as _customer(key_id)
				with input.params.key_ids as key_ids
			findings == set()
		}
	}
}

test_deny_key_that_is_not_listed_in_every_cloud if {
	every key_id in _keys {
		findings := policy.deny with input.resource.attributes as _customer(key_id)
			with input.params.key_ids as ["another"]
		{finding.key | some finding in findings} == {"other key"}
	}
}

# Of RDS the key is known, but not whose it is.
test_deny_key_that_is_not_listed_whoever_made_it if {
	attributes := {"encryption": {"enabled": true, "key_id": _keys.aws}}
	findings := policy.deny with input.resource.attributes as attributes with input.params.key_ids as ["another"]
	count(findings) == 1
}

test_nothing_is_claimed_where_nothing_is_known if {
	every attributes in [{}, {"encryption": {}}, {"encryption": {"enabled": true}}] {
		findings := policy.deny with input.resource.attributes as attributes with input.params.key_ids as ["another"]
		findings == set()
	}
}
