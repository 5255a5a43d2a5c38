# METADATA
# scope: package
# title: Resource in a region that is not allowed
# description: >-
#   The resource stands in a region outside those that the organization allows, or in one that it forbids: data may leave
#   the jurisdiction it belongs to, and nobody looks there. Both lists are parameters; the policy is off until the first is set.
# schemas:
#   - input: schema.other
# related_resources:
#   - ref: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_examples_general.html
#   - ref: https://learn.microsoft.com/azure/governance/policy/samples/built-in-policies
#   - ref: https://cloud.google.com/resource-manager/docs/organization-policy/defining-locations
# custom:
#   id: NEPH-GOVERNANCE-002
#   severity: medium
#   kinds: ["*"]
#   params:
#     allowed:
#       type: array
#       items: string
#       description: Allowed regions as globs (`eu-*`, `europe-west3`, `westeurope`), in lower case; empty allows every region that `denied` does not forbid.
#     denied:
#       type: array
#       items: string
#       default: []
#       description: Forbidden regions as globs, in lower case.
#     exempt:
#       type: array
#       items: string
#       default: []
#       description: Ids of resources that may stand anywhere, as globs.
#   remediation: >-
#     Move the resource, which for most types means making it anew, and shut the region: AWS a service control policy on
#     aws:RequestedRegion, Azure the built-in policy of allowed locations, Google Cloud the organization policy
#     constraints/gcp.resourceLocations.
#   controls:
#     nist-800-53-r5: [AC-4, SA-9(5)]
package nephoscope.governance.resource_in_region_not_allowed

deny contains finding if {
	allowed := input.params.allowed
	count(allowed) > 0
	region := _region
	not _matches(allowed, region)
	finding := {
		"key": sprintf("not allowed %s", [region]),
		"path": "/region",
		"message": sprintf("%s is none of the allowed regions", [region]),
	}
}

deny contains finding if {
	region := _region
	_matches(input.params.denied, region)
	finding := {
		"key": sprintf("forbidden %s", [region]),
		"path": "/region",
		"message": sprintf("%s is a forbidden region", [region]),
	}
}

# What belongs to no region stands nowhere.
_region := region if {
	region := input.resource.region
	region != ""
	region != "global"
	id := input.resource.id
	exempt := input.params.exempt
	not _matches(exempt, id)
}

_matches(globs, text) if {
	some pattern in globs
	glob.match(pattern, [], text)
}
