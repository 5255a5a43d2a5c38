//! `aws_cloudfront_distribution` → `network.cdn`.
//!
//! Source: Terraform AWS provider documentation of `aws_cloudfront_distribution` and
//! `aws_cloudwatch_log_delivery_source`; Amazon CloudFront Developer Guide "Supported protocols and ciphers between viewers
//! and CloudFront".

use nephoscope_model::kinds::{CdnOrigin, EndpointTls, Logging, NetworkCdn, Scheme, TlsVersion};
use nephoscope_model::{Fact, Gap, Provenance, Reason, Resource};

use super::planned::{self, Planned, Spot};
use super::{PLAN, WHOLE, join};
use crate::edge;
use crate::group::{Built, Found, Group};
use crate::mapping::{Absence, Mapping, Native, Role, Source, source};

const NATIVE_TYPE: &str = "aws_cloudfront_distribution";

const SOURCES: &[Source] = &[
    source(
        "/tls/required",
        "/values/default_cache_behavior/0/viewer_protocol_policy",
        Absence::Unknown,
    ),
    source("/tls/required", "/values/ordered_cache_behavior", Absence::Absent),
    source(
        "/tls/min_version",
        "/values/viewer_certificate/0/minimum_protocol_version",
        Absence::Default("TLS1_0"),
    ),
    source(
        "/tls/min_version",
        "/values/viewer_certificate/0/cloudfront_default_certificate",
        Absence::Absent,
    ),
    source("/origins", "/values/origin", Absence::Unknown),
    source("/logging/enabled", "/values/logging_config", Absence::Default("false")),
    source("/logging/target", "/values/logging_config/0/bucket", Absence::Absent),
    source("/waf/attached", "/values/web_acl_id", Absence::Default("false")),
    source("/waf/id", "/values/web_acl_id", Absence::Absent),
];

const KEYS: &[&str] = &[
    "arn",
    "default_cache_behavior",
    "ordered_cache_behavior",
    "viewer_certificate",
    "origin",
    "logging_config",
    "web_acl_id",
];

pub(super) const DISTRIBUTION: Mapping = Mapping {
    native_type: NATIVE_TYPE,
    kind: "network.cdn",
    sources: SOURCES,
    read: |body| planned::read(body, KEYS),
    build,
    names: Some(|resource, native| join::whole(resource, native, &[&["arn"]])),
    ..WHOLE
};

/// The newer way to log, whose end stands with a delivery.
pub(super) const LOG_SOURCE: Mapping = Mapping {
    dialects: PLAN,
    native_type: "aws_cloudwatch_log_delivery_source",
    kind: "network.cdn",
    read: |body| planned::read(body, &["resource_arn"]),
    role: Role::Part {
        of: NATIVE_TYPE,
        names: names_of_log,
    },
    ..Mapping::BASE
};

/// Many services have such sources.
fn names_of_log(resource: &Resource, native: Option<&Native>) -> Vec<String> {
    let planned = native.and_then(|native| native.downcast_ref::<Planned>());
    let other = planned.is_some_and(|planned| match planned.at("/resource_arn").text() {
        Fact::Known(arn) => !arn.contains(":distribution/"),
        _ => join::referred(planned, "resource_arn", NATIVE_TYPE).is_none(),
    });
    match other {
        true => Vec::new(),
        false => join::part(resource, native, NATIVE_TYPE, &[&["resource_arn"]]),
    }
}

fn build(group: &Group<'_>) -> Built {
    let Found::Read(piece, native) = group.native::<Planned>() else {
        return Built::unknown(Gap::with(Reason::NotRead, "values"));
    };
    let required = required(native);
    let (origins, notes) = match native.at("/origin").items() {
        Fact::Known(items) | Fact::Partial(items, _) => {
            let mut read: Vec<(CdnOrigin, String)> = (items.iter())
                .map(|item| (origin(item, &required), item.native()))
                .collect();
            read.sort_by_cached_key(|(origin, _)| (origin.name.value().cloned(), origin.plain_http.value().copied()));
            let notes: Vec<Provenance> = (read.iter().enumerate())
                .filter_map(|(place, (_, pointer))| {
                    Some(Provenance {
                        path: format!("/attributes/origins/{place}"),
                        origin: piece.origin()?.clone(),
                        pointer: pointer.clone(),
                    })
                })
                .collect();
            (Fact::Known(read.into_iter().map(|(origin, _)| origin).collect()), notes)
        }
        Fact::Absent => (Fact::Known(Vec::new()), Vec::new()),
        Fact::Unknown(gap) => (Fact::Unknown(gap), Vec::new()),
    };
    let acl = native.at("/web_acl_id");
    let mut built = Built::new(&NetworkCdn {
        scheme: Fact::Known(Scheme::Internet),
        tls: EndpointTls {
            min_version: min_version(native),
            required,
        },
        origins,
        logging: logging(group, native),
        waf: match acl.text() {
            Fact::Known(id) | Fact::Partial(id, _) => edge::waf(Some(id)),
            Fact::Absent => edge::waf(None),
            Fact::Unknown(gap) => {
                let mut waf = edge::unknown_waf(&gap);
                // An ACL that a plan makes is one, whatever its id will be.
                let made = ["aws_wafv2_web_acl", "aws_waf_web_acl"];
                if (acl.referred_resources()).any(|address| made.contains(&join::type_of(address))) {
                    waf.attached = Fact::Known(true);
                }
                waf
            }
        },
    });
    built.provenance.extend(notes);
    built
}

fn required(native: &Planned) -> Fact<bool> {
    let mut policies = vec![native.at("/default_cache_behavior/0/viewer_protocol_policy").text()];
    let mut missing = None;
    match native.at("/ordered_cache_behavior").items() {
        Fact::Known(items) | Fact::Partial(items, _) => {
            policies.extend(items.iter().map(|item| item.at("/viewer_protocol_policy").text()));
        }
        Fact::Unknown(gap) => missing = Some(gap),
        Fact::Absent => {}
    }
    let plain = |policy: &Fact<String>| *policy == Fact::Known("allow-all".to_owned());
    if policies.iter().any(plain) {
        return Fact::Known(false);
    }
    missing = missing.or_else(|| policies.iter().find_map(Fact::gap).cloned());
    match missing {
        Some(gap) => Fact::Unknown(gap),
        None if policies.contains(&Fact::Absent) => Fact::Unknown(
            native
                .at("/default_cache_behavior/0/viewer_protocol_policy")
                .after_apply(),
        ),
        None => Fact::Known(true),
    }
}

fn min_version(native: &Planned) -> Fact<TlsVersion> {
    let at = |name: &str| native.at(format!("/viewer_certificate/0/{name}"));
    match at("cloudfront_default_certificate").flag() {
        // With CloudFront's own certificate the setting has no effect.
        Fact::Known(true) => return Fact::Known(TlsVersion::Tls10),
        Fact::Unknown(gap) => return Fact::Unknown(gap),
        _ => {}
    }
    match at("minimum_protocol_version").text().or_default("TLSv1".to_owned()) {
        Fact::Known(name) => match name.as_str() {
            "SSLv3" | "TLSv1" | "TLSv1_2016" => Fact::Known(TlsVersion::Tls10),
            "TLSv1.1_2016" => Fact::Known(TlsVersion::Tls11),
            "TLSv1.2_2018" | "TLSv1.2_2019" | "TLSv1.2_2021" | "TLSv1.2_2025" => Fact::Known(TlsVersion::Tls12),
            "TLSv1.3_2025" => Fact::Known(TlsVersion::Tls13),
            other => Fact::Unknown(Gap::with(Reason::ParseError, format!("`{other}` is no version of TLS"))),
        },
        Fact::Unknown(gap) | Fact::Partial(_, gap) => Fact::Unknown(gap),
        Fact::Absent => Fact::Absent,
    }
}

fn logging(group: &Group<'_>, native: &Planned) -> Logging {
    let stream = native.at("/default_cache_behavior/0/realtime_log_config_arn").text();
    match (native.at("/logging_config").block(), stream) {
        (Fact::Known(block) | Fact::Partial(block, _), stream) => match (block.at("/bucket").text(), stream) {
            // A block may be there for the newer log, without a bucket.
            (Fact::Absent, Fact::Absent) => newer(group, native),
            (Fact::Absent, target) | (target, _) => Logging {
                enabled: Fact::Known(true),
                target,
            },
        },
        (Fact::Unknown(gap), _) => edge::unknown_log(&gap),
        (Fact::Absent, Fact::Absent) => newer(group, native),
        (Fact::Absent, target) => Logging {
            enabled: Fact::Known(true),
            target,
        },
    }
}

fn newer(group: &Group<'_>, native: &Planned) -> Logging {
    if !native.created || group.parts(LOG_SOURCE.native_type).next().is_some() {
        return edge::unknown_log(&group.not_read("aws_cloudwatch_log_delivery"));
    }
    Logging {
        enabled: Fact::Known(false),
        target: Fact::Absent,
    }
}

fn origin(item: &Spot<'_>, required: &Fact<bool>) -> CdnOrigin {
    let some = |at: &str| match item.at(at).block() {
        Fact::Known(block) | Fact::Partial(block, _) => Some(Ok(block)),
        Fact::Unknown(gap) => Some(Err(gap)),
        Fact::Absent => None,
    };
    let plain_http = match (some("/custom_origin_config"), some("/vpc_origin_config")) {
        (Some(Ok(custom)), _) => match custom.at("/origin_protocol_policy").text() {
            Fact::Known(policy) => match policy.as_str() {
                "http-only" => Fact::Known(true),
                "https-only" => Fact::Known(false),
                "match-viewer" => required.clone().map(|required| !required),
                other => Fact::Unknown(Gap::with(
                    Reason::ParseError,
                    format!("`{other}` is no protocol policy"),
                )),
            },
            Fact::Unknown(gap) | Fact::Partial(_, gap) => Fact::Unknown(gap),
            Fact::Absent => Fact::Unknown(custom.after_apply()),
        },
        (Some(Err(gap)), _) | (None, Some(Err(gap))) => Fact::Unknown(gap),
        (None, Some(Ok(vpc))) => Fact::Unknown(Gap::with(Reason::NotRead, format!("VPC origin of {}", vpc.native()))),
        (None, None) => Fact::Absent,
    };
    CdnOrigin {
        name: item.at("/origin_id").text(),
        plain_http,
    }
}
