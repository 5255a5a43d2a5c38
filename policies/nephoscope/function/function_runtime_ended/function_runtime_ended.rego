# METADATA
# scope: package
# title: Runtime out of support
# description: >-
#   The function runs on a version of its language that the provider no longer patches. Flaws found since stay open,
#   and some day the function can be neither changed nor run.
# schemas:
#   - input: schema.compute_function
# related_resources:
#   - ref: https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html
#   - ref: https://learn.microsoft.com/azure/azure-functions/language-support-policy
#   - ref: https://cloud.google.com/functions/docs/runtime-support
# custom:
#   id: NEPH-FUNCTION-001
#   severity: medium
#   kinds: [compute.function]
#   params:
#     runtimes:
#       type: object
#       default:
#         # AWS Lambda. Source: AWS Lambda Developer Guide, "Lambda runtimes".
#         dotnet5.0: "2022-05-10"
#         dotnet7: "2024-05-14"
#         dotnetcore1.0: "2019-06-27"
#         dotnetcore2.0: "2019-05-30"
#         dotnetcore2.1: "2022-01-05"
#         dotnetcore3.1: "2023-04-03"
#         go1.x: "2024-01-08"
#         java8: "2024-01-08"
#         nodejs: "2016-10-31"
#         nodejs4.3: "2020-03-05"
#         nodejs6.10: "2019-08-12"
#         nodejs8.10: "2020-03-06"
#         nodejs10.x: "2021-07-30"
#         nodejs12.x: "2023-03-31"
#         nodejs14.x: "2023-12-04"
#         nodejs16.x: "2024-06-12"
#         nodejs18.x: "2025-09-01"
#         nodejs20.x: "2026-04-30"
#         nodejs22.x: "2027-04-30"
#         provided: "2024-01-08"
#         python2.7: "2021-07-15"
#         python3.6: "2022-07-18"
#         python3.7: "2023-12-04"
#         python3.8: "2024-10-14"
#         python3.9: "2025-12-15"
#         ruby2.5: "2021-07-30"
#         ruby2.7: "2023-12-07"
#         ruby3.2: "2026-03-31"
#         # Google Cloud, and names of both. Source: Cloud Run functions, "Runtime support".
#         dotnet6: "2024-12-20"
#         dotnet8: "2026-11-10"
#         nodejs6: "2019-04-17"
#         nodejs8: "2020-06-05"
#         nodejs10: "2024-01-30"
#         nodejs12: "2024-01-30"
#         nodejs14: "2024-01-30"
#         nodejs16: "2024-01-30"
#         nodejs18: "2025-04-30"
#         nodejs20: "2026-04-30"
#         nodejs22: "2027-04-30"
#         python37: "2024-01-30"
#         python38: "2024-10-14"
#         python39: "2025-10-05"
#         python310: "2026-10-04"
#         # Azure, in lower case. Source: Azure Functions "Language runtime support policy", dates of the communities.
#         dotnet|6.0: "2024-11-12"
#         dotnet|8.0: "2026-11-10"
#         dotnet-isolated|6.0: "2024-11-12"
#         dotnet-isolated|7.0: "2024-05-14"
#         dotnet-isolated|8.0: "2026-11-10"
#         dotnetcore|3.1: "2022-12-13"
#         dotnetcore|6.0: "2024-11-12"
#         dotnetcore|7.0: "2024-05-14"
#         dotnetcore|8.0: "2026-11-10"
#         node|14: "2023-04-30"
#         node|14-lts: "2023-04-30"
#         node|16: "2023-09-11"
#         node|16-lts: "2023-09-11"
#         node|18: "2025-04-30"
#         node|18-lts: "2025-04-30"
#         node|20: "2026-04-30"
#         node|20-lts: "2026-04-30"
#         php|7.4: "2022-11-28"
#         php|8.0: "2023-11-26"
#         php|8.1: "2025-12-31"
#         powershell|7.2: "2024-11-08"
#         python|3.6: "2021-12-23"
#         python|3.7: "2023-06-27"
#         python|3.8: "2024-10-14"
#         python|3.9: "2025-10-31"
#         python|3.10: "2026-10-31"
#       description: >-
#         When each runtime leaves support, by its name in lower case as the provider writes it.
#   remediation: >-
#     Test the code on a newer version and change the runtime: AWS: the function's runtime; Azure: linuxFxVersion of
#     the site's configuration; Google Cloud: deploy again with a newer runtime. The dates move: set the
#     parameter where they did.
#   controls:
#     nist-800-53-r5: [SA-22, SI-2]
package nephoscope.function.function_runtime_ended

deny contains finding if {
	runtime := input.resource.attributes.runtime
	name := lower(runtime)
	some ended, date in input.params.runtimes
	ended == name
	date <= input.as_of
	finding := {
		"key": "runtime",
		"path": "/attributes/runtime",
		"message": sprintf("%s is out of support since %s", [runtime, date]),
	}
}
