//! `AWS::ElasticLoadBalancingV2::Listener`: what a load balancer listens for.
//!
//! Limit: the rules of a listener stand in items of their own and are not read, only its default actions. Source: Elastic
//! Load Balancing API Reference (2015-12-01) `Listener`, `RedirectActionConfig`, read 2026-11-25.

use nephoscope_model::{Fact, Gap, Reason, Resource, kinds};
use serde::Deserialize;

use super::{CONFIG, CONFIGURATION, elb_tls_policy, elbv2_load_balancer};
use crate::edge;
use crate::json::{self, Text};
use crate::mapping::{Absence, Mapping, Role, Source, source};

pub(crate) const NATIVE_TYPE: &str = "AWS::ElasticLoadBalancingV2::Listener";

const SOURCES: &[Source] = &[
    source("/listeners", "/configuration/Protocol", Absence::Unknown),
    source("/listeners", "/configuration/Port", Absence::Unknown),
    source("/listeners", "/configuration/SslPolicy", Absence::Unknown),
    source("/listeners", "/configuration/DefaultActions", Absence::Unknown),
];

pub(crate) const MAPPING: Mapping = Mapping {
    dialects: CONFIG,
    native_type: NATIVE_TYPE,
    kind: "network.load_balancer",
    sources: SOURCES,
    read: |body| Ok(Box::new(body.section::<Listener>(CONFIGURATION)?)),
    role: Role::Part {
        of: elbv2_load_balancer::NATIVE_TYPE,
        names: |resource, _| load_balancer(resource).into_iter().collect(),
    },
    // Its id is its ARN.
    key: Some(|resource| resource.id.starts_with("arn:").then(|| resource.id.clone())),
    ..Mapping::BASE
};

/// `…:listener/app/<name>/<id>/<listener>` is of `…:loadbalancer/app/<name>/<id>`. Source: Service Authorization Reference
/// "AWS Elastic Load Balancing V2", read 2026-11-25.
fn load_balancer(resource: &Resource) -> Option<String> {
    let (place, path) = resource.id.split_once(":listener/")?;
    let (whole, _) = path.rsplit_once('/')?;
    Some(format!("{place}:loadbalancer/{whole}"))
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Listener {
    #[serde(default, alias = "protocol")]
    protocol: Text,
    #[serde(default, alias = "port", deserialize_with = "json::integer")]
    port: Option<i64>,
    #[serde(default, alias = "sslPolicy")]
    ssl_policy: Text,
    #[serde(default, alias = "defaultActions")]
    default_actions: Option<Vec<Action>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Action {
    #[serde(default, alias = "type")]
    r#type: Text,
    #[serde(default, alias = "redirectConfig")]
    redirect_config: Option<Redirect>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Redirect {
    #[serde(default, alias = "protocol")]
    protocol: Text,
}

impl Listener {
    pub(crate) fn listener(&self, id: &str) -> kinds::Listener {
        let not_read = |what: &str| Gap::with(Reason::NotRead, format!("{what} of {id}"));
        let protocol = self.protocol.clone().take().map(|name| name.to_ascii_lowercase());
        let redirects_to_https = match (protocol.as_deref(), &self.default_actions) {
            (Some("http"), Some(actions)) => Fact::Known(actions.iter().any(Action::redirects_to_https)),
            (Some("http") | None, None) => Fact::Unknown(not_read("DefaultActions")),
            _ => Fact::Absent,
        };
        let (tls_policy, min_tls_version) = match (protocol.as_deref(), self.ssl_policy.clone().take()) {
            (Some(name), Some(policy)) if edge::is_encrypted(name) => {
                let version = elb_tls_policy::min_version(&policy);
                let gap = || Gap::with(Reason::NotRead, format!("TLS versions of policy {policy}"));
                let version = version.map_or_else(|| Fact::Unknown(gap()), Fact::Known);
                (Fact::Known(policy), version)
            }
            (Some(name), None) if edge::is_encrypted(name) => {
                let gap = not_read("SslPolicy");
                (Fact::Unknown(gap.clone()), Fact::Unknown(gap))
            }
            _ => (Fact::Absent, Fact::Absent),
        };
        kinds::Listener {
            name: Fact::Absent,
            protocol: protocol.map_or_else(|| Fact::Unknown(not_read("Protocol")), Fact::Known),
            port: edge::port(self.port, &not_read("Port")),
            redirects_to_https,
            tls_policy,
            min_tls_version,
        }
    }
}

impl Action {
    /// Without a protocol the redirect keeps that of the request (`#{protocol}`).
    fn redirects_to_https(&self) -> bool {
        let redirect = self.redirect_config.as_ref();
        let protocol = redirect.and_then(|redirect| redirect.protocol.0.as_deref());
        self.r#type.0.as_deref() == Some("redirect") && protocol == Some("HTTPS")
    }
}
