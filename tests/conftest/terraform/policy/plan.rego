package terraform.plan

blacklist := data.terraform.forbidden

changed contains resource if {
	some resource in input.resource_changes
	some action in resource.change.actions
	action in {"create", "update"}
}

deny contains result if {
	some resource in changed
	resource.type in blacklist
	result := {"msg": sprintf("%s: nobody makes %s here", [resource.address, resource.type]), "type": resource.type, "rank": 1}
}

deny_open contains msg if {
	some resource in changed
	resource.type == "aws_security_group_rule"
	some cidr in resource.change.after.cidr_blocks
	cidr == "0.0.0.0/0"
	msg := sprintf("%s is open to the internet on port %d", [resource.address, resource.change.after.from_port])
}

deny_tags contains {"msg": msg, "missing": missing} if {
	some resource in changed
	tags := object.get(resource.change.after, "tags", null)
	is_object(tags)
	missing := {tag | some tag in data.terraform.tags} - object.keys(tags)
	count(missing) > 0
	msg := sprintf("%s lacks tags", [resource.address])
}

score := sum([weight | some resource in changed; weight := object.get(data.terraform.weights, resource.type, 1)])

warn_size contains msg if {
	score > data.terraform.most
	msg := sprintf("the plan weighs %d", [score])
}
