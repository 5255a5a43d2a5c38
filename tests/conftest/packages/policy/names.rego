package team.names

import rego.v1

deny_case contains msg if {
	lower(input.user) != input.user
	msg := sprintf("%s is not lower case", [input.user])
}

violation contains {"msg": msg, "groups": groups} if {
	groups := {group | some group in input.groups; not startswith(group, "team-")}
	count(groups) > 0
	msg := sprintf("%s is in groups that are no teams", [input.user])
}
