# METADATA
# scope: package
# title: Image tags can be changed
# description: >-
#   Whoever may push can point a tag to another image. What was tested is then not what runs, and nothing shows it.
# schemas:
#   - input: schema.container_registry
# related_resources:
#   - ref: https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-tag-mutability.html
#   - ref: https://cloud.google.com/artifact-registry/docs/docker/names
# custom:
#   id: NEPH-REGISTRY-002
#   severity: medium
#   kinds: [container.registry]
#   remediation: >-
#     AWS: set the repository's image tag mutability to IMMUTABLE. Google Cloud: turn on immutable tags of the Docker
#     repository. Azure has no such setting of the registry: lock single images, or deploy by digest.
#   controls:
#     nist-800-53-r5: [CM-5, SI-7]
package nephoscope.registry.image_tags_can_be_changed

deny contains finding if {
	input.resource.attributes.immutable_tags == false
	finding := {
		"path": "/attributes/immutable_tags",
		"message": "a tag can be moved to another image",
	}
}
