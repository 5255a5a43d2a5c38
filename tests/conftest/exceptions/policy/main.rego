package main

deny_root contains msg if {
	input.user == "root"
	msg := sprintf("%s runs as root", [input.name])
}

deny_open contains msg if {
	some port in input.ports
	port < 1024
	msg := sprintf("%s opens port %d", [input.name, port])
}

deny contains msg if {
	not input.owner
	msg := sprintf("%s has no owner", [input.name])
}

exception contains rules if {
	input.name == "init"
	rules := ["root"]
}

exception contains rules if {
	input.legacy
	rules := ["open", ""]
}
