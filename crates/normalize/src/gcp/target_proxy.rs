//! `compute.googleapis.com/TargetHttpsProxy` and `TargetSslProxy` → `network.load_balancer`.
//!
//! Without a policy the default one holds: profile COMPATIBLE, TLS 1.0 at the least. What a named policy accepts stands in
//! `compute.googleapis.com/SslPolicy`, the port and the scheme in the forwarding rule. Source: Compute Engine API
//! `targetHttpsProxies`, `targetSslProxies`; Cloud Load Balancing "SSL policies overview"; read 2026-11-25.

use nephoscope_model::kinds::{Listener, NetworkLoadBalancer, TlsVersion, Waf};
use nephoscope_model::{Fact, Gap, Reason};
use serde::Deserialize;

use super::{CAI, DATA};
use crate::edge::{self, Draft};
use crate::group::{Built, Found, Group};
use crate::json::Text;
use crate::mapping::{Absence, Mapping, Source, source};

const SOURCES: &[Source] = &[source(
    "/listeners",
    "/resource/data/sslPolicy",
    Absence::Default("TLS1_0"),
)];

pub(crate) const HTTPS_MAPPING: Mapping = Mapping {
    dialects: CAI,
    native_type: "compute.googleapis.com/TargetHttpsProxy",
    kind: "network.load_balancer",
    sources: SOURCES,
    read: |body| Ok(Box::new(body.section::<TargetProxy>(DATA)?)),
    build: |group| build(group, "https"),
    ..Mapping::BASE
};

pub(crate) const SSL_MAPPING: Mapping = Mapping {
    native_type: "compute.googleapis.com/TargetSslProxy",
    build: |group| build(group, "tls"),
    ..HTTPS_MAPPING
};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct TargetProxy {
    #[serde(default)]
    ssl_policy: Text,
}

fn build(group: &Group<'_>, protocol: &str) -> Built {
    let Found::Read(piece, Some(native)) = group.native::<Option<TargetProxy>>() else {
        return Built::unknown(Gap::with(Reason::NotRead, "resource.data"));
    };
    let not_read = |what: &str| Gap::with(Reason::NotRead, format!("{what} of {}", group.main.resource.id));
    let backend = not_read("compute.googleapis.com/BackendService");
    let policy = native.ssl_policy.clone().take();
    let listener = Listener {
        name: Fact::Absent,
        protocol: Fact::Known(protocol.to_owned()),
        // Every forwarding rule that leads to it has its own.
        port: Fact::Absent,
        redirects_to_https: Fact::Absent,
        min_tls_version: match &policy {
            None => Fact::Known(TlsVersion::Tls10),
            Some(policy) => Fact::Unknown(Gap::with(Reason::NotRead, policy.clone())),
        },
        tls_policy: policy.into(),
    };
    let balancer = NetworkLoadBalancer {
        scheme: Fact::Unknown(not_read("forwarding rule")),
        logging: edge::unknown_log(&backend),
        waf: match protocol {
            "https" => edge::unknown_waf(&backend),
            _ => Waf::default(),
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
