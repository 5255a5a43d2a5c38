//! `compute.googleapis.com/ForwardingRule` and `GlobalForwardingRule` → `network.load_balancer`.
//!
//! The rule names what it leads to by URL, and the kind of that says the protocol. What the URL map redirects, which TLS policy
//! the target proxy has, and log and security policy of the backend service stand in other assets, which are not joined.
//! Source: Compute Engine API `forwardingRules`, `globalForwardingRules`, read 2026-11-25.

use nephoscope_model::kinds::{Listener, Logging, NetworkLoadBalancer, Scheme, Waf};
use nephoscope_model::{Fact, Gap, Reason};
use serde::Deserialize;

use super::{CAI, DATA};
use crate::edge::{self, Draft};
use crate::firewall;
use crate::group::{Built, Found, Group};
use crate::json::{self, Text};
use crate::mapping::{Absence, Mapping, Source, source};

const SOURCES: &[Source] = &[
    source("/scheme", "/resource/data/loadBalancingScheme", Absence::Unknown),
    source("/listeners", "/resource/data/target", Absence::Unknown),
    source("/listeners", "/resource/data/portRange", Absence::Absent),
];

pub(crate) const MAPPING: Mapping = Mapping {
    dialects: CAI,
    native_type: "compute.googleapis.com/ForwardingRule",
    kind: "network.load_balancer",
    sources: SOURCES,
    read: |body| Ok(Box::new(body.section::<ForwardingRule>(DATA)?)),
    build,
    ..Mapping::BASE
};

pub(crate) const GLOBAL_MAPPING: Mapping = Mapping {
    native_type: "compute.googleapis.com/GlobalForwardingRule",
    ..MAPPING
};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ForwardingRule {
    #[serde(default)]
    load_balancing_scheme: Text,
    #[serde(default)]
    target: Text,
    #[serde(default)]
    backend_service: Text,
    #[serde(default)]
    port_range: Text,
    #[serde(default, deserialize_with = "json::many")]
    ports: Vec<String>,
    #[serde(default, rename = "IPProtocol")]
    protocol: Text,
    #[serde(default, rename = "ipProtocol")]
    protocol_in_camel_case: Text,
}

/// What a rule leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Target {
    Http,
    Https,
    Tls,
    Tcp,
    /// The packets go on as they are: a pool, an instance, a backend service, a VPN gateway, a published service.
    Passed,
}

impl ForwardingRule {
    fn target(&self) -> Option<Target> {
        let Some(url) = self.target.0.as_deref().filter(|url| !url.is_empty()) else {
            return self.backend_service.clone().take().map(|_| Target::Passed);
        };
        let collections = [
            ("/targetHttpProxies/", Target::Http),
            ("/targetHttpsProxies/", Target::Https),
            ("/targetSslProxies/", Target::Tls),
            ("/targetTcpProxies/", Target::Tcp),
            ("/targetPools/", Target::Passed),
            ("/targetInstances/", Target::Passed),
            ("/targetVpnGateways/", Target::Passed),
            ("/serviceAttachments/", Target::Passed),
        ];
        let found = collections.iter().find(|(part, _)| url.contains(part));
        found.map(|(_, target)| *target)
    }

    /// A single port; several are none.
    fn port(&self) -> Fact<u16> {
        let text = match (self.port_range.0.as_deref(), self.ports.as_slice()) {
            (Some(range), _) if !range.is_empty() => Some(range),
            (_, [one]) => Some(one.as_str()),
            _ => None,
        };
        match text.and_then(firewall::ports) {
            Some((from, to)) if from == to => Fact::Known(from),
            _ => Fact::Absent,
        }
    }
}

/// Returns the scheme of a forwarding rule or backend service. Source: "Cloud Load Balancing overview", read 2026-11-25.
pub(crate) fn scheme(text: Option<&str>, missing: &Gap) -> Fact<Scheme> {
    match text {
        Some("EXTERNAL" | "EXTERNAL_MANAGED" | "EXTERNAL_PASSTHROUGH") => Fact::Known(Scheme::Internet),
        Some("INTERNAL" | "INTERNAL_MANAGED" | "INTERNAL_SELF_MANAGED") => Fact::Known(Scheme::Internal),
        _ => Fact::Unknown(missing.clone()),
    }
}

fn build(group: &Group<'_>) -> Built {
    let Found::Read(piece, Some(native)) = group.native::<Option<ForwardingRule>>() else {
        return Built::unknown(Gap::with(Reason::NotRead, "resource.data"));
    };
    let not_read = |what: &str| Gap::with(Reason::NotRead, format!("{what} of {}", group.main.resource.id));
    let target = native.target();
    let proxy = not_read("target proxy");
    let backend = not_read("compute.googleapis.com/BackendService");
    let written = native
        .protocol
        .0
        .as_deref()
        .or(native.protocol_in_camel_case.0.as_deref());
    let protocol = match target {
        Some(Target::Http) => Fact::Known("http".to_owned()),
        Some(Target::Https) => Fact::Known("https".to_owned()),
        Some(Target::Tls) => Fact::Known("tls".to_owned()),
        Some(Target::Tcp) => Fact::Known("tcp".to_owned()),
        Some(Target::Passed) => written.map(str::to_ascii_lowercase).into(),
        None => Fact::Unknown(not_read("target")),
    };
    let encrypted = matches!(target, Some(Target::Https | Target::Tls));
    let listener = Listener {
        name: Fact::Absent,
        protocol,
        port: native.port(),
        redirects_to_https: match target {
            Some(Target::Http) => Fact::Unknown(not_read("compute.googleapis.com/UrlMap")),
            Some(_) => Fact::Absent,
            None => Fact::Unknown(not_read("target")),
        },
        tls_policy: if encrypted {
            Fact::Unknown(proxy.clone())
        } else {
            Fact::Absent
        },
        min_tls_version: match target {
            Some(_) if encrypted => Fact::Unknown(proxy),
            Some(_) => Fact::Absent,
            None => Fact::Unknown(not_read("target")),
        },
    };
    let passed = target == Some(Target::Passed);
    let web = !matches!(target, Some(Target::Passed | Target::Tcp | Target::Tls));
    let balancer = NetworkLoadBalancer {
        scheme: scheme(
            native.load_balancing_scheme.0.as_deref(),
            &not_read("loadBalancingScheme"),
        ),
        logging: if passed {
            Logging::default()
        } else {
            edge::unknown_log(&backend)
        },
        waf: if web {
            edge::unknown_waf(&backend)
        } else {
            Waf::default()
        },
        ..NetworkLoadBalancer::default()
    };
    let draft = Draft {
        listener,
        origin: piece.origin().cloned(),
        pointer: DATA.to_owned(),
    };
    edge::build(balancer, vec![draft], None)
}
