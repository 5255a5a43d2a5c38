//! `Microsoft.KeyVault/vaults/keys` → `crypto.key`.
//!
//! A list of keys gives less of each than the key itself, which alone has its type (`kty`): where that is missing, so may be
//! the rotation policy. Source: Azure REST API reference `Keys - Get`, `Keys - List`, Azure Key Vault "Configure
//! cryptographic key auto-rotation", read 2026-11-25.

use nephoscope_model::kinds::{CryptoKey, KeyKind, KeyRotation, KeyState, PublicGrants};
use nephoscope_model::{Fact, Gap, Reason};
use serde::Deserialize;

use super::{ARM, PROPERTIES};
use crate::group::{Built, Found, Group};
use crate::json;
use crate::mapping::{Absence, Mapping, Source, source};
use crate::storage::{self, unknown};

const POLICY: &str = "/properties/rotationPolicy/lifetimeActions";

const SOURCES: &[Source] = &[
    source("/state", "/properties/attributes/enabled", Absence::Unknown),
    source("/rotation/enabled", POLICY, Absence::Default("false")),
    source("/rotation/period_days", POLICY, Absence::Absent),
    source(
        "/rotation/period_days",
        "/properties/rotationPolicy/attributes/expiryTime",
        Absence::Unknown,
    ),
    source("/expires", "/properties/attributes/exp", Absence::Default("false")),
];

pub(crate) const MAPPING: Mapping = Mapping {
    dialects: ARM,
    native_type: "Microsoft.KeyVault/vaults/keys",
    kind: "crypto.key",
    sources: SOURCES,
    read: |body| Ok(Box::new(body.section::<Key>(PROPERTIES)?)),
    build,
    ..Mapping::BASE
};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Key {
    #[serde(default)]
    kty: Option<String>,
    #[serde(default)]
    attributes: Option<Attributes>,
    #[serde(default)]
    rotation_policy: Option<RotationPolicy>,
}

/// Attributes of a key or secret.
#[derive(Debug, Deserialize)]
pub(crate) struct Attributes {
    #[serde(default, deserialize_with = "json::flag")]
    pub(crate) enabled: Option<bool>,
    #[serde(default, deserialize_with = "json::integer")]
    pub(crate) exp: Option<i64>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct RotationPolicy {
    #[serde(default)]
    attributes: Option<PolicyAttributes>,
    #[serde(default, deserialize_with = "json::many")]
    lifetime_actions: Vec<LifetimeAction>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct PolicyAttributes {
    #[serde(default)]
    expiry_time: Option<String>,
}

#[derive(Debug, Deserialize)]
struct LifetimeAction {
    #[serde(default)]
    trigger: Option<Trigger>,
    #[serde(default)]
    action: Option<Action>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Trigger {
    #[serde(default)]
    time_after_create: Option<String>,
    #[serde(default)]
    time_before_expiry: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Action {
    #[serde(default, rename = "type")]
    kind: Option<String>,
}

fn build(group: &Group<'_>) -> Built {
    let Found::Read(_, Some(key)) = group.native::<Option<Key>>() else {
        return Built::unknown(Gap::with(Reason::NotRead, "properties"));
    };
    let state = (key.attributes.as_ref()).and_then(|attributes| attributes.enabled);
    Built::new(&CryptoKey {
        // Keys of Microsoft's own are no resources.
        manager: Fact::Known(KeyKind::Customer),
        state: match state {
            Some(true) => Fact::Known(KeyState::Enabled),
            Some(false) => Fact::Known(KeyState::Disabled),
            None => unknown(&Gap::with(Reason::NotRead, "attributes/enabled")),
        },
        rotation: rotation(key),
        expires: expires(key.attributes.as_ref()),
        public_access: PublicGrants::default(),
    })
}

/// Returns whether there is a date of expiry; without attributes nobody can tell.
pub(crate) fn expires(attributes: Option<&Attributes>) -> Fact<bool> {
    match attributes {
        Some(attributes) => Fact::Known(attributes.exp.is_some()),
        None => unknown(&Gap::with(Reason::NotRead, "attributes")),
    }
}

fn rotation(key: &Key) -> KeyRotation {
    if key.rotation_policy.is_none() && key.kty.is_none() {
        let gap = Gap::with(Reason::NotRead, "rotationPolicy");
        return KeyRotation {
            supported: Fact::Known(true),
            enabled: unknown(&gap),
            period_days: unknown(&gap),
        };
    }
    let policy = key.rotation_policy.as_ref();
    let rotate = policy
        .into_iter()
        .flat_map(|policy| &policy.lifetime_actions)
        .find(|all| {
            let kind = all.action.as_ref().and_then(|action| action.kind.as_deref());
            kind.is_some_and(|kind| kind.eq_ignore_ascii_case("rotate"))
        });
    KeyRotation {
        supported: Fact::Known(true),
        enabled: Fact::Known(rotate.is_some()),
        period_days: rotate.map_or(Fact::Absent, |action| {
            let expiry = policy.and_then(|policy| policy.attributes.as_ref()?.expiry_time.as_deref());
            period(action.trigger.as_ref(), expiry).map_or_else(
                || Fact::Unknown(Gap::with(Reason::ParseError, "lifetimeActions: no duration")),
                |days| Fact::Known(storage::days(days)),
            )
        }),
    }
}

fn period(trigger: Option<&Trigger>, expiry: Option<&str>) -> Option<i64> {
    let trigger = trigger?;
    match trigger.time_after_create.as_deref().filter(|text| !text.is_empty()) {
        Some(after) => days(after),
        None => Some(days(expiry?)?.saturating_sub(days(trigger.time_before_expiry.as_deref()?)?)),
    }
}

/// Returns the days of an ISO 8601 duration of years, months, weeks and days; a month counts as 30 of them and a year as 365.
pub(crate) fn days(text: &str) -> Option<i64> {
    let mut rest = text.strip_prefix('P')?;
    let mut days = 0_i64;
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit())?;
        let (count, unit) = rest.split_at_checked(end)?;
        let factor = match unit.chars().next()? {
            'Y' => 365,
            'M' => 30,
            'W' => 7,
            'D' => 1,
            _ => return None,
        };
        days = days.saturating_add(count.parse::<i64>().ok()?.saturating_mul(factor));
        rest = unit.get(1..)?;
    }
    Some(days)
}

#[cfg(test)]
mod tests {
    use super::days;

    #[test]
    fn durations_are_counted_in_days() {
        let cases = [
            ("P90D", Some(90)),
            ("P1Y", Some(365)),
            ("P1Y6M", Some(545)),
            ("P2W", Some(14)),
        ];
        for (text, expected) in cases {
            assert_eq!(days(text), expected, "{text}");
        }
        for text in ["", "90", "P", "PD", "P90", "PT5H"] {
            assert!(days(text).is_none_or(|days| days == 0), "{text}");
        }
    }
}
