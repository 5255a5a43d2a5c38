//! `Microsoft.ApiManagement/service` → `api.gateway`.
//!
//! Of a protocol that `customProperties` does not name nothing is known: the default depends on when the service was made. The
//! access log stands in diagnostic settings. Source: Azure REST API reference `Api Management Service - Get`, read 2026-11-25.

use std::collections::BTreeMap;

use nephoscope_model::kinds::{ApiGateway, EndpointTls, TlsVersion};
use nephoscope_model::{Fact, Gap, Reason};
use serde::Deserialize;

use super::access_log::AccessLog;
use super::{ARM, PROPERTIES};
use crate::group::{Built, Found, Group};
use crate::json::Text;
use crate::mapping::{Absence, Mapping, Role, Source, source};

const SOURCES: &[Source] = &[source(
    "/tls/min_version",
    "/properties/customProperties",
    Absence::Unknown,
)];

pub(crate) const NATIVE_TYPE: &str = "Microsoft.ApiManagement/service";

/// Source: "Supported logs for Microsoft.ApiManagement/service", read 2026-11-25.
const ACCESS_LOG: &str = "GatewayLogs";

pub(crate) const MAPPING: Mapping = Mapping {
    dialects: ARM,
    native_type: NATIVE_TYPE,
    kind: "api.gateway",
    sources: SOURCES,
    read: |body| Ok(Box::new(body.section::<Service>(PROPERTIES)?)),
    build,
    role: Role::Whole,
    ..Mapping::BASE
};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Service {
    #[serde(default)]
    custom_properties: Option<BTreeMap<String, Text>>,
}

/// The protocols that can be switched, oldest first.
const PROTOCOLS: &[(&str, TlsVersion)] = &[
    ("ssl30", TlsVersion::Tls10),
    ("tls10", TlsVersion::Tls10),
    ("tls11", TlsVersion::Tls11),
];

const PREFIX: &str = "microsoft.windowsazure.apimanagement.gateway.security.protocols.";

impl Service {
    /// A protocol that is on decides even where nothing is said of an older one: `TLS1_0` is the least there is.
    fn min_version(&self) -> Option<TlsVersion> {
        let properties = self.custom_properties.as_ref()?;
        let on = |protocol: &str| {
            let name = format!("{PREFIX}{protocol}");
            let found = properties.iter().find(|(key, _)| key.eq_ignore_ascii_case(&name))?;
            match found.1.0.as_deref()?.to_ascii_lowercase().as_str() {
                "true" => Some(true),
                "false" => Some(false),
                _ => None,
            }
        };
        if on("ssl30") == Some(true) {
            return Some(TlsVersion::Tls10);
        }
        for (protocol, version) in PROTOCOLS.iter().skip(1) {
            match on(protocol) {
                Some(true) => return Some(*version),
                Some(false) => {}
                None => return None,
            }
        }
        Some(TlsVersion::Tls12)
    }
}

fn build(group: &Group<'_>) -> Built {
    let Found::Read(_, Some(native)) = group.native::<Option<Service>>() else {
        return Built::unknown(Gap::with(Reason::NotRead, "properties"));
    };
    let gap = || {
        let detail = format!("customProperties of {}", group.main.resource.id);
        Gap::with(Reason::NotRead, detail)
    };
    let log = AccessLog::of_parts(group, ACCESS_LOG);
    let mut built = Built::new(&ApiGateway {
        logging: log.logging(),
        tls: EndpointTls {
            // The gateway can be asked over plain HTTP where an API allows it, which stands in each API.
            required: Fact::Unknown(group.not_read("Microsoft.ApiManagement/service/apis")),
            min_version: native.min_version().map_or_else(|| Fact::Unknown(gap()), Fact::Known),
        },
    });
    log.note(&mut built);
    built
}
