//! `Microsoft.Web/sites` with its web configuration → `compute.function`: function apps, and web apps alike.
//!
//! What a site runs and which versions of TLS it takes stands in its configuration, of which the site itself holds some
//! fields at best. The version of Node.js on Windows is an application setting, which is never read.
//! Source: Azure REST API reference `Web Apps - Get`, `Web Apps - Get Configuration`.

use nephoscope_model::kinds::{ComputeFunction, FunctionTls, TlsVersion};
use nephoscope_model::{Fact, Gap, Reason};
use serde::Deserialize;

use super::{ARM, PROPERTIES, whole_before};
use crate::group::{Built, Found, Group, Piece};
use crate::json;
use crate::mapping::{Absence, Mapping, Role, Source, source};

const NATIVE_TYPE: &str = "Microsoft.Web/sites";
const CONFIG_TYPE: &str = "Microsoft.Web/sites/config";

const SOURCES: &[Source] = &[
    source("/runtime", "/properties/siteConfig/linuxFxVersion", Absence::Unknown),
    source("/tls/required", "/properties/httpsOnly", Absence::Default("false")),
    source(
        "/tls/min_version",
        "/properties/siteConfig/minTlsVersion",
        Absence::Unknown,
    ),
];

const CONFIG_SOURCES: &[Source] = &[
    source("/runtime", "/properties/linuxFxVersion", Absence::Unknown),
    source("/tls/min_version", "/properties/minTlsVersion", Absence::Unknown),
];

pub(crate) const MAPPING: Mapping = Mapping {
    dialects: ARM,
    native_type: NATIVE_TYPE,
    kind: "compute.function",
    sources: SOURCES,
    read: |body| Ok(Box::new(body.section::<Site>(PROPERTIES)?)),
    build,
    role: Role::Whole,
    ..Mapping::BASE
};

/// Of the several documents of this type only `web` is read; the others hold settings and secrets.
pub(crate) const CONFIG_MAPPING: Mapping = Mapping {
    dialects: ARM,
    native_type: CONFIG_TYPE,
    kind: "compute.function",
    sources: CONFIG_SOURCES,
    read: |body| Ok(Box::new(body.section::<SiteConfig>(PROPERTIES)?)),
    role: Role::Part {
        of: NATIVE_TYPE,
        names: |resource, _| {
            let id = resource.id.to_ascii_lowercase();
            if id.ends_with("/config/web") && !id.contains("/slots/") {
                whole_before(&id, "/config/web")
            } else {
                Vec::new()
            }
        },
    },
    ..Mapping::BASE
};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Site {
    #[serde(default, deserialize_with = "json::flag")]
    https_only: Option<bool>,
    #[serde(default)]
    site_config: Option<SiteConfig>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct SiteConfig {
    #[serde(default)]
    linux_fx_version: Option<String>,
    #[serde(default)]
    min_tls_version: Option<String>,
}

fn build(group: &Group<'_>) -> Built {
    // A row of Resource Graph holds only the columns that its query names.
    let Found::Read(_, Some(site)) = group.native::<Option<Site>>() else {
        return Built::unknown(Gap::with(Reason::NotRead, "properties"));
    };
    let web = group.parts(CONFIG_TYPE).next();
    let (part, gap) = match web.map(Piece::get::<Option<SiteConfig>>) {
        Some(Found::Read(piece, Some(config))) => (Some((piece, config)), group.not_read(CONFIG_TYPE)),
        Some(Found::Failed(gap)) => (None, gap),
        Some(Found::Read(_, None) | Found::Missing) | None => (None, group.not_read(CONFIG_TYPE)),
    };
    // The configuration itself before the copy in the site.
    let stated = |field: fn(&SiteConfig) -> Option<&str>| {
        let own = part.and_then(|(_, config)| field(config));
        own.or_else(|| field(site.site_config.as_ref()?))
            .filter(|text| !text.is_empty())
    };
    let mut built = Built::new(&ComputeFunction {
        runtime: runtime(stated(|config| config.linux_fx_version.as_deref()), &gap),
        tls: FunctionTls {
            required: Fact::Known(site.https_only.unwrap_or(false)),
            min_version: min_version(stated(|config| config.min_tls_version.as_deref()), &gap),
        },
        ..ComputeFunction::default()
    });
    if let Some((piece, _)) = part {
        built.from_part(piece);
    }
    built
}

/// `NODE|22` names what it runs; `DOCKER|…` and `COMPOSE|…` name an image.
fn runtime(text: Option<&str>, gap: &Gap) -> Fact<String> {
    match text {
        Some(text) => {
            let stack = text.split('|').next().unwrap_or_default();
            if ["DOCKER", "COMPOSE", "SITECONTAINERS"]
                .iter()
                .any(|name| stack.eq_ignore_ascii_case(name))
            {
                Fact::Absent
            } else {
                Fact::Known(text.to_owned())
            }
        }
        None => Fact::Unknown(gap.clone()),
    }
}

fn min_version(text: Option<&str>, gap: &Gap) -> Fact<TlsVersion> {
    Fact::Known(match text {
        Some("1.0") => TlsVersion::Tls10,
        Some("1.1") => TlsVersion::Tls11,
        Some("1.2") => TlsVersion::Tls12,
        Some("1.3") => TlsVersion::Tls13,
        Some(other) => {
            return Fact::Unknown(Gap::with(Reason::ParseError, format!("`{other}` is no version of TLS")));
        }
        None => return Fact::Unknown(gap.clone()),
    })
}
