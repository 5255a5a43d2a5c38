package compose

deny_version contains msg if {
	to_number(object.get(input, "version", "3.8")) < 3.5
	msg := sprintf("version %s is too old", [input.version])
}

deny_latest contains msg if {
	some name, service in input.services
	parts := split(service.image, ":")
	count(parts) == 1
	msg := sprintf("service %s pins no tag", [name])
}

deny_mount contains msg if {
	some name, service in input.services
	some volume in service.volumes
	startswith(volume, "/var/run/docker.sock:")
	msg := sprintf("service %s reaches the daemon", [name])
}

warn_port contains {"msg": msg, "port": port} if {
	some name, service in input.services
	some port in service.ports
	to_number(split(port, ":")[0]) < 1024
	msg := sprintf("service %s takes a low port", [name])
}
