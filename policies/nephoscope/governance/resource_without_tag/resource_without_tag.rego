# METADATA
# scope: package
# title: Resource without a required tag
# description: >-
#   A tag that the organization requires is missing or empty, so that nobody can tell whose the resource is, what it
#   costs whom, or how its data is classified. Which tags are required is a parameter; the policy is off until it is set.
# schemas:
#   - input: schema.other
# related_resources:
#   - ref: https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html
#   - ref: https://learn.microsoft.com/azure/cloud-adoption-framework/ready/azure-best-practices/resource-tagging
#   - ref: https://cloud.google.com/resource-manager/docs/creating-managing-labels
# custom:
#   id: NEPH-GOVERNANCE-001
#   severity: low
#   kinds: ["*"]
#   params:
#     tags:
#       type: array
#       items: string
#       description: Names of tags (labels in Google Cloud) that every resource has to carry with a value.
#   remediation: >-
#     Set the tag on the resource, best where it is deployed from. AWS: a tag policy and default tags of the provider
#     block. Azure: a policy that inherits the tag from the resource group. Google Cloud: labels are in lower case.
#   controls:
#     nist-800-53-r5: [CM-8]
package nephoscope.governance.resource_without_tag

deny contains finding if {
	some name in input.params.tags
	value := object.get(input.resource.tags, name, "")
	value == ""
	finding := {
		"key": name,
		"path": "/tags",
		"message": sprintf("the required tag %s is missing or empty", [name]),
	}
}
