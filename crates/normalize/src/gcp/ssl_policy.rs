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
use crate::mapping::{Absence, Mapping, Role, Source, source};

const SOURCES: &[Source] = &[
    source("/listeners", "/resource/data/minTlsVersion", Absence::Default("TLS1_0")),
    source("/listeners", "/resource/data/profile", Absence::Default("COMPATIBLE")),
    source("/listeners", "/resource/data/name", Absence::Absent),
];

pub(crate) const NATIVE_TYPE: &str = "compute.googleapis.com/SslPolicy";

pub(crate) const MAPPING: Mapping = Mapping {
    dialects: CAI,
    native_type: NATIVE_TYPE,
    kind: "network.load_balancer",
    sources: SOURCES,
    read: |body| Ok(Box::new(body.section::<SslPolicy>(DATA)?)),
    build,
    role: Role::Whole,
    kept: true,
    ..Mapping::BASE
};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SslPolicy {
    #[serde(default)]
    name: Text,
    #[serde(default)]
    profile: Text,
    #[serde(default)]
    min_tls_version: Text,
}

impl SslPolicy {
    /// Returns the oldest version accepted.
    ///
    /// # Errors
    ///
    /// A gap where the policy names another than we know.
    pub(crate) fn min_version(&self) -> Result<TlsVersion, Gap> {
        let stated = match self.min_tls_version.0.as_deref() {
            None | Some("TLS_1_0") => TlsVersion::Tls10,
            Some("TLS_1_1") => TlsVersion::Tls11,
            Some("TLS_1_2") => TlsVersion::Tls12,
            Some("TLS_1_3") => TlsVersion::Tls13,
            Some(other) => return Err(Gap::with(Reason::ParseError, format!("`{other}` is no version of TLS"))),
        };
        match self.profile.0.as_deref() {
            Some("RESTRICTED") => Ok(stated.max(TlsVersion::Tls12)),
            _ => Ok(stated),
        }
    }
}

fn build(group: &Group<'_>) -> Built {
    let Found::Read(piece, Some(native)) = group.native::<Option<SslPolicy>>() else {
        return Built::unknown(Gap::with(Reason::NotRead, "resource.data"));
    };
    let draft = Draft {
        listener: Listener {
            protocol: Fact::Known("tls".to_owned()),
            tls_policy: native.name.clone().take().into(),
            min_tls_version: native.min_version().map_or_else(Fact::Unknown, Fact::Known),
            ..Listener::default()
        },
        origin: piece.origin().cloned(),
        pointer: DATA.to_owned(),
    };
    edge::build(NetworkLoadBalancer::default(), vec![draft], None)
}
