# METADATA
# scope: package
# title: Images are not scanned on push
# description: >-
#   Nobody looks for known vulnerabilities in what is pushed. On AWS, scanning that the whole registry turns on stands
#   in no document of a repository and is not seen.
# schemas:
#   - input: schema.container_registry
# related_resources:
#   - ref: https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-scanning.html
#   - ref: https://cloud.google.com/artifact-registry/docs/analysis
# custom:
#   id: NEPH-REGISTRY-003
#   severity: medium
#   kinds: [container.registry]
#   remediation: >-
#     AWS: turn on scanning on push of the repository, or enhanced scanning of the registry and waive this policy.
#     Google Cloud: enable the Container Scanning API in the project and do not disable scanning of the repository.
#     Azure: Defender for Containers scans registries; no document of a registry says so.
#   controls:
#     nist-800-53-r5: [RA-5, SI-2]
package nephoscope.registry.images_not_scanned

deny contains finding if {
	input.resource.attributes.scan_on_push == false
	finding := {
		"path": "/attributes/scan_on_push",
		"message": "images are not scanned when they are pushed",
	}
}
