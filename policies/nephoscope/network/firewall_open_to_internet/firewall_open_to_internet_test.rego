package nephoscope.network.firewall_open_to_internet_test

import data.nephoscope.network.firewall_open_to_internet as policy

_params := {"allowed_ports": [80, 443]}

_open(protocol, from, to) := {
	"protocol": protocol,
	"from": from,
	"to": to,
	"family": "ipv4",
	"peer": "0.0.0.0/0",
	"rules": [0],
}

_open6(protocol, from, to) := object.union(_open(protocol, from, to), {"family": "ipv6", "peer": "::/0"})

_keys(exposures, params) := {finding.key |
	findings := policy.deny with input.resource.attributes.open_to_internet as exposures with input.params as params
	some finding in findings
}

# What each cloud's mapping makes of an open port: one port, a range, every port of a protocol.
_exposed := {
	"ingress tcp/8080 0.0.0.0/0": [_open("tcp", 8080, 8080)],
	"ingress tcp/8000-8100 0.0.0.0/0": [_open("tcp", 8000, 8100)],
	"ingress udp/0-65535 ::/0": [_open6("udp", 0, 65535)],
}

test_deny_open_port_in_every_cloud if {
	every key, exposures in _exposed {
		_keys(exposures, _params) == {key}
	}
}

test_deny_says_what_and_where if {
	exposures := [_open("tcp", 443, 443), _open("tcp", 8000, 8100)]
	findings := policy.deny with input.resource.attributes.open_to_internet as exposures with input.params as _params
	findings == {{
		"key": "ingress tcp/8000-8100 0.0.0.0/0",
		"path": "/attributes/open_to_internet/1",
		"message": "tcp/8000-8100 is open to 0.0.0.0/0",
	}}
}

test_allow_web_in_every_protocol_and_family if {
	web := [_open("tcp", 80, 80), _open("tcp", 443, 443), _open6("tcp", 443, 443), _open("udp", 443, 443)]
	_keys(web, _params) == set()
}

test_deny_range_that_goes_past_what_is_allowed if {
	_keys([_open("tcp", 80, 81)], _params) == {"ingress tcp/80-81 0.0.0.0/0"}
	_keys([_open("tcp", 80, 443)], _params) == {"ingress tcp/80-443 0.0.0.0/0"}
	_keys([_open("tcp", 0, 65535)], _params) == {"ingress tcp/0-65535 0.0.0.0/0"}
}

test_allow_range_whose_every_port_is_allowed if {
	_keys([_open("tcp", 80, 82)], {"allowed_ports": [80, 81, 82, 443]}) == set()
}

# A port listed twice is one port.
test_deny_although_a_port_is_listed_twice if {
	_keys([_open("tcp", 80, 81)], {"allowed_ports": [80, 80]}) == {"ingress tcp/80-81 0.0.0.0/0"}
}

test_deny_everything_without_allowed_ports if {
	_keys([_open("tcp", 443, 443)], {"allowed_ports": []}) == {"ingress tcp/443 0.0.0.0/0"}
}

# A rule for any protocol is listed under tcp and udp too.
test_any_protocol_is_not_counted_again if {
	exposures := [_open("any", 0, 65535), _open("tcp", 0, 65535), _open("udp", 0, 65535)]
	_keys(exposures, _params) == {"ingress tcp/0-65535 0.0.0.0/0", "ingress udp/0-65535 0.0.0.0/0"}
}

test_allow_what_has_no_ports if {
	_keys([{"protocol": "icmp", "family": "ipv4", "peer": "0.0.0.0/0", "rules": [0]}], _params) == set()
}

# An exposure without ports must not hide the one beside it.
test_deny_beside_what_has_no_ports if {
	portless := {"protocol": "icmp", "family": "ipv4", "peer": "0.0.0.0/0", "rules": [1]}
	_keys([portless, _open("tcp", 22, 22), portless], _params) == {"ingress tcp/22 0.0.0.0/0"}
}

test_allow_closed_firewall if {
	_keys([], _params) == set()
}

test_nothing_is_claimed_where_nothing_is_known if {
	findings := policy.deny with input.resource.attributes as {} with input.params as _params
	findings == set()
}
