package nephoscope.governance.resource_in_region_not_allowed_test

import data.nephoscope.governance.resource_in_region_not_allowed as policy

_in(region) := {"id": "arn:aws:s3:::data", "region": region}

_params(allowed, denied, exempt) := {"allowed": allowed, "denied": denied, "exempt": exempt}

_cases := [
	{"region": "us-east-1", "params": _params([], [], []), "keys": set()},
	{"region": "us-east-1", "params": _params(["eu-*"], [], []), "keys": {"not allowed us-east-1"}},
	{"region": "eu-west-1", "params": _params(["eu-*"], [], []), "keys": set()},
	{"region": "eu-west-1", "params": _params([], ["eu-west-1"], []), "keys": {"forbidden eu-west-1"}},
	{"region": "us-east-1", "params": _params(["eu-*"], [], ["*:::data"]), "keys": set()},
	{"region": "global", "params": _params(["eu-*"], ["*"], []), "keys": set()},
	{"region": "", "params": _params(["eu-*"], [], []), "keys": set()},
]

test_cases if {
	every case in _cases {
		findings := policy.deny with input.resource as _in(case.region) with input.params as case.params
		{finding.key | some finding in findings} == case.keys
	}
}
