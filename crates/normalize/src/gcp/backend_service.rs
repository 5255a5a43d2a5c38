//! `compute.googleapis.com/BackendService` → `network.load_balancer`.
//!
//! It has the log and the security policy of a load balancer, with Cloud CDN or without. It takes no connections itself: ports
//! and TLS are those of forwarding rules and target proxies, resources of their own, and unknown where no rule was read that
//! leads to it. Source: Compute Engine API `backendServices`; Google Cloud Armor "Use request logging" (logging of
//! new backend services is off) and "Security policy overview"; read 2026-11-25.

use nephoscope_model::kinds::{Logging, NetworkLoadBalancer, Waf};
use nephoscope_model::{Fact, Gap, Reason};
use serde::Deserialize;

use super::{CAI, DATA, forwarding_rule};
use crate::edge;
use crate::group::{Built, Found, Group};
use crate::json::{self, Text};
use crate::mapping::{Absence, Mapping, Role, Source, source};

const SOURCES: &[Source] = &[
    source("/scheme", "/resource/data/loadBalancingScheme", Absence::Unknown),
    source(
        "/logging/enabled",
        "/resource/data/logConfig/enable",
        Absence::Default("false"),
    ),
    source("/logging/enabled", "/resource/data/protocol", Absence::Unknown),
    source(
        "/waf/attached",
        "/resource/data/securityPolicy",
        Absence::Default("false"),
    ),
    source("/waf/attached", "/resource/data/protocol", Absence::Unknown),
    source("/waf/id", "/resource/data/securityPolicy", Absence::Absent),
];

pub(crate) const NATIVE_TYPE: &str = "compute.googleapis.com/BackendService";

pub(crate) const MAPPING: Mapping = Mapping {
    dialects: CAI,
    native_type: NATIVE_TYPE,
    kind: "network.load_balancer",
    sources: SOURCES,
    read: |body| Ok(Box::new(body.section::<BackendService>(DATA)?)),
    build,
    role: Role::Whole,
    kept: true,
    ..Mapping::BASE
};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct BackendService {
    #[serde(default)]
    load_balancing_scheme: Text,
    #[serde(default)]
    protocol: Text,
    #[serde(default)]
    security_policy: Text,
    #[serde(default)]
    log_config: Option<LogConfig>,
}

#[derive(Debug, Deserialize)]
struct LogConfig {
    #[serde(default, deserialize_with = "json::flag")]
    enable: Option<bool>,
}

fn build(group: &Group<'_>) -> Built {
    let Found::Read(_, Some(native)) = group.native::<Option<BackendService>>() else {
        return Built::unknown(Gap::with(Reason::NotRead, "resource.data"));
    };
    let not_read = |what: &str| Gap::with(Reason::NotRead, format!("{what} of {}", group.main.resource.id));
    // A service mesh, whose proxies are the customer's.
    let mesh = native.load_balancing_scheme.0.as_deref() == Some("INTERNAL_SELF_MANAGED");
    let web = match native.protocol.0.as_deref() {
        _ if mesh => Some(false),
        Some("HTTP" | "HTTPS" | "HTTP2" | "H2C" | "GRPC") => Some(true),
        Some(_) => Some(false),
        None => None,
    };
    let enabled = native.log_config.as_ref().and_then(|log| log.enable);
    let (logging, waf) = match web {
        Some(true) => (
            Logging {
                enabled: Fact::Known(enabled.unwrap_or(false)),
                target: Fact::Absent,
            },
            edge::waf(native.security_policy.clone().take()),
        ),
        Some(false) => (
            Logging {
                enabled: enabled.filter(|enabled| *enabled).into(),
                target: Fact::Absent,
            },
            Waf::default(),
        ),
        None => (
            edge::unknown_log(&not_read("protocol")),
            edge::unknown_waf(&not_read("protocol")),
        ),
    };
    Built::new(&NetworkLoadBalancer {
        scheme: forwarding_rule::scheme(
            native.load_balancing_scheme.0.as_deref(),
            &not_read("loadBalancingScheme"),
        ),
        // It has none: they are those of the rules, which are judged for themselves where they were read.
        listeners: if forwarding_rule::leads_to(group.context, &group.main.resource.key.0) {
            Fact::Known(Vec::new())
        } else {
            Fact::Unknown(not_read("forwarding rules and target proxies"))
        },
        logging,
        waf,
    })
}
