# METADATA
# scope: package
# title: Activity log exported without some categories
# description: >-
#   The diagnostic setting of the subscription exports nothing, or leaves out categories that tell who changed what.
#   Azure itself keeps the activity log for 90 days.
# schemas:
#   - input: schema.log_audit_trail
# related_resources:
#   - ref: https://learn.microsoft.com/azure/azure-monitor/platform/activity-log
#   - ref: https://learn.microsoft.com/azure/azure-monitor/platform/diagnostic-settings
# custom:
#   id: NEPH-AUDIT-005
#   severity: medium
#   kinds: [log.audit_trail]
#   params:
#     categories:
#       type: array
#       items: string
#       # Those of CIS Microsoft Azure Foundations Benchmark.
#       default: [Administrative, Security, Alert, Policy]
#       description: Categories that have to be exported.
#   remediation: >-
#     Azure: turn on the categories Administrative, Security, Alert and Policy in the diagnostic setting of the
#     subscription, with a workspace or a storage account as the target.
#   controls:
#     cis-azure-2.1: ["5.1.2"]
#     nist-800-53-r5: [AU-2, AU-11, AU-12]
package nephoscope.audit.activity_log_incomplete

deny contains finding if {
	names := input.resource.attributes.categories
	some wanted in input.params.categories
	not wanted in names
	every_category := "allLogs"
	not every_category in names
	finding := {
		"key": wanted,
		"path": "/attributes/categories",
		"message": sprintf("the activity log is exported without %s", [wanted]),
	}
}
