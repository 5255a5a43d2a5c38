package nephoscope.network.load_balancer_old_tls_test

import data.nephoscope.network.load_balancer_old_tls as policy

_default := {"min_version": "TLS1_2"}

_old := {
	"aws": {"protocol": "https", "port": 443, "tls_policy": "ELBSecurityPolicy-2016-08", "min_tls_version": "TLS1_0"},
	"azure": {"name": "https", "protocol": "https", "port": 443, "tls_policy": "AppGwSslPolicy20150501", "min_tls_version": "TLS1_0"},
	"gcp": {"protocol": "https", "min_tls_version": "TLS1_0"},
}

test_deny_old_versions_in_every_cloud if {
	every listener in _old {
		findings := policy.deny with input.resource.attributes.listeners as [listener] with input.params as _default
		{finding.path | some finding in findings} == {"/attributes/listeners/0/min_tls_version"}
	}
}

test_message_names_version_and_policy if {
	findings := policy.deny with input.resource.attributes.listeners as [_old.aws] with input.params as _default
	findings == {{
		"key": "443 TLS1_0",
		"path": "/attributes/listeners/0/min_tls_version",
		"message": "TLS1_0 is accepted, policy ELBSecurityPolicy-2016-08",
	}}
}

test_the_parameter_draws_the_line if {
	versions := ["TLS1_0", "TLS1_1", "TLS1_2", "TLS1_3"]
	every i, least in versions {
		denied := {version |
			some version in versions
			findings := policy.deny with input.resource.attributes.listeners as [{"protocol": "tls", "min_tls_version": version}]
				with input.params.min_version as least
			count(findings) > 0
		}
		denied == {version | some version in array.slice(versions, 0, i)}
	}
}

test_nothing_is_claimed_where_nothing_is_known if {
	every attributes in [{}, {"listeners": []}, {"listeners": [{"protocol": "https", "port": 443}]}] {
		findings := policy.deny with input.resource.attributes as attributes with input.params as _default
		findings == set()
	}
}
