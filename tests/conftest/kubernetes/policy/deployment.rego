package main

import data.kubernetes

name := input.metadata.name

deny contains msg if {
	kubernetes.is_workload
	not input.spec.template.spec.securityContext.runAsNonRoot
	msg := sprintf("%s %s may run as root", [input.kind, name])
}

deny contains msg if {
	some container in kubernetes.containers
	not container.resources.limits.memory
	msg := sprintf("container %s of %s has no memory limit", [container.name, name])
}

deny_privileged contains msg if {
	some container in kubernetes.containers
	container.securityContext.privileged == true
	msg := sprintf("container %s of %s is privileged", [container.name, name])
}

deny_selector contains msg if {
	kubernetes.is_workload
	labels := object.get(input, ["spec", "template", "metadata", "labels"], {})
	some key, value in input.spec.selector.matchLabels
	found := object.get(labels, key, "")
	found != value
	msg := sprintf("the selector of %s asks for %s=%s, which its pods do not have", [name, key, value])
}

warn_latest contains msg if {
	some container in kubernetes.containers
	endswith(container.image, ":latest")
	msg := sprintf("container %s of %s takes whatever is latest", [container.name, name])
}

warn_labels contains msg if {
	some label in {"app.kubernetes.io/name", "app.kubernetes.io/version"}
	labels := object.get(input, ["metadata", "labels"], {})
	not label in object.keys(labels)
	msg := sprintf("%s lacks the label %s", [name, label])
}
