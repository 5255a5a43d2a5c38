# METADATA
# scope: package
# title: Disk that nothing uses
# description: >-
#   No instance has the disk attached. It costs money, its data are forgotten in clean-ups and audits, and whoever
#   may attach a disk may read it.
# schemas:
#   - input: schema.compute_disk
# related_resources:
#   - ref: https://docs.aws.amazon.com/ebs/latest/userguide/ebs-volume-lifecycle.html
#   - ref: https://learn.microsoft.com/azure/virtual-machines/disks-find-unattached-portal
#   - ref: https://cloud.google.com/compute/docs/viewing-and-applying-idle-resources-recommendations
# custom:
#   id: NEPH-COMPUTE-008
#   severity: low
#   kinds: [compute.disk]
#   remediation: >-
#     Ask the owner; make a snapshot where the data may be needed, then delete the disk. Let instances delete
#     their disks when they are deleted: DeleteOnTermination (AWS), delete option Delete (Azure), auto-delete
#     (Google Cloud).
#   controls:
#     nist-800-53-r5: [CM-8]
package nephoscope.compute.disk_not_attached

deny contains finding if {
	input.resource.attributes.attached == false
	finding := {
		"path": "/attributes/attached",
		"message": "no instance has the disk attached",
	}
}
