//! `compute.googleapis.com/TargetHttpsProxy` and `TargetSslProxy` → `network.load_balancer`; `TargetHttpProxy`, which has
//! nothing to judge, is looked at.
//!
//! Without a policy the default one holds: profile COMPATIBLE, TLS 1.0 at the least. What a named policy accepts stands in
//! `compute.googleapis.com/SslPolicy`. Port and scheme are those of forwarding rules, log and security policy those of backend
//! services: all of these are resources of their own, which are judged for themselves, and it is unknown here where one
//! that is named was not read. Source: Compute Engine API `targetHttpProxies`, `targetHttpsProxies`, `targetSslProxies`;
//! Cloud Load Balancing "SSL policies overview"; read 2026-11-25.

use nephoscope_model::kinds::{Listener, Logging, NetworkLoadBalancer, TlsVersion, Waf};
use nephoscope_model::{Fact, Gap, Reason, State};
use serde::Deserialize;

use super::ssl_policy::SslPolicy;
use super::url_map::Destination;
use super::{CAI, DATA, asset_of, backend_service, empty, ssl_policy, url_map};
use crate::edge::{self, Draft};
use crate::group::{Built, Context, Found, Group, Piece};
use crate::json::Text;
use crate::mapping::{Absence, Mapping, Role, Source, source};

const HTTP_SOURCES: &[Source] = &[source("/listeners", "/resource/data/urlMap", Absence::Unknown)];

const HTTPS_SOURCES: &[Source] = &[
    source("/listeners", "/resource/data/sslPolicy", Absence::Default("TLS1_0")),
    source("/logging/enabled", "/resource/data/urlMap", Absence::Unknown),
];

const SSL_SOURCES: &[Source] = &[
    source("/listeners", "/resource/data/sslPolicy", Absence::Default("TLS1_0")),
    source("/logging/enabled", "/resource/data/service", Absence::Unknown),
];

pub(crate) const HTTPS_MAPPING: Mapping = Mapping {
    dialects: CAI,
    native_type: "compute.googleapis.com/TargetHttpsProxy",
    kind: "network.load_balancer",
    sources: HTTPS_SOURCES,
    read: |body| Ok(Box::new(body.section::<TargetProxy>(DATA)?)),
    build: |group| build(group, "https"),
    role: Role::Whole,
    kept: true,
    ..Mapping::BASE
};

pub(crate) const SSL_MAPPING: Mapping = Mapping {
    native_type: "compute.googleapis.com/TargetSslProxy",
    sources: SSL_SOURCES,
    build: |group| build(group, "tls"),
    ..HTTPS_MAPPING
};

pub(crate) const HTTP_MAPPING: Mapping = Mapping {
    native_type: "compute.googleapis.com/TargetHttpProxy",
    kind: "other",
    sources: HTTP_SOURCES,
    build: empty,
    ..HTTPS_MAPPING
};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TargetProxy {
    #[serde(default)]
    ssl_policy: Text,
    #[serde(default)]
    url_map: Text,
    #[serde(default)]
    service: Text,
}

/// Returns the native fields of the asset that a URL leads to, and its document.
///
/// # Errors
///
/// The gap that names it, where it was not read.
pub(crate) fn followed<'a, T: 'static>(
    context: &Context<'a>,
    url: Option<&str>,
    native_type: &str,
    from: &Piece,
) -> Result<(&'a Piece, &'a T), Gap> {
    let Some(name) = url.and_then(asset_of) else {
        let detail = format!("{native_type} of {}", from.resource.id);
        return Err(Gap::with(Reason::NotRead, detail));
    };
    let piece = context.neighbor(&name, native_type);
    match piece
        .filter(|piece| piece.resource.state != State::Deleted)
        .map(Piece::get::<Option<T>>)
    {
        Some(Found::Read(piece, Some(native))) => Ok((piece, native)),
        Some(Found::Failed(gap)) => Err(gap),
        Some(Found::Read(_, None) | Found::Missing) | None => Err(Gap::with(Reason::NotRead, name)),
    }
}

impl TargetProxy {
    /// Returns the policy in force by name, and the oldest version of TLS that it accepts.
    pub(crate) fn tls(&self, context: &Context<'_>, piece: &Piece) -> (Fact<String>, Fact<TlsVersion>) {
        let Some(url) = self.ssl_policy.0.as_deref().filter(|url| !url.is_empty()) else {
            return (Fact::Absent, Fact::Known(TlsVersion::Tls10));
        };
        let policy = followed::<SslPolicy>(context, Some(url), ssl_policy::NATIVE_TYPE, piece);
        let version = policy.and_then(|(_, policy)| policy.min_version());
        (
            Fact::Known(url.to_owned()),
            version.map_or_else(Fact::Unknown, Fact::Known),
        )
    }

    /// Returns whether the URL map sends every request to HTTPS.
    pub(crate) fn redirects(&self, context: &Context<'_>, piece: &Piece) -> Fact<bool> {
        let map = followed::<Destination>(context, self.url_map.0.as_deref(), url_map::NATIVE_TYPE, piece);
        match map {
            Ok((_, map)) => Fact::Known(map.redirects_to_https()),
            Err(gap) => Fact::Unknown(gap),
        }
    }

    /// Returns the URLs of the backend services and buckets that requests go to.
    ///
    /// # Errors
    ///
    /// The gap that names the URL map, where it was not read.
    pub(crate) fn services<'a>(&'a self, context: &Context<'a>, piece: &Piece) -> Result<Vec<&'a str>, Gap> {
        if let Some(url) = self.service.0.as_deref() {
            return Ok(vec![url]);
        }
        let map = followed::<Destination>(context, self.url_map.0.as_deref(), url_map::NATIVE_TYPE, piece);
        map.map(|(_, map)| map.services())
    }

    /// Returns which of the backend services that requests go to was not read: those that were are judged for themselves.
    /// Requests to a backend bucket are always logged.
    pub(crate) fn unread_backend(&self, context: &Context<'_>, piece: &Piece) -> Option<Gap> {
        let services = match self.services(context, piece) {
            Ok(services) => services,
            Err(gap) => return Some(gap),
        };
        let unread = |url: &str| {
            let name = asset_of(url)?;
            let held = context.neighbor(&name, backend_service::NATIVE_TYPE).is_some();
            (!held).then(|| Gap::with(Reason::NotRead, name))
        };
        let mut services = services.into_iter().filter(|url| !url.contains("/backendBuckets/"));
        services.find_map(unread)
    }
}

/// Returns log and firewall of what leads to backend services, which have both.
pub(crate) fn behind(unread: Option<Gap>, web: bool) -> (Logging, Waf) {
    match unread {
        None => (Logging::default(), Waf::default()),
        Some(gap) if web => (edge::unknown_log(&gap), edge::unknown_waf(&gap)),
        Some(gap) => (edge::unknown_log(&gap), Waf::default()),
    }
}

fn build(group: &Group<'_>, protocol: &str) -> Built {
    let Found::Read(piece, Some(native)) = group.native::<Option<TargetProxy>>() else {
        return Built::unknown(Gap::with(Reason::NotRead, "resource.data"));
    };
    let (tls_policy, min_tls_version) = native.tls(group.context, piece);
    let listener = Listener {
        name: Fact::Absent,
        protocol: Fact::Known(protocol.to_owned()),
        // Every forwarding rule that leads to it has its own.
        port: Fact::Absent,
        redirects_to_https: Fact::Absent,
        tls_policy,
        min_tls_version,
    };
    let (logging, waf) = behind(native.unread_backend(group.context, piece), protocol == "https");
    let balancer = NetworkLoadBalancer {
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
