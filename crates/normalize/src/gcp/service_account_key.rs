//! `iam.googleapis.com/ServiceAccountKey` → `identity.access_key`.
//!
//! The API leaves `disabled` out of a key that is not, and writes a day of the year 9999 for a key that does not expire.
//! Source: IAM API `projects.serviceAccounts.keys`, read 2026-11-25.

use nephoscope_model::kinds::{IdentityAccessKey, KeyManager};
use nephoscope_model::{Fact, Gap, Reason};
use serde::Deserialize;

use super::{CAI, DATA};
use crate::group::{Built, Found, Group};
use crate::json::{self, Text};
use crate::mapping::{Absence, Mapping, Source, source};
use crate::time;

const SOURCES: &[Source] = &[
    source("/managed_by", "/resource/data/keyType", Absence::Unknown),
    source("/enabled", "/resource/data/disabled", Absence::Default("true")),
    source("/valid_after", "/resource/data/validAfterTime", Absence::Unknown),
    source("/valid_before", "/resource/data/validBeforeTime", Absence::Unknown),
];

pub(crate) const MAPPING: Mapping = Mapping {
    dialects: CAI,
    native_type: "iam.googleapis.com/ServiceAccountKey",
    kind: "identity.access_key",
    sources: SOURCES,
    read: |body| Ok(Box::new(body.section::<ServiceAccountKey>(DATA)?)),
    build,
    ..Mapping::BASE
};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ServiceAccountKey {
    #[serde(default)]
    key_type: Text,
    #[serde(default, deserialize_with = "json::flag")]
    disabled: Option<bool>,
    #[serde(default)]
    valid_after_time: Text,
    #[serde(default)]
    valid_before_time: Text,
}

fn build(group: &Group<'_>) -> Built {
    let Found::Read(_, Some(native)) = group.native::<Option<ServiceAccountKey>>() else {
        return Built::unknown(group.not_read("resource"));
    };
    Built::new(&IdentityAccessKey {
        managed_by: match native.key_type.0.as_deref() {
            Some("USER_MANAGED") => Fact::Known(KeyManager::Customer),
            Some("SYSTEM_MANAGED") => Fact::Known(KeyManager::Provider),
            Some(other) => Fact::Unknown(Gap::with(Reason::ParseError, format!("`{other}` is no type of key"))),
            None => Fact::Unknown(group.not_read("keyType")),
        },
        enabled: Fact::Known(native.disabled != Some(true)),
        valid_after: instant(&native.valid_after_time, "validAfterTime", group),
        valid_before: instant(&native.valid_before_time, "validBeforeTime", group),
    })
}

fn instant(text: &Text, field: &str, group: &Group<'_>) -> Fact<String> {
    match text.0.as_deref() {
        None | Some("") => Fact::Unknown(group.not_read(field)),
        Some(never) if never.starts_with("9999-12-31") => Fact::Absent,
        Some(text) => match time::parse(text) {
            Some(instant) => Fact::Known(instant.to_string()),
            None => Fact::Unknown(Gap::with(Reason::ParseError, format!("`{text}` is no time"))),
        },
    }
}
