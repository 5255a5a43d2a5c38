package nephoscope.network.firewall_egress_unrestricted_test

import data.nephoscope.network.firewall_egress_unrestricted as policy

_params := {"most_ports": 1024}

_reached(protocol, from, to) := {
	"protocol": protocol,
	"from": from,
	"to": to,
	"family": "ipv4",
	"peer": "0.0.0.0/0",
	"rules": [],
}

_portless(protocol) := {"protocol": protocol, "family": "ipv4", "peer": "0.0.0.0/0", "rules": [0]}

_messages(exposures, params) := {finding.message |
	findings := policy.deny with input.resource.attributes.reaches_internet as exposures with input.params as params
	some finding in findings
}

_found := {"more than 1024 ports may be reached anywhere on the internet"}

# What a rule for every protocol comes to.
_everything := [_portless("any"), _reached("tcp", 0, 65535), _reached("udp", 0, 65535)]

test_deny_everything_once if {
	_messages(_everything, _params) == _found
}

test_deny_points_at_the_attribute if {
	findings := policy.deny with input.resource.attributes.reaches_internet as _everything with input.params as _params
	{finding.path | some finding in findings} == {"/attributes/reaches_internet"}
}

test_deny_one_protocol_or_family if {
	_messages([_reached("udp", 1, 65535)], _params) == _found
	_messages([object.union(_reached("tcp", 0, 65535), {"family": "ipv6", "peer": "::/0"})], _params) == _found
}

test_deny_what_is_left_around_a_denied_port if {
	_messages([_reached("tcp", 0, 24), _reached("tcp", 26, 65535)], _params) == _found
}

test_most_ports_are_a_parameter if {
	_messages([_reached("tcp", 1, 1024)], _params) == set()
	_messages([_reached("tcp", 0, 1024)], _params) == _found
	_messages([_reached("tcp", 443, 443)], {"most_ports": 0}) != set()
	_messages(_everything, {"most_ports": 65536}) == set()
}

test_allow_some_ports_and_what_has_none if {
	_messages([_reached("tcp", 443, 443), _portless("icmp"), _reached("udp", 53, 53)], _params) == set()
}

test_deny_beside_what_has_no_ports if {
	_messages([_portless("icmp"), _reached("tcp", 0, 65535), _portless("icmpv6")], _params) == _found
}

test_allow_shut_firewall if {
	_messages([], _params) == set()
}

test_nothing_is_claimed_where_nothing_is_known if {
	findings := policy.deny with input.resource.attributes as {} with input.params as _params
	findings == set()
}
