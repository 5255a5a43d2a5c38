package users

deny contains sprintf("%s has no key", [user]) if {
	user := input.user
	count(input.keys) == 0
}

warn contains msg if {
	input.age > data.limits.age
	msg := sprintf("the key of %s is %d days old", [input.user, input.age])
}
