package nephoscope.database.database_network_not_allowed_test

import data.nephoscope.database.database_network_not_allowed as policy

# How each cloud writes what is let in.
_networks := {
	"azure": {"addresses": "52.0.2.8-52.0.2.15", "name": "office"},
	"gcp": {"addresses": "52.0.2.8/29"},
}

_open(network) := {"network": {"public_endpoint": true, "networks": [network]}}

test_deny_any_network_by_default if {
	every network in _networks {
		findings := policy.deny with input.resource.attributes as _open(network) with input.params.networks as []
		findings == {{
			"key": sprintf("network %s", [network.addresses]),
			"path": "/attributes/network/networks/0",
			"message": sprintf("%s is let in, which is not on the list of networks", [network.addresses]),
		}}
	}
}

test_allow_listed_networks if {
	every network in _networks {
		findings := policy.deny with input.resource.attributes as _open(network)
			with input.params.networks as ["another", network.addresses]
		findings == set()
	}
}

test_allow_where_the_endpoint_is_off if {
	attributes := {"network": {"public_endpoint": false, "networks": [_networks.gcp]}}
	findings := policy.deny with input.resource.attributes as attributes with input.params.networks as []
	findings == set()
}

test_nothing_is_claimed_where_nothing_is_known if {
	every attributes in [{}, {"network": {}}, {"network": {"networks": [_networks.gcp]}}] {
		findings := policy.deny with input.resource.attributes as attributes with input.params.networks as []
		findings == set()
	}
}
