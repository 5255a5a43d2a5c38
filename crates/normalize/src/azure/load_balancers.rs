//! `Microsoft.Network/loadBalancers` → `network.load_balancer`.
//!
//! It passes connections on as they are: no TLS, no web application firewall, no access log. Inbound NAT rules, which lead to
//! single machines, are left out. Source: Azure REST API reference
//! `Load Balancers - Get`; "Monitor Azure Load Balancer"; read 2026-11-25.

use nephoscope_model::kinds::{self, NetworkLoadBalancer, Scheme};
use nephoscope_model::{Fact, Gap, Reason};
use serde::Deserialize;

use super::{ARM, PROPERTIES};
use crate::edge::{self, Draft};
use crate::group::{Built, Found, Group};
use crate::json::{self, Text};
use crate::mapping::{Absence, Mapping, Source, source};

const SOURCES: &[Source] = &[
    source("/scheme", "/properties/frontendIPConfigurations", Absence::Unknown),
    source("/listeners", "/properties/loadBalancingRules", Absence::Unknown),
];

pub(crate) const MAPPING: Mapping = Mapping {
    dialects: ARM,
    native_type: "Microsoft.Network/loadBalancers",
    kind: "network.load_balancer",
    sources: SOURCES,
    read: |body| Ok(Box::new(body.section::<LoadBalancer>(PROPERTIES)?)),
    build,
    ..Mapping::BASE
};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct LoadBalancer {
    #[serde(default, rename = "frontendIPConfigurations")]
    frontends: Option<Vec<Frontend>>,
    #[serde(default)]
    load_balancing_rules: Option<Vec<Rule>>,
}

#[derive(Debug, Deserialize)]
struct Frontend {
    #[serde(default)]
    properties: Option<FrontendProperties>,
}

#[derive(Debug, Deserialize)]
struct FrontendProperties {
    #[serde(default, rename = "publicIPAddress")]
    address: Option<Reference>,
    #[serde(default, rename = "publicIPPrefix")]
    prefix: Option<Reference>,
}

#[derive(Debug, Deserialize)]
struct Reference {
    #[serde(default)]
    id: Text,
}

#[derive(Debug, Deserialize)]
struct Rule {
    #[serde(default)]
    name: Text,
    #[serde(default)]
    properties: Option<RuleProperties>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct RuleProperties {
    #[serde(default)]
    protocol: Text,
    #[serde(default, deserialize_with = "json::integer")]
    frontend_port: Option<i64>,
}

impl Frontend {
    fn is_public(&self) -> bool {
        let named = |reference: &Reference| reference.id.0.as_deref().is_some_and(|id| !id.is_empty());
        let properties = self.properties.as_ref();
        properties.is_some_and(|one| one.address.iter().chain(&one.prefix).any(named))
    }
}

fn build(group: &Group<'_>) -> Built {
    let Found::Read(piece, Some(native)) = group.native::<Option<LoadBalancer>>() else {
        return Built::unknown(Gap::with(Reason::NotRead, "properties"));
    };
    let not_read = |what: &str| Gap::with(Reason::NotRead, format!("{what} of {}", group.main.resource.id));
    let scheme = match native.frontends.as_deref() {
        None => Fact::Unknown(not_read("frontendIPConfigurations")),
        Some(frontends) if frontends.iter().any(Frontend::is_public) => Fact::Known(Scheme::Internet),
        Some(_) => Fact::Known(Scheme::Internal),
    };
    let rules = native.load_balancing_rules.as_deref();
    let drafts = (rules.unwrap_or_default().iter().enumerate())
        .map(|(index, rule)| Draft {
            listener: listener(rule, &not_read),
            origin: piece.origin().cloned(),
            pointer: format!("/properties/loadBalancingRules/{index}"),
        })
        .collect();
    let balancer = NetworkLoadBalancer {
        scheme,
        ..NetworkLoadBalancer::default()
    };
    edge::build(
        balancer,
        drafts,
        rules.is_none().then(|| not_read("loadBalancingRules")),
    )
}

fn listener(rule: &Rule, not_read: &dyn Fn(&str) -> Gap) -> kinds::Listener {
    let properties = rule.properties.as_ref();
    let protocol = properties.and_then(|one| one.protocol.clone().take());
    // Port 0 stands for every port (HA ports).
    let port = match properties.and_then(|one| one.frontend_port) {
        Some(0) => Fact::Absent,
        port => edge::port(port, &not_read("frontendPort")),
    };
    kinds::Listener {
        name: rule.name.clone().take().into(),
        protocol: protocol.map_or_else(
            || Fact::Unknown(not_read("protocol")),
            |name| Fact::Known(name.to_ascii_lowercase()),
        ),
        port,
        ..kinds::Listener::default()
    }
}
