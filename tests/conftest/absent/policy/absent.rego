# What is written so that the engine and OPA would part where something is absent.
package absent

registries := ["registry.example/", "mirror.example/"]

trusted(image) if {
	some registry in registries
	startswith(image, registry)
}

deny_registry contains msg if {
	some container in input.containers
	not trusted(container.image)
	msg := sprintf("%s is from nowhere", [container.name])
}

deny_prefix contains msg if {
	some container in input.containers
	not startswith(container.name, "app-")
	msg := sprintf("%s has no prefix", [object.get(container, "name", "?")])
}

deny_label contains msg if {
	some label in ["owner", "cost"]
	not label in object.keys(input.labels)
	msg := sprintf("no label %s", [label])
}

deny_port contains {"msg": sprintf("%s listens on %d", [container.name, container.port]), "port": container.port} if {
	some container in input.containers
	container.port < 1024
}

violation_user contains {
	"msg": sprintf("%s runs as %s", [container.name, container.user]),
	"names": [other.name | some other in input.containers; other.name != container.name],
} if {
	some container in input.containers
	not container.user in {"app", "nobody"} # known users
}

warn_memory contains msg if {
	some container in input.containers
	not to_number(trim_suffix(container.memory, "Mi")) <= 512
	msg := sprintf("%s wants %s", [container.name, container.memory])
}

warn_short contains "no containers worth the name" if not count(input.containers) > 1

deny contains msg if {
	some container in input.containers
	not lower(container.name) == "app-web"
	not container.debug
	msg := sprintf("%s is no web", [container.image])
}
