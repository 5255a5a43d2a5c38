# METADATA
# scope: package
# title: Instance with an open serial console
# description: >-
#   The serial ports of the instance take connections from any address: no firewall stands before them. A leaked key
#   is enough for a console.
# schemas:
#   - input: schema.compute_instance
# related_resources:
#   - ref: https://cloud.google.com/compute/docs/troubleshooting/troubleshooting-using-serial-console
# custom:
#   id: NEPH-COMPUTE-010
#   severity: medium
#   kinds: [compute.instance]
#   remediation: >-
#     Google Cloud: set the metadata key serial-port-enable of the instance, or of the project, to FALSE, and
#     enforce the organization policy compute.disableSerialPortAccess. Turn it on only while it is needed.
#   controls:
#     cis-gcp-3.0: ["4.5"]
#     nist-800-53-r5: [AC-17, CM-7]
package nephoscope.compute.instance_serial_port

deny contains finding if {
	input.resource.attributes.serial_port == true
	finding := {
		"path": "/attributes/serial_port",
		"message": "the serial ports take connections from any address",
	}
}
