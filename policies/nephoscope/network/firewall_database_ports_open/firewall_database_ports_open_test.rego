package nephoscope.network.firewall_database_ports_open_test

import data.nephoscope.network.firewall_database_ports_open as policy

_params := {"ports": [3306, 5432], "protocols": ["tcp"]}

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

# What each cloud's mapping makes of an open port: one port, a range, every protocol.
_exposed := {
	"aws": [_open("tcp", 3306, 3306)],
	"azure": [_open("tcp", 1, 3316)],
	"gcp": [_open("tcp", 0, 3307)],
}

test_deny_open_port_in_every_cloud if {
	every exposures in _exposed {
		_keys(exposures, _params) == {"ingress tcp/3306 0.0.0.0/0"}
	}
}

test_deny_says_what_and_where if {
	exposures := [_open("tcp", 443, 443), _open("tcp", 3306, 3306)]
	findings := policy.deny with input.resource.attributes.open_to_internet as exposures with input.params as _params
	findings == {{
		"key": "ingress tcp/3306 0.0.0.0/0",
		"path": "/attributes/open_to_internet/1",
		"message": "database port tcp/3306 (MySQL) is open to 0.0.0.0/0",
	}}
}

test_deny_once_for_each_port_and_family if {
	exposures := [_open("tcp", 0, 65535), _open6("tcp", 5432, 5432), _open("udp", 0, 65535)]
	_keys(exposures, _params) == {
		"ingress tcp/3306 0.0.0.0/0",
		"ingress tcp/5432 0.0.0.0/0",
		"ingress tcp/5432 ::/0",
	}
}

test_both_ends_of_a_range_are_inside if {
	_keys([_open("tcp", 3306, 3306)], _params) == {"ingress tcp/3306 0.0.0.0/0"}
	_keys([_open("tcp", 3305, 3306)], _params) == {"ingress tcp/3306 0.0.0.0/0"}
	_keys([_open("tcp", 3306, 3307)], _params) == {"ingress tcp/3306 0.0.0.0/0"}
	_keys([_open("tcp", 3305, 3305)], _params) == set()
	_keys([_open("tcp", 3307, 3307)], _params) == set()
}

test_ports_and_protocols_are_parameters if {
	exposures := [_open("tcp", 2222, 2222), _open("udp", 5432, 5432)]
	_keys(exposures, _params) == set()
	_keys(exposures, {"ports": [2222], "protocols": ["tcp"]}) == {"ingress tcp/2222 0.0.0.0/0"}
	_keys(exposures, {"ports": [5432], "protocols": ["tcp", "udp"]}) == {"ingress udp/5432 0.0.0.0/0"}
	_keys(exposures, {"ports": [], "protocols": ["tcp", "udp"]}) == set()
}

test_message_names_the_service_if_known if {
	exposures := [_open("tcp", 2222, 2222), _open("tcp", 5432, 5432)]
	params := {"ports": [2222, 5432], "protocols": ["tcp"]}
	findings := policy.deny with input.resource.attributes.open_to_internet as exposures with input.params as params
	{finding.message | some finding in findings} == {
		"database port tcp/2222 is open to 0.0.0.0/0",
		"database port tcp/5432 (PostgreSQL) is open to 0.0.0.0/0",
	}
}

test_allow_what_has_no_ports if {
	exposures := [{"protocol": "icmp", "family": "ipv4", "peer": "0.0.0.0/0", "rules": [0]}]
	_keys(exposures, {"ports": [3306], "protocols": ["icmp"]}) == set()
}

# An exposure without ports must not hide the one beside it.
test_deny_beside_what_has_no_ports if {
	portless := {"protocol": "tcp", "family": "ipv6", "peer": "::/0", "rules": [1]}
	_keys([portless, _open("tcp", 3306, 3306), portless], _params) == {"ingress tcp/3306 0.0.0.0/0"}
}

test_allow_closed_firewall if {
	_keys([], _params) == set()
}

test_nothing_is_claimed_where_nothing_is_known if {
	findings := policy.deny with input.resource.attributes as {} with input.params as _params
	findings == set()
}
