package main

import data.lib.kubernetes

deny[msg] {
  kubernetes.deployment
  not input.spec.template.spec.securityContext.runAsNonRoot
  msg = "Containers must not run as root"
}

violation[{"msg": msg, "details": {"missing": missing}}] {
  required := {"app", "release"}
  given := {key | input.spec.selector.matchLabels[key]}
  missing := required - given
  count(missing) > 0
  msg := sprintf("%v lacks selector labels", [input.metadata.name])
}

warn[msg] {
  image := kubernetes.images[_]
  re_match(".*:latest$", image)
  msg := sprintf("%v is the latest of today", [image])
}
