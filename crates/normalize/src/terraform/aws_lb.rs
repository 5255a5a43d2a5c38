//! `aws_lb` with its listeners and web ACL → `network.load_balancer`.
//!
//! Source: Terraform AWS provider documentation of `aws_lb`, `aws_lb_listener` and `aws_wafv2_web_acl_association`; User Guide
//! "Access logs for your Network Load Balancer" (only of TLS listeners).
//!
//! Limit: the rules of a listener are resources of their own and are not read, only its default actions.

use nephoscope_model::kinds::{Listener, Logging, NetworkLoadBalancer, Scheme, Waf};
use nephoscope_model::{Fact, Gap, Reason, Resource};

use super::planned::{self, Planned};
use super::{PLAN, WHOLE, join};
use crate::aws::elb_tls_policy;
use crate::edge::{self, Draft};
use crate::group::{Built, Found, Group, Piece};
use crate::mapping::{Absence, Mapping, Native, Role, Source, source};

const NATIVE_TYPE: &str = "aws_lb";

/// Of listeners that name none. Source: documentation of `aws_lb_listener`, `ssl_policy`.
const DEFAULT_POLICY: &str = "ELBSecurityPolicy-2016-08";

const SOURCES: &[Source] = &[
    source("/scheme", "/values/internal", Absence::Default("internet")),
    source("/scheme", "/values/load_balancer_type", Absence::Default("internet")),
    source(
        "/logging/enabled",
        "/values/access_logs/0/enabled",
        Absence::Default("false"),
    ),
    source("/logging/target", "/values/access_logs/0/bucket", Absence::Absent),
];

pub(super) const BALANCER: Mapping = Mapping {
    native_type: NATIVE_TYPE,
    kind: "network.load_balancer",
    sources: SOURCES,
    read: |body| planned::read(body, &["arn", "internal", "load_balancer_type", "access_logs"]),
    build,
    names: Some(|resource, native| join::whole(resource, native, &[&["arn"]])),
    ..WHOLE
};

pub(super) const LISTENER: Mapping = Mapping {
    dialects: PLAN,
    native_type: "aws_lb_listener",
    kind: "network.load_balancer",
    sources: &[
        source("/listeners", "/values/protocol", Absence::Default("http")),
        source("/listeners", "/values/port", Absence::Unknown),
        source(
            "/listeners",
            "/values/ssl_policy",
            Absence::Default("ELBSecurityPolicy-2016-08"),
        ),
        source("/listeners", "/values/default_action", Absence::Unknown),
    ],
    read: |body| {
        planned::read(
            body,
            &["load_balancer_arn", "protocol", "port", "ssl_policy", "default_action"],
        )
    },
    role: Role::Part {
        of: NATIVE_TYPE,
        names: |resource, native| join::part(resource, native, NATIVE_TYPE, &[&["load_balancer_arn"]]),
    },
    ..Mapping::BASE
};

pub(super) const WEB_ACL: Mapping = Mapping {
    native_type: "aws_wafv2_web_acl_association",
    sources: &[source("/waf/id", "/values/web_acl_arn", Absence::Unknown)],
    read: |body| planned::read(body, &["resource_arn", "web_acl_arn"]),
    role: Role::Part {
        of: NATIVE_TYPE,
        names: names_of_association,
    },
    ..LISTENER
};

/// An association is also of stages of API Gateway and others, which are no load balancers.
fn names_of_association(resource: &Resource, native: Option<&Native>) -> Vec<String> {
    let planned = native.and_then(|native| native.downcast_ref::<Planned>());
    let other = planned.is_some_and(|planned| match planned.at("/resource_arn").text() {
        Fact::Known(arn) => !arn.contains(":loadbalancer/"),
        _ => join::referred(planned, "resource_arn", NATIVE_TYPE).is_none(),
    });
    match other {
        true => Vec::new(),
        false => join::part(resource, native, NATIVE_TYPE, &[&["resource_arn"]]),
    }
}

fn build(group: &Group<'_>) -> Built {
    let Found::Read(_, balancer) = group.native::<Planned>() else {
        return Built::unknown(Gap::with(Reason::NotRead, "values"));
    };
    let kind = balancer
        .computed("/load_balancer_type")
        .text()
        .or_default("application".to_owned());
    // A new load balancer has just the listeners of the plan.
    let mut missing = (!balancer.created).then(|| group.not_read(LISTENER.native_type));
    let mut drafts = Vec::new();
    for piece in group.parts(LISTENER.native_type) {
        match piece.get::<Planned>() {
            Found::Read(piece, part) => drafts.push(Draft {
                listener: listener(part, &kind),
                origin: piece.origin().cloned(),
                pointer: "/values".to_owned(),
            }),
            Found::Failed(gap) => missing = Some(gap),
            Found::Missing => {}
        }
    }
    let tls = drafts
        .iter()
        .any(|draft| draft.listener.protocol == Fact::Known("tls".to_owned()));
    let attributes = NetworkLoadBalancer {
        scheme: scheme(balancer, &kind),
        logging: match &kind {
            Fact::Known(kind) if kind == "gateway" => Logging::default(),
            Fact::Known(kind) if kind == "network" && !tls && missing.is_none() => Logging::default(),
            Fact::Unknown(gap) => edge::unknown_log(gap),
            _ => logging(balancer),
        },
        waf: match &kind {
            Fact::Known(kind) if kind != "application" => Waf::default(),
            _ => waf(group, balancer),
        },
        ..NetworkLoadBalancer::default()
    };
    let mut built = edge::build(attributes, drafts, missing);
    for piece in group.parts(WEB_ACL.native_type) {
        built.from("/waf/attached", piece, "/values/web_acl_arn");
        built.from_part(piece);
    }
    built
}

fn scheme(balancer: &Planned, kind: &Fact<String>) -> Fact<Scheme> {
    // Gateway Load Balancers are reached through endpoints in a VPC only.
    if *kind == Fact::Known("gateway".to_owned()) {
        return Fact::Known(Scheme::Internal);
    }
    let internal = balancer.computed("/internal").flag().or_default(false);
    internal.map(|internal| if internal { Scheme::Internal } else { Scheme::Internet })
}

fn logging(balancer: &Planned) -> Logging {
    let block = match balancer.computed("/access_logs").block() {
        Fact::Known(block) | Fact::Partial(block, _) => block,
        Fact::Unknown(gap) => return edge::unknown_log(&gap),
        Fact::Absent => {
            return Logging {
                enabled: Fact::Known(false),
                target: Fact::Absent,
            };
        }
    };
    let enabled = block.at("/enabled").flag().or_default(false);
    Logging {
        target: match enabled {
            Fact::Known(false) => Fact::Absent,
            _ => block.at("/bucket").text(),
        },
        enabled,
    }
}

fn waf(group: &Group<'_>, balancer: &Planned) -> Waf {
    let association: Option<&Piece> = group.parts(WEB_ACL.native_type).next();
    match association.map(|piece| piece.get::<Planned>()) {
        Some(Found::Read(_, part)) => Waf {
            attached: Fact::Known(true),
            id: part.at("/web_acl_arn").text(),
        },
        Some(Found::Failed(gap)) => edge::unknown_waf(&gap),
        None | Some(Found::Missing) if balancer.created => edge::waf(None),
        None | Some(Found::Missing) => edge::unknown_waf(&group.not_read(WEB_ACL.native_type)),
    }
}

fn listener(part: &Planned, kind: &Fact<String>) -> Listener {
    let protocol = part.computed("/protocol").text().map(|name| name.to_ascii_lowercase());
    let protocol = match (protocol, kind) {
        // Of an Application Load Balancer it is HTTP unless said otherwise.
        (Fact::Absent, Fact::Known(kind)) if kind == "application" => Fact::Known("http".to_owned()),
        (Fact::Absent, _) => Fact::Unknown(part.at("/protocol").after_apply()),
        (other, _) => other,
    };
    let name = protocol.value().map(String::as_str);
    let (tls_policy, min_tls_version) = match name {
        Some(name) if edge::is_encrypted(name) => {
            let policy = part
                .computed("/ssl_policy")
                .text()
                .or_default(DEFAULT_POLICY.to_owned());
            let version = match &policy {
                Fact::Known(policy) => elb_tls_policy::min_version(policy).map_or_else(
                    || Fact::Unknown(Gap::with(Reason::NotRead, format!("TLS versions of policy {policy}"))),
                    Fact::Known,
                ),
                other => other.gap().cloned().map_or(Fact::Absent, Fact::Unknown),
            };
            (policy, version)
        }
        _ => (Fact::Absent, Fact::Absent),
    };
    Listener {
        name: Fact::Absent,
        redirects_to_https: match name {
            Some("http") => redirects(part),
            _ => Fact::Absent,
        },
        port: match part.at("/port").integer() {
            Fact::Known(port) | Fact::Partial(port, _) => edge::port(Some(port), &part.at("/port").after_apply()),
            Fact::Absent => edge::port(None, &part.at("/port").after_apply()),
            Fact::Unknown(gap) => Fact::Unknown(gap),
        },
        protocol,
        tls_policy,
        min_tls_version,
    }
}

/// Without a protocol the redirect keeps that of the request (`#{protocol}`).
fn redirects(part: &Planned) -> Fact<bool> {
    let actions = match part.at("/default_action").items() {
        Fact::Known(actions) | Fact::Partial(actions, _) => actions,
        Fact::Absent => return Fact::Known(false),
        Fact::Unknown(gap) => return Fact::Unknown(gap),
    };
    let mut open = None;
    for action in actions {
        let (kind, protocol) = (action.at("/type").text(), action.at("/redirect/0/protocol").text());
        match (&kind, &protocol) {
            (Fact::Known(kind), Fact::Known(protocol)) if kind == "redirect" && protocol == "HTTPS" => {
                return Fact::Known(true);
            }
            _ => open = open.or_else(|| kind.gap().or_else(|| protocol.gap()).cloned()),
        }
    }
    open.map_or(Fact::Known(false), Fact::Unknown)
}
