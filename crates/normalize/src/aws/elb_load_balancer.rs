//! `AWS::ElasticLoadBalancing::LoadBalancer` (Classic Load Balancer) → `network.load_balancer`.
//!
//! It cannot redirect, and cannot have a web ACL. Its TLS policies are named by the customer and listed, with the versions
//! that they accept, in the supplement. Source: Elastic Load Balancing API Reference (2012-06-01) `LoadBalancerDescription`,
//! `PolicyDescription`, `AccessLog`; AWS WAF Developer Guide "Resources that you can protect"; recorded items; read 2026-11-25.

use nephoscope_model::kinds::{self, Logging, NetworkLoadBalancer, Scheme, TlsVersion, Waf};
use nephoscope_model::{Fact, Gap, Reason, Resource};
use serde::Deserialize;

use super::{CONFIG, CONFIGURATION, SUPPLEMENTARY, elb_tls_policy, partition};
use crate::edge::{self, Draft};
use crate::group::{Built, Found, Group};
use crate::json::{self, Text, Wrapped};
use crate::mapping::{Absence, Mapping, Source, source};

const LISTENERS: &str = "/configuration/listenerDescriptions";
const POLICIES: &str = "/supplementaryConfiguration/LoadBalancerPolicies";
const ACCESS_LOG: &str = "/supplementaryConfiguration/LoadBalancerAttributes/accessLog";

const SOURCES: &[Source] = &[
    source("/scheme", "/configuration/scheme", Absence::Unknown),
    source("/listeners", LISTENERS, Absence::Unknown),
    source("/listeners", POLICIES, Absence::Unknown),
    source(
        "/logging/enabled",
        "/supplementaryConfiguration/LoadBalancerAttributes/accessLog/enabled",
        Absence::Unknown,
    ),
    source(
        "/logging/target",
        "/supplementaryConfiguration/LoadBalancerAttributes/accessLog/s3BucketName",
        Absence::Absent,
    ),
];

pub(crate) const MAPPING: Mapping = Mapping {
    dialects: CONFIG,
    native_type: "AWS::ElasticLoadBalancing::LoadBalancer",
    kind: "network.load_balancer",
    sources: SOURCES,
    read: |body| {
        Ok(Box::new(LoadBalancer {
            configuration: body.section(CONFIGURATION)?,
            supplementary: body.section(SUPPLEMENTARY)?,
        }))
    },
    build,
    key: Some(key),
    ..Mapping::BASE
};

#[derive(Debug)]
struct LoadBalancer {
    configuration: Option<Configuration>,
    supplementary: Option<Supplementary>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Configuration {
    #[serde(default)]
    scheme: Text,
    #[serde(default)]
    listener_descriptions: Option<Vec<Description>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Description {
    #[serde(default)]
    listener: Option<Listener>,
    #[serde(default, deserialize_with = "json::many")]
    policy_names: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Listener {
    #[serde(default)]
    protocol: Text,
    #[serde(default, deserialize_with = "json::integer")]
    load_balancer_port: Option<i64>,
}

#[derive(Debug, Deserialize)]
struct Supplementary {
    #[serde(default, rename = "LoadBalancerAttributes")]
    attributes: Wrapped<Attributes>,
    #[serde(default, rename = "LoadBalancerPolicies")]
    policies: Wrapped<Vec<Policy>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Attributes {
    #[serde(default)]
    access_log: Option<AccessLog>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct AccessLog {
    #[serde(default, deserialize_with = "json::flag")]
    enabled: Option<bool>,
    #[serde(default)]
    s3_bucket_name: Text,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Policy {
    #[serde(default)]
    policy_name: Text,
    #[serde(default)]
    policy_type_name: Text,
    #[serde(default, deserialize_with = "json::many")]
    policy_attribute_descriptions: Vec<PolicyAttribute>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct PolicyAttribute {
    #[serde(default)]
    attribute_name: Text,
    #[serde(default)]
    attribute_value: Text,
}

/// The attributes of a policy that allow a version, oldest first.
const PROTOCOLS: &[(&str, TlsVersion)] = &[
    ("Protocol-SSLv2", TlsVersion::Tls10),
    ("Protocol-SSLv3", TlsVersion::Tls10),
    ("Protocol-TLSv1", TlsVersion::Tls10),
    ("Protocol-TLSv1.1", TlsVersion::Tls11),
    ("Protocol-TLSv1.2", TlsVersion::Tls12),
];

impl Policy {
    fn attribute(&self, name: &str) -> Option<&str> {
        let all = &self.policy_attribute_descriptions;
        let found = all.iter().find(|one| one.attribute_name.0.as_deref() == Some(name))?;
        found.attribute_value.0.as_deref()
    }

    fn min_version(&self) -> Option<TlsVersion> {
        let allowed = |name: &str| {
            self.attribute(name)
                .is_some_and(|value| value.eq_ignore_ascii_case("true"))
        };
        let stated = PROTOCOLS
            .iter()
            .find(|(name, _)| allowed(name))
            .map(|(_, version)| *version);
        stated.or_else(|| elb_tls_policy::min_version(self.attribute("Reference-Security-Policy")?))
    }
}

/// Source: Service Authorization Reference "AWS Elastic Load Balancing", resource `loadbalancer`.
fn key(resource: &Resource) -> Option<String> {
    let Resource {
        account, region, id, ..
    } = resource;
    let stated = !account.is_empty() && !region.is_empty() && !id.contains(':');
    stated.then(|| {
        format!(
            "arn:{}:elasticloadbalancing:{region}:{account}:loadbalancer/{id}",
            partition(region)
        )
    })
}

fn build(group: &Group<'_>) -> Built {
    let Found::Read(piece, native) = group.native::<LoadBalancer>() else {
        return Built::unknown(Gap::with(Reason::NotRead, "configuration"));
    };
    let Some(configuration) = &native.configuration else {
        return Built::unknown(Gap::with(Reason::NotRead, "configuration"));
    };
    let not_read = |what: &str| Gap::with(Reason::NotRead, format!("{what} of {}", group.main.resource.id));
    let policies = native.supplementary.as_ref().and_then(|all| all.policies.0.as_deref());
    let descriptions = configuration.listener_descriptions.as_deref();
    let drafts = (descriptions.unwrap_or_default().iter().enumerate())
        .map(|(index, description)| Draft {
            listener: listener(description, policies, &not_read),
            origin: piece.origin().cloned(),
            pointer: format!("{LISTENERS}/{index}"),
        })
        .collect();
    let attributes = native.supplementary.as_ref().and_then(|all| all.attributes.0.as_ref());
    let log = attributes.and_then(|attributes| attributes.access_log.as_ref());
    let logging = match log.and_then(|log| Some((log, log.enabled?))) {
        Some((log, enabled)) => Logging {
            enabled: Fact::Known(enabled),
            target: log.s3_bucket_name.clone().take().filter(|_| enabled).into(),
        },
        None => edge::unknown_log(&not_read(ACCESS_LOG)),
    };
    let balancer = NetworkLoadBalancer {
        scheme: match configuration.scheme.0.as_deref() {
            Some("internet-facing") => Fact::Known(Scheme::Internet),
            Some("internal") => Fact::Known(Scheme::Internal),
            _ => Fact::Unknown(not_read("scheme")),
        },
        logging,
        waf: Waf::default(),
        ..NetworkLoadBalancer::default()
    };
    let missing = descriptions.is_none().then(|| not_read("listenerDescriptions"));
    edge::build(balancer, drafts, missing)
}

fn listener(description: &Description, policies: Option<&[Policy]>, not_read: &dyn Fn(&str) -> Gap) -> kinds::Listener {
    let listener = description.listener.as_ref();
    let protocol = listener.and_then(|listener| listener.protocol.clone().take());
    let protocol = protocol.map(|name| name.to_ascii_lowercase());
    let redirects_to_https = match protocol.as_deref() {
        Some("http") => Fact::Known(false),
        _ => Fact::Absent,
    };
    let (tls_policy, min_tls_version) = match protocol.as_deref() {
        Some(name) if edge::is_encrypted(name) => tls(&description.policy_names, policies, not_read),
        _ => (Fact::Absent, Fact::Absent),
    };
    kinds::Listener {
        name: Fact::Absent,
        // The API calls it SSL where the others call it TLS.
        protocol: match protocol.as_deref() {
            Some("ssl") => Fact::Known("tls".to_owned()),
            Some(name) => Fact::Known(name.to_owned()),
            None => Fact::Unknown(not_read("protocol")),
        },
        port: edge::port(
            listener.and_then(|listener| listener.load_balancer_port),
            &not_read("loadBalancerPort"),
        ),
        redirects_to_https,
        tls_policy,
        min_tls_version,
    }
}

/// Of the policies of a listener at most one is about TLS; the others are about cookies.
fn tls(
    names: &[String],
    policies: Option<&[Policy]>,
    not_read: &dyn Fn(&str) -> Gap,
) -> (Fact<String>, Fact<TlsVersion>) {
    let of_listener = |policy: &&Policy| {
        policy.policy_type_name.0.as_deref() == Some("SSLNegotiationPolicyType")
            && policy.policy_name.0.as_ref().is_some_and(|name| names.contains(name))
    };
    let mut found: Vec<&Policy> = policies.unwrap_or_default().iter().filter(of_listener).collect();
    found.sort_by(|a, b| a.policy_name.0.cmp(&b.policy_name.0));
    if let Some(policy) = found.first() {
        let version = policy.min_version();
        return (
            policy.policy_name.clone().take().into(),
            version.map_or_else(|| Fact::Unknown(not_read("protocols of the TLS policy")), Fact::Known),
        );
    }
    let mut predefined: Vec<(&String, TlsVersion)> = (names.iter())
        .filter_map(|name| Some((name, elb_tls_policy::min_version(name)?)))
        .collect();
    predefined.sort();
    match predefined.first() {
        Some((name, version)) => (Fact::Known((*name).clone()), Fact::Known(*version)),
        None => (
            Fact::Unknown(not_read("LoadBalancerPolicies")),
            Fact::Unknown(not_read("LoadBalancerPolicies")),
        ),
    }
}
