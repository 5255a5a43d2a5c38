//! `AWS::CloudFront::Distribution` → `network.cdn`.
//!
//! Limit: the standard log (legacy) and real-time logs stand in the distribution; a standard log of version 2 is a delivery of
//! CloudWatch Logs and stands in no item. With CloudFront's own certificate the minimum is TLS 1.0 whatever is stated. Source:
//! CloudFront API Reference `DistributionConfig`, `ViewerCertificate`, `CustomOriginConfig`; Developer Guide "Supported protocols
//! and ciphers between viewers and CloudFront"; recorded items; read 2026-11-25.

use nephoscope_model::kinds::{CdnOrigin, EndpointTls, Logging, NetworkCdn, Scheme, TlsVersion};
use nephoscope_model::{Fact, Gap, Provenance, Reason, Resource};
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::{CONFIG, CONFIGURATION};
use crate::edge;
use crate::group::{Built, Found, Group};
use crate::json::{self, Text, Wrapped};
use crate::mapping::{Absence, Mapping, Source, source};

const ORIGINS: &str = "/configuration/distributionConfig/origins/items";

const SOURCES: &[Source] = &[
    source(
        "/tls/required",
        "/configuration/distributionConfig/defaultCacheBehavior/viewerProtocolPolicy",
        Absence::Unknown,
    ),
    source(
        "/tls/required",
        "/configuration/distributionConfig/cacheBehaviors",
        Absence::Default("[]"),
    ),
    source(
        "/tls/min_version",
        "/configuration/distributionConfig/viewerCertificate/minimumProtocolVersion",
        Absence::Unknown,
    ),
    source(
        "/tls/min_version",
        "/configuration/distributionConfig/viewerCertificate/cloudFrontDefaultCertificate",
        Absence::Default("false"),
    ),
    source("/origins", ORIGINS, Absence::Unknown),
    source(
        "/logging/enabled",
        "/configuration/distributionConfig/logging/enabled",
        Absence::Unknown,
    ),
    source(
        "/logging/enabled",
        "/configuration/distributionConfig/defaultCacheBehavior/realtimeLogConfigArn",
        Absence::Absent,
    ),
    source(
        "/logging/target",
        "/configuration/distributionConfig/logging/bucket",
        Absence::Absent,
    ),
    source(
        "/waf/attached",
        "/configuration/distributionConfig/webACLId",
        Absence::Unknown,
    ),
    source("/waf/id", "/configuration/distributionConfig/webACLId", Absence::Absent),
];

pub(crate) const MAPPING: Mapping = Mapping {
    dialects: CONFIG,
    native_type: "AWS::CloudFront::Distribution",
    kind: "network.cdn",
    sources: SOURCES,
    read: |body| Ok(Box::new(body.section::<Distribution>(CONFIGURATION)?)),
    build,
    key: Some(key),
    ..Mapping::BASE
};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Distribution {
    #[serde(default)]
    distribution_config: Wrapped<DistributionConfig>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct DistributionConfig {
    #[serde(default)]
    viewer_certificate: Option<ViewerCertificate>,
    #[serde(default)]
    logging: Option<LoggingConfig>,
    #[serde(default)]
    default_cache_behavior: Option<Behavior>,
    #[serde(default)]
    cache_behaviors: Option<Items<Behavior>>,
    #[serde(default)]
    origins: Option<Items<Origin>>,
    // `Text` cannot tell an empty id from one that is not there.
    #[serde(default, rename = "webACLId")]
    web_acl_id: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Items<T> {
    #[serde(default = "Vec::new", deserialize_with = "json::many")]
    #[serde(bound(deserialize = "T: Deserialize<'de>"))]
    items: Vec<T>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ViewerCertificate {
    #[serde(default, deserialize_with = "json::flag")]
    cloud_front_default_certificate: Option<bool>,
    #[serde(default)]
    minimum_protocol_version: Text,
}

#[derive(Debug, Deserialize)]
struct LoggingConfig {
    #[serde(default, deserialize_with = "json::flag")]
    enabled: Option<bool>,
    #[serde(default)]
    bucket: Text,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Behavior {
    #[serde(default)]
    viewer_protocol_policy: Text,
    #[serde(default)]
    realtime_log_config_arn: Text,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Origin {
    #[serde(default)]
    id: Text,
    #[serde(default)]
    custom_origin_config: Option<CustomOrigin>,
    #[serde(default)]
    vpc_origin_config: Option<IgnoredAny>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct CustomOrigin {
    #[serde(default)]
    origin_protocol_policy: Text,
}

/// Source: Service Authorization Reference "Amazon CloudFront", resource `distribution`.
fn key(resource: &Resource) -> Option<String> {
    let Resource { account, id, .. } = resource;
    let stated = !account.is_empty() && !id.contains(':');
    stated.then(|| format!("arn:aws:cloudfront::{account}:distribution/{id}"))
}

fn build(group: &Group<'_>) -> Built {
    let config = match group.native::<Option<Distribution>>() {
        Found::Read(piece, Some(native)) => native.distribution_config.0.as_ref().map(|config| (piece, config)),
        _ => None,
    };
    let Some((piece, config)) = config else {
        return Built::unknown(Gap::with(Reason::NotRead, "distributionConfig"));
    };
    let not_read = |what: &str| Gap::with(Reason::NotRead, format!("{what} of {}", group.main.resource.id));
    let required = required(config, &not_read);
    let mut origins: Vec<(CdnOrigin, usize)> = (config.origins.iter().flat_map(|all| &all.items).enumerate())
        .map(|(index, origin)| (origin.read(&required, &not_read), index))
        .collect();
    origins.sort_by_cached_key(|(origin, _)| (origin.name.value().cloned(), origin.plain_http.value().copied()));
    let notes: Vec<Provenance> = (origins.iter().enumerate())
        .filter_map(|(place, (_, index))| {
            Some(Provenance {
                path: format!("/attributes/origins/{place}"),
                origin: piece.origin()?.clone(),
                pointer: format!("{ORIGINS}/{index}"),
            })
        })
        .collect();
    let origins = origins.into_iter().map(|(origin, _)| origin).collect();
    let mut built = Built::new(&NetworkCdn {
        scheme: Fact::Known(Scheme::Internet),
        tls: EndpointTls {
            min_version: min_version(config.viewer_certificate.as_ref(), &not_read),
            required,
        },
        origins: match &config.origins {
            Some(_) => Fact::Known(origins),
            None => Fact::Unknown(not_read("origins")),
        },
        logging: logging(config, &not_read),
        waf: match &config.web_acl_id {
            Some(id) => edge::waf(Some(id.clone()).filter(|id| !id.is_empty())),
            None => edge::unknown_waf(&not_read("webACLId")),
        },
    });
    built.provenance.extend(notes);
    built
}

fn required(config: &DistributionConfig, not_read: &dyn Fn(&str) -> Gap) -> Fact<bool> {
    let behaviors = config.default_cache_behavior.iter();
    let behaviors = behaviors.chain(config.cache_behaviors.iter().flat_map(|all| &all.items));
    let mut policies: Vec<Option<&str>> = behaviors.map(|one| one.viewer_protocol_policy.0.as_deref()).collect();
    if config.default_cache_behavior.is_none() {
        policies.push(None);
    }
    if policies.contains(&Some("allow-all")) {
        return Fact::Known(false);
    }
    let https = |policy: &Option<&str>| matches!(policy, Some("https-only" | "redirect-to-https"));
    match policies.iter().all(https) {
        true => Fact::Known(true),
        false => Fact::Unknown(not_read("viewerProtocolPolicy")),
    }
}

fn min_version(certificate: Option<&ViewerCertificate>, not_read: &dyn Fn(&str) -> Gap) -> Fact<TlsVersion> {
    let own = certificate.and_then(|one| one.cloud_front_default_certificate) == Some(true);
    let stated = certificate.and_then(|one| one.minimum_protocol_version.0.as_deref());
    match stated {
        _ if own => Fact::Known(TlsVersion::Tls10),
        Some("SSLv3" | "TLSv1" | "TLSv1_2016") => Fact::Known(TlsVersion::Tls10),
        Some("TLSv1.1_2016") => Fact::Known(TlsVersion::Tls11),
        Some("TLSv1.2_2018" | "TLSv1.2_2019" | "TLSv1.2_2021" | "TLSv1.2_2025") => Fact::Known(TlsVersion::Tls12),
        Some("TLSv1.3_2025") => Fact::Known(TlsVersion::Tls13),
        _ => Fact::Unknown(not_read("minimumProtocolVersion")),
    }
}

fn logging(config: &DistributionConfig, not_read: &dyn Fn(&str) -> Gap) -> Logging {
    let stated = config.logging.as_ref();
    let default = config.default_cache_behavior.as_ref();
    let stream = default.and_then(|one| one.realtime_log_config_arn.clone().take());
    match (stated.and_then(|log| log.enabled), stream) {
        (Some(true), _) => Logging {
            enabled: Fact::Known(true),
            target: stated.and_then(|log| log.bucket.clone().take()).into(),
        },
        (_, Some(arn)) => Logging {
            enabled: Fact::Known(true),
            target: Fact::Known(arn),
        },
        (Some(false), None) => Logging {
            enabled: Fact::Known(false),
            target: Fact::Absent,
        },
        (None, None) => edge::unknown_log(&not_read("logging")),
    }
}

impl Origin {
    fn read(&self, required: &Fact<bool>, not_read: &dyn Fn(&str) -> Gap) -> CdnOrigin {
        let custom = self.custom_origin_config.as_ref();
        let plain_http = match custom.map(|one| one.origin_protocol_policy.0.as_deref()) {
            Some(Some("http-only")) => Fact::Known(true),
            Some(Some("https-only")) => Fact::Known(false),
            Some(Some("match-viewer")) => required.clone().map(|required| !required),
            Some(_) => Fact::Unknown(not_read("originProtocolPolicy")),
            None if self.vpc_origin_config.is_some() => Fact::Unknown(not_read("VPC origin")),
            None => Fact::Absent,
        };
        CdnOrigin {
            name: self.id.clone().take().into(),
            plain_http,
        }
    }
}
