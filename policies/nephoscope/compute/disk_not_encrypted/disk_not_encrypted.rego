# METADATA
# scope: package
# title: Disk not encrypted
# description: >-
#   What is written to the disk is stored as it is. Whoever gets at a snapshot of it, or at the medium, reads it.
# schemas:
#   - input: schema.compute_disk
# related_resources:
#   - ref: https://docs.aws.amazon.com/ebs/latest/userguide/ebs-encryption.html
# custom:
#   id: NEPH-COMPUTE-006
#   severity: medium
#   kinds: [compute.disk]
#   remediation: >-
#     AWS: turn on encryption by default for EBS in each region; then make a snapshot of the volume, copy it with
#     encryption, create a volume from the copy and swap it in. Azure and Google Cloud encrypt every disk.
#   controls:
#     nist-800-53-r5: [SC-28, SC-28(1)]
package nephoscope.compute.disk_not_encrypted

deny contains finding if {
	input.resource.attributes.encryption.enabled == false
	finding := {
		"path": "/attributes/encryption/enabled",
		"message": "the disk is not encrypted",
	}
}
