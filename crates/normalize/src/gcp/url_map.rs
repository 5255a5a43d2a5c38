//! `compute.googleapis.com/UrlMap`: where a load balancer sends requests, to HTTPS or to which backend services.
//!
//! It is a resource of kind `other`, looked at by the forwarding rules and target proxies that lead to it. Source: Compute
//! Engine API `urlMaps`; Cloud Load Balancing "Set up HTTP-to-HTTPS redirect"; read 2026-11-25.

use serde::Deserialize;

use super::{CAI, DATA, empty};
use crate::json::{self, Text};
use crate::mapping::{Absence, Mapping, Role, Source, source};

pub(crate) const NATIVE_TYPE: &str = "compute.googleapis.com/UrlMap";

const SOURCES: &[Source] = &[
    source(
        "/listeners",
        "/resource/data/defaultUrlRedirect/httpsRedirect",
        Absence::Default("false"),
    ),
    source("/listeners", "/resource/data/pathMatchers", Absence::Default("[]")),
    source("/logging/enabled", "/resource/data/defaultService", Absence::Absent),
];

pub(crate) const MAPPING: Mapping = Mapping {
    dialects: CAI,
    native_type: NATIVE_TYPE,
    kind: "other",
    sources: SOURCES,
    read: |body| Ok(Box::new(body.section::<Destination>(DATA)?)),
    build: empty,
    role: Role::Whole,
    kept: true,
    ..Mapping::BASE
};

/// Where requests go: a URL map, a path matcher of it, or a rule of that.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Destination {
    #[serde(default, alias = "defaultService")]
    service: Text,
    #[serde(default, alias = "defaultUrlRedirect")]
    url_redirect: Option<Redirect>,
    #[serde(default, alias = "defaultRouteAction")]
    route_action: Option<RouteAction>,
    #[serde(default, deserialize_with = "json::many")]
    path_matchers: Vec<Destination>,
    #[serde(default, deserialize_with = "json::many")]
    path_rules: Vec<Destination>,
    #[serde(default, deserialize_with = "json::many")]
    route_rules: Vec<Destination>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Redirect {
    #[serde(default, deserialize_with = "json::flag")]
    https_redirect: Option<bool>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct RouteAction {
    #[serde(default, deserialize_with = "json::many")]
    weighted_backend_services: Vec<Weighted>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Weighted {
    #[serde(default)]
    backend_service: Text,
}

impl Destination {
    fn below(&self) -> impl Iterator<Item = &Destination> {
        (self.path_matchers.iter())
            .chain(&self.path_rules)
            .chain(&self.route_rules)
    }

    /// Returns whether every request is sent to HTTPS.
    pub(crate) fn redirects_to_https(&self) -> bool {
        let own = self.url_redirect.as_ref();
        own.is_some_and(|redirect| redirect.https_redirect == Some(true))
            && self.below().all(Destination::redirects_to_https)
    }

    /// Returns the URLs of the services and buckets that requests go to.
    pub(crate) fn services(&self) -> Vec<&str> {
        let weighted = (self.route_action.iter()).flat_map(|action| &action.weighted_backend_services);
        let own = std::iter::once(&self.service).chain(weighted.map(|one| &one.backend_service));
        let mut services: Vec<&str> = own.filter_map(|url| url.0.as_deref()).collect();
        services.extend(self.below().flat_map(Destination::services));
        services
    }
}
