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
#         # AWS Lambda. Source: AWS Lambda Developer Guide, "Lambda runtimes", read 2026-11-25.
#         aws:java11: "2027-06-30"
#         aws:java17: "2027-06-30"
#         dotnet5.0: "2022-05-10"
#         dotnet7: "2024-05-14"
#         dotnetcore1.0: "2019-06-27"
#         dotnetcore2.0: "2019-05-30"
#         dotnetcore2.1: "2022-01-05"
#         dotnetcore3.1: "2023-04-03"
#         go1.x: "2024-01-08"
#         java8: "2024-01-08"
#         java8.al2: "2027-06-30"
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
#         provided.al2: "2026-07-31"
#         python2.7: "2021-07-15"
#         python3.6: "2022-07-18"
#         python3.7: "2023-12-04"
#         python3.8: "2024-10-14"
#         python3.9: "2025-12-15"
#         python3.10: "2026-10-31"
#         python3.11: "2027-06-30"
#         python3.12: "2028-10-31"
#         ruby2.5: "2021-07-30"
#         ruby2.7: "2023-12-07"
#         ruby3.2: "2026-03-31"
#         ruby3.3: "2027-03-31"
#         # Google Cloud, and names of both. Source: Cloud Run functions, "Runtime support", read 2026-11-25.
#         dotnet3: "2024-01-30"
#         dotnet6: "2024-12-20"
#         dotnet8: "2026-11-10"
#         gcp:java11: "2024-10-31"
#         go111: "2020-08-05"
#         go113: "2024-01-30"
#         go116: "2024-01-30"
#         go118: "2024-01-30"
#         go119: "2024-04-30"
#         go120: "2024-05-01"
#         go121: "2025-09-03"
#         go122: "2026-01-28"
#         go123: "2026-02-21"
#         go124: "2026-09-02"
#         nodejs6: "2019-04-17"
#         nodejs8: "2020-06-05"
#         nodejs10: "2024-01-30"
#         nodejs12: "2024-01-30"
#         nodejs14: "2024-01-30"
#         nodejs16: "2024-01-30"
#         nodejs18: "2025-04-30"
#         nodejs20: "2026-04-30"
#         nodejs22: "2027-04-30"
#         php74: "2024-01-30"
#         php81: "2025-12-31"
#         php82: "2026-12-31"
#         python37: "2024-01-30"
#         python38: "2024-10-14"
#         python39: "2025-10-05"
#         python310: "2026-10-04"
#         python311: "2027-10-24"
#         ruby26: "2024-01-30"
#         ruby27: "2024-01-30"
#         ruby30: "2024-03-31"
#         ruby32: "2026-03-31"
#         ruby33: "2027-03-31"
#         # Azure, in lower case. Source: Azure Functions "Language runtime support policy", dates of the communities.
#         dotnet|6.0: "2024-11-12"
#         dotnet|8.0: "2026-11-10"
#         dotnet-isolated|6.0: "2024-11-12"
#         dotnet-isolated|7.0: "2024-05-14"
#         dotnet-isolated|8.0: "2026-11-10"
#         dotnet-isolated|9.0: "2026-11-10"
#         dotnetcore|3.1: "2022-12-13"
#         dotnetcore|6.0: "2024-11-12"
#         dotnetcore|7.0: "2024-05-14"
#         dotnetcore|8.0: "2026-11-10"
#         dotnetcore|9.0: "2026-11-10"
#         node|14: "2023-04-30"
#         node|14-lts: "2023-04-30"
#         node|16: "2023-09-11"
#         node|16-lts: "2023-09-11"
#         node|18: "2025-04-30"
#         node|18-lts: "2025-04-30"
#         node|20: "2026-04-30"
#         node|20-lts: "2026-04-30"
#         node|22: "2027-04-30"
#         node|22-lts: "2027-04-30"
#         php|7.4: "2022-11-28"
#         php|8.0: "2023-11-26"
#         php|8.1: "2025-12-31"
#         php|8.2: "2026-12-31"
#         powershell|7.2: "2024-11-08"
#         powershell|7.4: "2026-11-10"
#         python|3.6: "2021-12-23"
#         python|3.7: "2023-06-27"
#         python|3.8: "2024-10-14"
#         python|3.9: "2025-10-31"
#         python|3.10: "2026-10-31"
#       description: >-
#         When each runtime leaves support, by its name in lower case as the provider writes it; with aws:, azure: or
#         gcp: before it where providers give one name different dates.
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
	own := sprintf("%s:%s", [input.resource.provider, name])
	runtimes := input.params.runtimes
	dates := [date | some key in [own, name]; date := runtimes[key]]
	date := dates[0]
	date <= input.as_of
	finding := {
		"key": "runtime",
		"path": "/attributes/runtime",
		"message": sprintf("%s is out of support since %s", [runtime, date]),
	}
}
