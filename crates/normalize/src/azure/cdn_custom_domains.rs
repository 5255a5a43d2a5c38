//! `Microsoft.Cdn/profiles/endpoints/customDomains`: the oldest version of TLS that an endpoint accepts.
//!
//! Where HTTPS is off at a domain it accepts none, and where the version is `None` or not stated nothing is known. Of an
//! endpoint without custom domains nothing is known either: which versions its own name under `azureedge.net` accepts is
//! Microsoft's to change. Source: Azure REST API reference `Custom Domains - Get`, `Custom Domains - Enable Custom Https`;
//! recorded domains; read 2026-11-25.

use nephoscope_model::kinds::TlsVersion;
use nephoscope_model::{Fact, Gap, Reason};
use serde::Deserialize;

use super::{ARM, PROPERTIES, cdn_endpoints, whole_before};
use crate::group::{Found, Group, Piece};
use crate::json::Text;
use crate::mapping::{Absence, Mapping, Role, Source, source};

const NATIVE_TYPE: &str = "Microsoft.Cdn/profiles/endpoints/customDomains";

const SOURCES: &[Source] = &[
    source(
        "/tls/min_version",
        "/properties/customHttpsParameters/minimumTlsVersion",
        Absence::Unknown,
    ),
    source(
        "/tls/min_version",
        "/properties/customHttpsProvisioningState",
        Absence::Unknown,
    ),
];

pub(crate) const MAPPING: Mapping = Mapping {
    dialects: ARM,
    native_type: NATIVE_TYPE,
    kind: "network.cdn",
    sources: SOURCES,
    read: |body| Ok(Box::new(body.section::<CustomDomain>(PROPERTIES)?)),
    role: Role::Part {
        of: cdn_endpoints::NATIVE_TYPE,
        names: |resource, _| whole_before(&resource.id, "/customdomains/"),
    },
    ..Mapping::BASE
};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct CustomDomain {
    #[serde(default)]
    custom_https_provisioning_state: Text,
    #[serde(default)]
    custom_https_parameters: Option<HttpsParameters>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct HttpsParameters {
    #[serde(default)]
    minimum_tls_version: Text,
}

impl CustomDomain {
    fn without_https(&self) -> bool {
        let state = self.custom_https_provisioning_state.0.as_deref();
        state.is_some_and(|state| state.eq_ignore_ascii_case("Disabled"))
    }

    fn min_version(&self) -> Option<TlsVersion> {
        let parameters = self.custom_https_parameters.as_ref()?;
        match parameters
            .minimum_tls_version
            .0
            .as_deref()?
            .to_ascii_uppercase()
            .as_str()
        {
            "TLS10" => Some(TlsVersion::Tls10),
            "TLS12" => Some(TlsVersion::Tls12),
            _ => None,
        }
    }
}

/// Returns the oldest version over all custom domains, and the one that accepts it.
///
/// TLS 1.0 at one domain decides, for it is the least there is; any other version only where every domain was read.
pub(super) fn min_version<'a>(group: &Group<'a>) -> (Fact<TlsVersion>, Option<&'a Piece>) {
    let mut gap = (!group.parts_read_in_full(NATIVE_TYPE)).then(|| group.not_read(NATIVE_TYPE));
    let mut oldest: Option<(TlsVersion, &Piece)> = None;
    for piece in group.parts(NATIVE_TYPE) {
        let missing = || Gap::with(Reason::NotRead, format!("minimumTlsVersion of {}", piece.resource.id));
        match piece.get::<Option<CustomDomain>>() {
            Found::Read(_, Some(domain)) if domain.without_https() => {}
            Found::Read(piece, Some(domain)) => match domain.min_version() {
                Some(version) if oldest.is_none_or(|(held, _)| version < held) => oldest = Some((version, piece)),
                Some(_) => {}
                None => gap = Some(missing()),
            },
            Found::Failed(why) => gap = Some(why),
            Found::Read(_, None) | Found::Missing => gap = Some(missing()),
        }
    }
    match (oldest, gap) {
        (Some((TlsVersion::Tls10, piece)), _) => (Fact::Known(TlsVersion::Tls10), Some(piece)),
        (Some((version, piece)), None) => (Fact::Known(version), Some(piece)),
        (_, Some(gap)) => (Fact::Unknown(gap), None),
        (None, None) => (Fact::Unknown(group.not_read("TLS of the host name")), None),
    }
}
