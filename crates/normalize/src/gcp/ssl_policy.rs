//! `compute.googleapis.com/SslPolicy` → `network.load_balancer`: what the load balancers that use it accept.
//!
//! It has no port, log or firewall of its own. RESTRICTED demands TLS 1.2 whatever the minimum says. Source: Compute Engine
//! API `sslPolicies`; Cloud Load Balancing "SSL policies overview"; read 2026-11-25.

use nephoscope_model::kinds::{Listener, NetworkLoadBalancer, TlsVersion};
use nephoscope_model::{Fact, Gap, Reason};
use serde::Deserialize;

use super::{CAI, DATA};
use crate::edge::{self, Draft};
use crate::group::{Built, Found, Group};
use crate::json::Text;
use crate::mapping::{Absence, Mapping, Source, source};

const SOURCES: &[Source] = &[
    source("/listeners", "/resource/data/minTlsVersion", Absence::Default("TLS1_0")),
    source("/listeners", "/resource/data/profile", Absence::Default("COMPATIBLE")),
    source("/listeners", "/resource/data/name", Absence::Absent),
];

pub(crate) const MAPPING: Mapping = Mapping {
    dialects: CAI,
    native_type: "compute.googleapis.com/SslPolicy",
    kind: "network.load_balancer",
    sources: SOURCES,
    read: |body| Ok(Box::new(body.section::<SslPolicy>(DATA)?)),
    build,
    ..Mapping::BASE
};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct SslPolicy {
    #[serde(default)]
    name: Text,
    #[serde(default)]
    profile: Text,
    #[serde(default)]
    min_tls_version: Text,
}

impl SslPolicy {
    fn min_version(&self) -> Option<TlsVersion> {
        let stated = match self.min_tls_version.0.as_deref() {
            None | Some("TLS_1_0") => TlsVersion::Tls10,
            Some("TLS_1_1") => TlsVersion::Tls11,
            Some("TLS_1_2") => TlsVersion::Tls12,
            Some("TLS_1_3") => TlsVersion::Tls13,
            Some(_) => return None,
        };
        match self.profile.0.as_deref() {
            Some("RESTRICTED") => Some(stated.max(TlsVersion::Tls12)),
            _ => Some(stated),
        }
    }
}

fn build(group: &Group<'_>) -> Built {
    let Found::Read(piece, Some(native)) = group.native::<Option<SslPolicy>>() else {
        return Built::unknown(Gap::with(Reason::NotRead, "resource.data"));
    };
    let gap = || Gap::with(Reason::ParseError, "minTlsVersion");
    let draft = Draft {
        listener: Listener {
            protocol: Fact::Known("tls".to_owned()),
            tls_policy: native.name.clone().take().into(),
            min_tls_version: native.min_version().map_or_else(|| Fact::Unknown(gap()), Fact::Known),
            ..Listener::default()
        },
        origin: piece.origin().cloned(),
        pointer: DATA.to_owned(),
    };
    edge::build(NetworkLoadBalancer::default(), vec![draft], None)
}
