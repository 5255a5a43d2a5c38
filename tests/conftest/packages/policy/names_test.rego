package team.names_test

import data.team.names

test_case if {
	names.deny_case with input as {"user": "Bob"}
}
