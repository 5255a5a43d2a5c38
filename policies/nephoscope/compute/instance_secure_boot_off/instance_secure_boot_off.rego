# METADATA
# scope: package
# title: Instance without secure boot
# description: >-
#   The instance boots whatever stands on its disk. Malware that changes boot loader or kernel survives restarts and
#   stays unseen by what runs above it.
# schemas:
#   - input: schema.compute_instance
# related_resources:
#   - ref: https://learn.microsoft.com/azure/virtual-machines/trusted-launch
#   - ref: https://cloud.google.com/compute/shielded-vm/docs/shielded-vm
# custom:
#   id: NEPH-COMPUTE-004
#   severity: medium
#   kinds: [compute.instance]
#   remediation: >-
#     Azure: use the security type TrustedLaunch (or ConfidentialVM) and turn on secure boot; a generation 2
#     machine can be upgraded while it is deallocated. Google Cloud: stop the instance, turn on Secure Boot under
#     Shielded VM, start it; an image without UEFI support has to be replaced. Unsigned drivers have to be signed
#     first.
#   controls:
#     cis-gcp-3.0: ["4.8"]
#     nist-800-53-r5: [SI-7, SI-7(9)]
package nephoscope.compute.instance_secure_boot_off

deny contains finding if {
	input.resource.attributes.secure_boot == false
	finding := {
		"path": "/attributes/secure_boot",
		"message": "the instance may boot software that nobody signed",
	}
}
