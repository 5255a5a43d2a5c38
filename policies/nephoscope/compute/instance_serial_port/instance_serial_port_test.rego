package nephoscope.compute.instance_serial_port_test

import data.nephoscope.compute.instance_serial_port as policy

test_deny_open_serial_port if {
	findings := policy.deny with input.resource.attributes as {"serial_port": true}
	findings == {{
		"path": "/attributes/serial_port",
		"message": "the serial ports take connections from any address",
	}}
}

test_allow_shut_serial_port if {
	findings := policy.deny with input.resource.attributes as {"serial_port": false}
	findings == set()
}

test_nothing_is_claimed_where_nothing_is_known if {
	every attributes in [{}, {"os_login": false}] {
		findings := policy.deny with input.resource as {"name": "a", "id": "b", "attributes": attributes}
			with input.params as {}
		findings == set()
	}
}
