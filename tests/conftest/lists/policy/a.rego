package lists

default deny_names := []

deny_names := names if {
	names := [sprintf("%s is short", [name]) | some name in input.names; count(name) < 3]
}

warn_seen contains msg if {
	walk(input, [path, value])
	value == "secret"
	msg := sprintf("a secret at %s", [concat(".", [sprintf("%v", [step]) | some step in path])])
}

deny_equal contains msg if {
	some i, j
	input.names[i] == input.names[j]
	i < j
	msg := sprintf("%s is there twice", [input.names[i]])
}
