package main

deny[{"msg": sprintf("%v is open to %v", [rule.name, rule.source])}] {
  rule := input.rules[_]
  not startswith(rule.source, "10.")
}

warn[msg] {
  rule := input.rules[_]
  not re_match("^[a-z]+$", rule.name)
  msg := sprintf("odd name at port %v", [rule.port])
}

violation[sprintf("port %v of %v", [rule.port, rule.name])] { rule := input.rules[_]; rule.port < 1024 }
