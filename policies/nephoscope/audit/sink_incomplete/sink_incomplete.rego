# METADATA
# scope: package
# title: Log sink disabled or with exclusions
# description: >-
#   The sink is disabled, or leaves out what some of its exclusions take. What is not exported is gone when the
#   retention of the project ends, or was never kept.
# schemas:
#   - input: schema.log_audit_trail
# related_resources:
#   - ref: https://cloud.google.com/logging/docs/export/configure_export_v2
#   - ref: https://cloud.google.com/logging/docs/routing/overview
# custom:
#   id: NEPH-AUDIT-004
#   severity: medium
#   kinds: [log.audit_trail]
#   params:
#     exclusions:
#       type: array
#       items: string
#       default: []
#       description: Names of exclusions that are accepted.
#   remediation: >-
#     Google Cloud: enable the sink, and remove exclusions that take more than noise; name the others in a waiver, or
#     in the parameter by their name.
#   controls:
#     nist-800-53-r5: [AU-2, AU-11, AU-12]
package nephoscope.audit.sink_incomplete

deny contains finding if {
	input.resource.attributes.enabled == false
	finding := {
		"key": "disabled",
		"path": "/attributes/enabled",
		"message": "the sink is disabled",
	}
}

deny contains finding if {
	some i, exclusion in input.resource.attributes.exclusions
	name := exclusion.name
	allowed := input.params.exclusions
	not name in allowed
	finding := {
		"key": sprintf("exclusion %s", [name]),
		"path": sprintf("/attributes/exclusions/%d", [i]),
		"message": sprintf("exclusion %s leaves out %s", [name, exclusion.filter]),
	}
}
