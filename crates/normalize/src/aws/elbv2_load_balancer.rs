//! `AWS::ElasticLoadBalancingV2::LoadBalancer` with its listeners → `network.load_balancer`.
//!
//! The item does not say how many listeners there are: they are known in full only where a snapshot holds listeners of this
//! load balancer, for then AWS Config records their type, or where it is said that the type was read. The web ACL stands
//! in no item. Source: Elastic Load Balancing API Reference (2015-12-01) `LoadBalancer`, `LoadBalancerAttribute`; User Guide
//! "Access logs for your Network Load Balancer" (only of TLS listeners); recorded items; read 2026-11-25.

use nephoscope_model::kinds::{Logging, NetworkLoadBalancer, Scheme, Waf};
use nephoscope_model::{Fact, Gap, Reason};
use serde::Deserialize;

use super::elbv2_listener::{self, Listener};
use super::{CONFIG, CONFIGURATION, SUPPLEMENTARY};
use crate::edge::{self, Draft};
use crate::group::{Built, Found, Group};
use crate::json::{Text, Wrapped};
use crate::mapping::{Absence, Mapping, Role, Source, source};

pub(crate) const NATIVE_TYPE: &str = "AWS::ElasticLoadBalancingV2::LoadBalancer";

const ATTRIBUTES: &str = "/supplementaryConfiguration/LoadBalancerAttributes";

const SOURCES: &[Source] = &[
    source("/scheme", "/configuration/scheme", Absence::Unknown),
    source("/logging/enabled", ATTRIBUTES, Absence::Unknown),
    source("/logging/enabled", "/configuration/type", Absence::Unknown),
    source("/logging/target", ATTRIBUTES, Absence::Unknown),
    source("/waf/attached", "/configuration/type", Absence::Unknown),
];

pub(crate) const MAPPING: Mapping = Mapping {
    dialects: CONFIG,
    native_type: NATIVE_TYPE,
    kind: "network.load_balancer",
    sources: SOURCES,
    read: |body| {
        Ok(Box::new(LoadBalancer {
            configuration: body.section(CONFIGURATION)?,
            supplementary: body.section(SUPPLEMENTARY)?,
        }))
    },
    build,
    role: Role::Whole,
    // Its id is its ARN.
    key: Some(|resource| resource.id.starts_with("arn:").then(|| resource.id.clone())),
    ..Mapping::BASE
};

#[derive(Debug)]
struct LoadBalancer {
    configuration: Option<Configuration>,
    supplementary: Option<Supplementary>,
}

#[derive(Debug, Deserialize)]
struct Configuration {
    #[serde(default)]
    scheme: Text,
    #[serde(default)]
    r#type: Text,
}

#[derive(Debug, Deserialize)]
struct Supplementary {
    #[serde(default, rename = "LoadBalancerAttributes")]
    attributes: Wrapped<Vec<Attribute>>,
}

#[derive(Debug, Deserialize)]
struct Attribute {
    #[serde(default)]
    key: Text,
    #[serde(default)]
    value: Text,
}

impl LoadBalancer {
    fn attribute(&self, key: &str) -> Option<&str> {
        let attributes = self.supplementary.as_ref()?.attributes.0.as_deref()?;
        let found = attributes
            .iter()
            .find(|attribute| attribute.key.0.as_deref() == Some(key))?;
        found.value.0.as_deref()
    }
}

/// What kind of load balancer it is, for that decides what it can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Type {
    Application,
    Network,
    Gateway,
}

fn build(group: &Group<'_>) -> Built {
    let Found::Read(_, native) = group.native::<LoadBalancer>() else {
        return Built::unknown(Gap::with(Reason::NotRead, "configuration"));
    };
    let Some(configuration) = &native.configuration else {
        return Built::unknown(Gap::with(Reason::NotRead, "configuration"));
    };
    let resource = &group.main.resource;
    let not_read = |what: &str| Gap::with(Reason::NotRead, format!("{what} of {}", resource.id));
    let r#type = match configuration.r#type.0.as_deref() {
        Some("application") => Some(Type::Application),
        Some("network") => Some(Type::Network),
        Some("gateway") => Some(Type::Gateway),
        _ => None,
    };
    let mut drafts = Vec::new();
    let mut missing = None;
    for part in group.parts(elbv2_listener::NATIVE_TYPE) {
        match part.get::<Option<Listener>>() {
            Found::Read(part, Some(listener)) => drafts.push(Draft {
                listener: listener.listener(&part.resource.id),
                origin: part.origin().cloned(),
                pointer: CONFIGURATION.to_owned(),
            }),
            Found::Read(_, None) | Found::Missing => missing = Some(Gap::with(Reason::NotRead, &part.resource.id)),
            Found::Failed(gap) => missing = Some(gap),
        }
    }
    let in_snapshot = !drafts.is_empty() && group.context.read_in_full(resource, elbv2_listener::NATIVE_TYPE);
    if missing.is_none() && !in_snapshot && !group.parts_read_in_full(elbv2_listener::NATIVE_TYPE) {
        missing = Some(group.not_read(elbv2_listener::NATIVE_TYPE));
    }
    let scheme = match configuration.scheme.0.as_deref() {
        Some("internet-facing") => Fact::Known(Scheme::Internet),
        Some("internal") => Fact::Known(Scheme::Internal),
        // Gateway Load Balancers are reached through endpoints in a VPC only, and have no scheme.
        _ if r#type == Some(Type::Gateway) => Fact::Known(Scheme::Internal),
        _ => Fact::Unknown(not_read("scheme")),
    };
    let logs = match r#type {
        Some(Type::Application) => true,
        Some(Type::Gateway) => false,
        Some(Type::Network) => {
            missing.is_some() || (drafts.iter()).any(|draft| draft.listener.protocol == Fact::Known("tls".to_owned()))
        }
        None => true,
    };
    let enabled = native.attribute("access_logs.s3.enabled");
    let logging = match enabled {
        _ if !logs => Logging::default(),
        Some("true") => Logging {
            enabled: Fact::Known(true),
            target: native
                .attribute("access_logs.s3.bucket")
                .filter(|bucket| !bucket.is_empty())
                .map(str::to_owned)
                .into(),
        },
        // Whether there is a listener of which there could be a log is not known.
        Some("false") if r#type != Some(Type::Application) && missing.is_some() => {
            edge::unknown_log(&group.not_read(elbv2_listener::NATIVE_TYPE))
        }
        Some("false") => Logging {
            enabled: Fact::Known(false),
            target: Fact::Absent,
        },
        _ => edge::unknown_log(&not_read("LoadBalancerAttributes")),
    };
    let waf = match r#type {
        Some(Type::Network | Type::Gateway) => Waf::default(),
        _ => edge::unknown_waf(&not_read("web ACL (wafv2:GetWebACLForResource)")),
    };
    let balancer = NetworkLoadBalancer {
        scheme,
        logging,
        waf,
        ..NetworkLoadBalancer::default()
    };
    edge::build(balancer, drafts, missing)
}
