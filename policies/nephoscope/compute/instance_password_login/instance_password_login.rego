# METADATA
# scope: package
# title: Linux instance that takes passwords
# description: >-
#   Users of the Linux machine may log in over SSH by password. Passwords are guessed, reused and leaked; a key is
#   not.
# schemas:
#   - input: schema.compute_instance
# related_resources:
#   - ref: https://learn.microsoft.com/azure/virtual-machines/linux/mac-create-ssh-keys
#   - ref: https://learn.microsoft.com/entra/identity/devices/howto-vm-sign-in-azure-ad-linux
# custom:
#   id: NEPH-COMPUTE-005
#   severity: medium
#   kinds: [compute.instance]
#   remediation: >-
#     Azure: the setting is fixed when the machine is made, so create it again with disablePasswordAuthentication
#     true and an SSH public key, or with login by Microsoft Entra ID. Until then set PasswordAuthentication to no
#     in sshd_config (the machine's properties do not show that).
#   controls:
#     nist-800-53-r5: [IA-2, IA-5]
package nephoscope.compute.instance_password_login

deny contains finding if {
	input.resource.attributes.password_login == true
	finding := {
		"path": "/attributes/password_login",
		"message": "users may log in by password",
	}
}
