package kubernetes

workloads := {"Deployment", "StatefulSet", "DaemonSet"}

is_workload if {
	input.kind in workloads
}

containers contains container if {
	is_workload
	some container in input.spec.template.spec.containers
}

containers contains container if {
	is_workload
	some container in input.spec.template.spec.initContainers
}

containers contains container if {
	input.kind == "Pod"
	some container in input.spec.containers
}
