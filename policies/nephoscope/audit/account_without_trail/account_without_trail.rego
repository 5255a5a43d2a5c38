# METADATA
# scope: package
# title: Account without an audit trail
# description: >-
#   Nothing keeps what is done in the account beyond the 90 days for which the provider shows it, and nobody can look for
#   an intruder who came earlier. Google Cloud keeps it for 400 days without anybody's doing.
# schemas:
#   - input: schema.account_scope
# related_resources:
#   - ref: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-create-a-trail-using-the-console-first-time.html
#   - ref: https://learn.microsoft.com/azure/azure-monitor/platform/activity-log
# custom:
#   id: NEPH-AUDIT-006
#   severity: medium
#   kinds: [account.scope]
#   remediation: >-
#     AWS: create one trail of all regions, for the organization where there is one, into a bucket of another account.
#     Azure: create a diagnostic setting of the subscription that exports the activity log to a workspace or a storage
#     account.
#   controls:
#     ccc: [CCC.Core.CN04]
#     cis-aws-3.0: ["3.1"]
#     cis-azure-2.1: ["5.1.1"]
#     nist-800-53-r5: [AU-2, AU-11, AU-12]
package nephoscope.audit.account_without_trail

deny contains finding if {
	input.resource.attributes.audit_trail == false
	finding := {
		"path": "/attributes/audit_trail",
		"message": "nothing keeps what is done here for longer than 90 days",
	}
}
