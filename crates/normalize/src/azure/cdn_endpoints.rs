//! `Microsoft.Cdn/profiles/endpoints` (Azure CDN) → `network.cdn`.
//!
//! The oldest version of TLS stands at custom domains, the access log in diagnostic settings of the profile. Source: Azure
//! REST API reference `Endpoints - Get`; "Standard rules engine reference for Azure CDN"; "Supported logs for
//! Microsoft.Cdn/profiles"; recorded endpoints; read 2026-11-25.

use nephoscope_model::kinds::{EndpointTls, NetworkCdn, Scheme};
use nephoscope_model::{Fact, Gap, Reason};
use serde::Deserialize;

use super::access_log::AccessLog;
use super::{ARM, PROPERTIES, cdn_custom_domains};
use crate::edge;
use crate::group::{Built, Found, Group};
use crate::json::{self, Text};
use crate::mapping::{Absence, Mapping, Role, Source, source};

const SOURCES: &[Source] = &[
    source("/tls/required", "/properties/isHttpAllowed", Absence::Unknown),
    source("/tls/required", "/properties/deliveryPolicy", Absence::Absent),
    source(
        "/waf/attached",
        "/properties/webApplicationFirewallPolicyLink/id",
        Absence::Default("false"),
    ),
    source(
        "/waf/id",
        "/properties/webApplicationFirewallPolicyLink/id",
        Absence::Absent,
    ),
];

pub(crate) const NATIVE_TYPE: &str = "Microsoft.Cdn/profiles/endpoints";

/// What profiles of Azure CDN from Microsoft log.
const ACCESS_LOG: &str = "AzureCdnAccessLog";

pub(crate) const MAPPING: Mapping = Mapping {
    dialects: ARM,
    native_type: NATIVE_TYPE,
    kind: "network.cdn",
    sources: SOURCES,
    read: |body| Ok(Box::new(body.section::<Endpoint>(PROPERTIES)?)),
    build,
    role: Role::Whole,
    ..Mapping::BASE
};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Endpoint {
    #[serde(default, deserialize_with = "json::flag")]
    is_http_allowed: Option<bool>,
    #[serde(default)]
    delivery_policy: Option<DeliveryPolicy>,
    #[serde(default, rename = "webApplicationFirewallPolicyLink")]
    waf: Option<Link>,
}

#[derive(Debug, Deserialize)]
struct Link {
    #[serde(default)]
    id: Text,
}

#[derive(Debug, Deserialize)]
struct DeliveryPolicy {
    #[serde(default, deserialize_with = "json::many")]
    rules: Vec<Rule>,
}

#[derive(Debug, Deserialize)]
struct Rule {
    #[serde(default, deserialize_with = "json::many")]
    conditions: Vec<Named>,
    #[serde(default, deserialize_with = "json::many")]
    actions: Vec<Named>,
}

/// A condition or an action with its parameters.
#[derive(Debug, Deserialize)]
struct Named {
    #[serde(default)]
    name: Text,
    #[serde(default)]
    parameters: Option<Parameters>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Parameters {
    #[serde(default)]
    destination_protocol: Text,
    #[serde(default, deserialize_with = "json::many")]
    match_values: Vec<String>,
    #[serde(default, deserialize_with = "json::flag")]
    negate_condition: Option<bool>,
}

impl Rule {
    /// Sends every request over HTTP, or every request, to HTTPS.
    fn sends_to_https(&self) -> bool {
        let is = |text: &Text, name: &str| text.0.as_deref().is_some_and(|text| text.eq_ignore_ascii_case(name));
        let http = |condition: &Named| {
            is(&condition.name, "RequestScheme")
                && condition.parameters.as_ref().is_some_and(|one| {
                    one.negate_condition != Some(true)
                        && one.match_values.iter().any(|v| v.eq_ignore_ascii_case("http"))
                })
        };
        let to_https = |action: &Named| {
            let parameters = action.parameters.as_ref();
            is(&action.name, "UrlRedirect") && parameters.is_some_and(|one| is(&one.destination_protocol, "Https"))
        };
        self.conditions.iter().all(http) && self.actions.iter().any(to_https)
    }
}

fn build(group: &Group<'_>) -> Built {
    let Found::Read(_, Some(native)) = group.native::<Option<Endpoint>>() else {
        return Built::unknown(Gap::with(Reason::NotRead, "properties"));
    };
    let not_read = |what: &str| Gap::with(Reason::NotRead, format!("{what} of {}", group.main.resource.id));
    let redirected = native
        .delivery_policy
        .as_ref()
        .is_some_and(|policy| policy.rules.iter().any(Rule::sends_to_https));
    let required = match native.is_http_allowed {
        Some(allowed) => Fact::Known(!allowed || redirected),
        None => Fact::Unknown(not_read("isHttpAllowed")),
    };
    let waf = native.waf.as_ref().and_then(|link| link.id.clone().take());
    let (min_version, domain) = cdn_custom_domains::min_version(group);
    let id = &group.main.resource.id;
    let profile = id.rfind('/').and_then(|end| id.get(..end)?.rsplit_once('/'));
    let log = AccessLog::of_other(group, profile.map_or(id, |(profile, _)| profile), ACCESS_LOG);
    let mut built = Built::new(&NetworkCdn {
        scheme: Fact::Known(Scheme::Internet),
        tls: EndpointTls { required, min_version },
        origins: Fact::Absent,
        logging: log.logging(),
        waf: edge::waf(waf),
    });
    log.note(&mut built);
    if let Some(piece) = domain {
        built.from_part(piece);
    }
    built
}
