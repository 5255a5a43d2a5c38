# METADATA
# scope: package
# title: Disk not encrypted with a customer's key
# description: >-
#   The disk is encrypted with a key that the provider manages, with a key that is none of those allowed, or not at
#   all. With a key of one's own, access to the data can be revoked, logged and separated from access to the disk.
# schemas:
#   - input: schema.compute_disk
# related_resources:
#   - ref: https://docs.aws.amazon.com/ebs/latest/userguide/how-ebs-encryption-works.html
#   - ref: https://learn.microsoft.com/azure/virtual-machines/disk-encryption
#   - ref: https://cloud.google.com/compute/docs/disks/customer-managed-encryption
# custom:
#   id: NEPH-COMPUTE-007
#   severity: low
#   kinds: [compute.disk]
#   params:
#     key_ids:
#       type: array
#       items: string
#       default: []
#       description: >-
#         The allowed keys: on AWS the ARN of the key, on Azure the id of the disk encryption set as the disk
#         has it, on Google Cloud the name of the key without its version. Empty allows every customer's key.
#   remediation: >-
#     AWS: copy a snapshot of the volume with a customer managed KMS key and create the volume again from the
#     copy; set the key as the default of EBS encryption. Azure: make a disk encryption set with a key of a key
#     vault that has purge protection and assign it to the disk while it is not attached to a running machine.
#     Google Cloud: create the disk again from a snapshot with a Cloud KMS key.
#   controls:
#     ccc: [CCC.Core.CN11]
#     nist-800-53-r5: [SC-12, SC-28, SC-28(1)]
package nephoscope.compute.disk_without_customer_key

deny contains finding if {
	input.resource.attributes.encryption.enabled == false
	finding := {
		"key": "no key",
		"path": "/attributes/encryption/enabled",
		"message": "the disk is not encrypted, hence with no key",
	}
}

deny contains finding if {
	input.resource.attributes.encryption.key_kind == "provider"
	finding := {
		"key": "provider key",
		"path": "/attributes/encryption/key_kind",
		"message": "the disk is encrypted with a key that the provider manages",
	}
}

deny contains finding if {
	allowed := input.params.key_ids
	count(allowed) > 0
	key_id := input.resource.attributes.encryption.key_id
	not key_id in allowed
	finding := {
		"key": "other key",
		"path": "/attributes/encryption/key_id",
		"message": sprintf("the disk is encrypted with %s, which is none of the allowed keys", [key_id]),
	}
}
