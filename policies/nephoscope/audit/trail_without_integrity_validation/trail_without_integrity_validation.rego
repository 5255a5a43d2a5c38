# METADATA
# scope: package
# title: Files of a trail can be changed unseen
# description: >-
#   The trail writes no signed digests of its files. Whoever can write to the bucket can take out what they did, and
#   nobody can prove that a file is as it was delivered.
# schemas:
#   - input: schema.log_audit_trail
# related_resources:
#   - ref: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-validation-intro.html
# custom:
#   id: NEPH-AUDIT-002
#   severity: medium
#   kinds: [log.audit_trail]
#   remediation: >-
#     AWS: turn on log file validation of the trail, and validate the files from time to time.
#   controls:
#     nist-800-53-r5: [AU-9, AU-10, SI-7]
package nephoscope.audit.trail_without_integrity_validation

deny contains finding if {
	input.resource.attributes.integrity_validation == false
	finding := {
		"key": "no validation",
		"path": "/attributes/integrity_validation",
		"message": "changes of delivered files cannot be proved",
	}
}
