package nephoscope.messaging.messages_without_customer_key_test

import data.nephoscope.messaging.messages_without_customer_key as policy

# How each cloud writes a customer's key.
_keys := {
	"aws": "arn:aws:kms:eu-central-1:111122223333:key/0f3c1a52-0000-4000-8000-000000000001",
	"azure": "https://kv-records.vault.azure.net/keys/records",
	"gcp": "projects/acme-prod/locations/europe-west3/keyRings/storage/cryptoKeys/records",
}

_customer(key_id) := {"encryption": {"enabled": true, "key_kind": "customer", "key_id": key_id}}

test_deny_provider_key if {
	attributes := {"encryption": {"enabled": true, "key_kind": "provider"}}
	findings := policy.deny with input.resource.attributes as attributes with input.params.key_ids as []
	findings == {{
		"key": "provider key",
		"path": "/attributes/encryption/key_kind",
		"message": "messages are encrypted with a key that the provider manages",
	}}
}

test_deny_messages_that_are_not_encrypted if {
	attributes := {"encryption": {"enabled": false}}
	findings := policy.deny with input.resource.attributes as attributes with input.params.key_ids as []
	findings == {{
		"key": "no encryption",
		"path": "/attributes/encryption/enabled",
		"message": "messages are not encrypted at rest",
	}}
}

test_allow_any_customer_key_in_every_cloud if {
	every key_id in _keys {
		findings := policy.deny with input.resource.attributes as _customer(key_id) with input.params.key_ids as []
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

test_deny_key_that_is_not_listed_in_every_cloud if {
	every key_id in _keys {
		findings := policy.deny with input.resource.attributes as _customer(key_id)
			with input.params.key_ids as ["another"]
		findings == {{
			"key": "other key",
			"path": "/attributes/encryption/key_id",
			"message": sprintf("messages are encrypted with %s, which is none of the allowed keys", [key_id]),
		}}
	}
}

test_nothing_is_claimed_where_nothing_is_known if {
	every attributes in [{}, {"encryption": {}}, {"encryption": {"enabled": true, "key_kind": "customer"}}] {
		findings := policy.deny with input.resource.attributes as attributes
			with input.params.key_ids as ["another"]
		findings == set()
	}
}
