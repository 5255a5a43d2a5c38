//! `compute.googleapis.com/ForwardingRule` and `GlobalForwardingRule` → `network.load_balancer`.
//!
//! The rule names what it leads to by URL, and the kind of that says the protocol. Which TLS policy the target proxy has and
//! what its URL map redirects is looked up there. Log and security policy are those of backend services, which are judged for
//! themselves, and unknown here where one of them was not read.
//! Source: Compute Engine API `forwardingRules`, `globalForwardingRules`, read 2026-11-25.

use nephoscope_model::kinds::{Listener, Logging, NetworkLoadBalancer, Scheme, Waf};
use nephoscope_model::{Fact, Gap, Reason};
use serde::Deserialize;

use super::target_proxy::{self, TargetProxy};
use super::{CAI, DATA, asset_of};
use crate::edge::{self, Draft};
use crate::firewall;
use crate::group::{Built, Context, Found, Group};
use crate::json::{self, Text};
use crate::mapping::{Absence, Mapping, Role, Source, source};

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
    role: Role::Whole,
    kept: true,
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

impl Target {
    /// Returns the type of the proxy that takes the connections, where one is looked at.
    fn proxy(self) -> Option<&'static str> {
        match self {
            Target::Http => Some(target_proxy::HTTP_MAPPING.native_type),
            Target::Https => Some(target_proxy::HTTPS_MAPPING.native_type),
            Target::Tls => Some(target_proxy::SSL_MAPPING.native_type),
            Target::Tcp | Target::Passed => None,
        }
    }
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

/// Returns whether a forwarding rule of the same project was read that leads to the backend service `name`.
pub(crate) fn leads_to(context: &Context<'_>, name: &str) -> bool {
    let project = name.split('/').take(5).collect::<Vec<_>>().join("/");
    let is_it = |url: &str| asset_of(url).as_deref() == Some(name);
    [MAPPING.native_type, GLOBAL_MAPPING.native_type]
        .into_iter()
        .any(|native_type| {
            context.below(&project, native_type).any(|piece| {
                let Found::Read(piece, Some(rule)) = piece.get::<Option<ForwardingRule>>() else {
                    return false;
                };
                if rule.backend_service.0.as_deref().is_some_and(is_it) {
                    return true;
                }
                let Some(proxy) = rule.target().and_then(Target::proxy) else {
                    return false;
                };
                target_proxy::followed::<TargetProxy>(context, rule.target.0.as_deref(), proxy, piece)
                    .and_then(|(piece, proxy)| proxy.services(context, piece))
                    .is_ok_and(|services| services.into_iter().any(is_it))
            })
        })
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
    let proxy = (target.and_then(Target::proxy)).map(|native_type| {
        target_proxy::followed::<TargetProxy>(group.context, native.target.0.as_deref(), native_type, piece)
    });
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
    let redirects_to_https = match (target, &proxy) {
        (Some(Target::Http), Some(Ok((piece, proxy)))) => proxy.redirects(group.context, piece),
        (Some(Target::Http), Some(Err(gap))) => Fact::Unknown(gap.clone()),
        (Some(_), _) => Fact::Absent,
        (None, _) => Fact::Unknown(not_read("target")),
    };
    let (tls_policy, min_tls_version) = match (target, &proxy) {
        (Some(Target::Https | Target::Tls), Some(Ok((piece, proxy)))) => proxy.tls(group.context, piece),
        (Some(Target::Https | Target::Tls), Some(Err(gap))) => (Fact::Unknown(gap.clone()), Fact::Unknown(gap.clone())),
        (Some(_), _) => (Fact::Absent, Fact::Absent),
        (None, _) => (Fact::Absent, Fact::Unknown(not_read("target"))),
    };
    let listener = Listener {
        name: Fact::Absent,
        protocol,
        port: native.port(),
        redirects_to_https,
        tls_policy,
        min_tls_version,
    };
    let web = !matches!(target, Some(Target::Tcp | Target::Tls));
    let (logging, waf) = match (target, proxy) {
        (Some(Target::Passed), _) => (Logging::default(), Waf::default()),
        (_, Some(Ok((piece, proxy)))) => target_proxy::behind(proxy.unread_backend(group.context, piece), web),
        (_, Some(Err(gap))) => target_proxy::behind(Some(gap), web),
        (_, None) => target_proxy::behind(Some(not_read("compute.googleapis.com/BackendService")), web),
    };
    let balancer = NetworkLoadBalancer {
        scheme: scheme(
            native.load_balancing_scheme.0.as_deref(),
            &not_read("loadBalancingScheme"),
        ),
        logging,
        waf,
        ..NetworkLoadBalancer::default()
    };
    let draft = Draft {
        listener,
        origin: piece.origin().cloned(),
        pointer: DATA.to_owned(),
    };
    edge::build(balancer, vec![draft], None)
}
