package nephoscope.network.load_balancer_plain_http_test

import data.nephoscope.network.load_balancer_plain_http as policy

# What each cloud's mapping makes of a listener for plain HTTP; of Google Cloud it cannot tell what is redirected.
_plain := {
	"aws": {"protocol": "http", "port": 80, "redirects_to_https": false},
	"azure": {"name": "http", "protocol": "http", "port": 80, "redirects_to_https": false},
}

_encrypted := {
	"aws": {"protocol": "http", "port": 80, "redirects_to_https": true},
	"azure": {"name": "http", "protocol": "http", "port": 80, "redirects_to_https": true},
	"gcp": {"protocol": "https", "port": 443},
}

test_deny_plain_http_in_every_cloud if {
	every listener in _plain {
		findings := policy.deny with input.resource.attributes.listeners as [_encrypted.gcp, listener]
		findings == {{
			"key": "http/80",
			"path": "/attributes/listeners/1",
			"message": "port 80 takes plain HTTP and does not redirect to HTTPS",
		}}
	}
}

test_deny_without_a_port if {
	listener := {"protocol": "http", "redirects_to_https": false}
	findings := policy.deny with input.resource.attributes.listeners as [listener]
	{finding.key | some finding in findings} == {"http/?"}
}

test_allow_encrypted_in_every_cloud if {
	every listener in _encrypted {
		findings := policy.deny with input.resource.attributes.listeners as [listener]
		findings == set()
	}
}

test_nothing_is_claimed_where_nothing_is_known if {
	every attributes in [{}, {"listeners": []}, {"listeners": [{"protocol": "http"}, {"redirects_to_https": false}]}] {
		findings := policy.deny with input.resource.attributes as attributes
		findings == set()
	}
}
