# METADATA
# scope: package
# title: Trail covers a single region
# description: >-
#   The trail records what happens in its own region only. Who works in a region that nobody uses, as attackers like
#   to, leaves no trace in it.
# schemas:
#   - input: schema.log_audit_trail
# related_resources:
#   - ref: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/receive-cloudtrail-log-files-from-multiple-regions.html
# custom:
#   id: NEPH-AUDIT-001
#   severity: medium
#   kinds: [log.audit_trail]
#   remediation: >-
#     AWS: make the trail a multi-region trail, better one of the organization.
#   controls:
#     nist-800-53-r5: [AU-2, AU-12]
package nephoscope.audit.trail_single_region

deny contains finding if {
	input.resource.attributes.all_regions == false
	finding := {
		"key": "single region",
		"path": "/attributes/all_regions",
		"message": "the trail covers a single region",
	}
}
