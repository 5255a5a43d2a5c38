//! `azurerm_key_vault_key` → `crypto.key`.
//!
//! Source: Terraform AzureRM provider documentation of `azurerm_key_vault_key`; Azure Key Vault "Configure key
//! auto-rotation", read 2026-11-25.

use nephoscope_model::kinds::{CryptoKey, KeyKind, KeyRotation, KeyState, PublicGrants};
use nephoscope_model::{Fact, Gap, Reason};

use super::WHOLE;
use super::planned::{self, Planned, Spot};
use crate::azure::vault_keys;
use crate::group::{Built, Found, Group};
use crate::mapping::{Absence, Mapping, Source, source};
use crate::storage;

const SOURCES: &[Source] = &[
    source(
        "/rotation/enabled",
        "/values/rotation_policy/0/automatic",
        Absence::Default("false"),
    ),
    source(
        "/rotation/period_days",
        "/values/rotation_policy/0/automatic/0/time_after_creation",
        Absence::Absent,
    ),
    source(
        "/rotation/period_days",
        "/values/rotation_policy/0/automatic/0/time_before_expiry",
        Absence::Absent,
    ),
    source(
        "/rotation/period_days",
        "/values/rotation_policy/0/expire_after",
        Absence::Absent,
    ),
    source("/expires", "/values/expiration_date", Absence::Default("false")),
];

pub(super) const KEY: Mapping = Mapping {
    native_type: "azurerm_key_vault_key",
    kind: "crypto.key",
    sources: SOURCES,
    read: |body| planned::read(body, &["rotation_policy", "expiration_date"]),
    build,
    ..WHOLE
};

fn build(group: &Group<'_>) -> Built {
    let Found::Read(_, key) = group.native::<Planned>() else {
        return Built::unknown(Gap::with(Reason::NotRead, "values"));
    };
    Built::new(&CryptoKey {
        // Keys of Microsoft's own are no resources.
        manager: Fact::Known(KeyKind::Customer),
        state: match key.created {
            true => Fact::Known(KeyState::Enabled),
            false => Fact::Unknown(group.not_read("enabled")),
        },
        rotation: rotation(key),
        expires: expires(key),
        public_access: PublicGrants::default(),
    })
}

/// Returns whether there is a date of expiry.
pub(super) fn expires(planned: &Planned) -> Fact<bool> {
    let date = planned.at("/expiration_date");
    match date.text() {
        // What the configuration works out is a date, even where it is known only after apply.
        Fact::Unknown(_) if date.referred_resources().next().is_some() => Fact::Known(true),
        other => other.map(|_| true).or_default(false),
    }
}

fn rotation(key: &Planned) -> KeyRotation {
    let policy = key.computed("/rotation_policy").block();
    let automatic = policy.and_then(|policy| policy.at("/automatic").block());
    let (enabled, period_days) = match automatic {
        Fact::Known(automatic) | Fact::Partial(automatic, _) => (Fact::Known(true), period(key, &automatic)),
        Fact::Absent => (Fact::Known(false), Fact::Absent),
        Fact::Unknown(gap) => (Fact::Unknown(gap.clone()), Fact::Unknown(gap)),
    };
    KeyRotation {
        supported: Fact::Known(true),
        enabled,
        period_days,
    }
}

fn period(key: &Planned, automatic: &Spot<'_>) -> Fact<u32> {
    let days = |text: &str| {
        vault_keys::days(text).map_or_else(
            || Fact::Unknown(Gap::with(Reason::ParseError, format!("`{text}` is no duration"))),
            Fact::Known,
        )
    };
    let read = |spot: Spot<'_>| spot.text().and_then(|text| days(&text));
    match read(automatic.at("/time_after_creation")) {
        Fact::Absent => {}
        other => return other.map(storage::days),
    }
    let expiry = read(key.at("/rotation_policy/0/expire_after"));
    match (expiry, read(automatic.at("/time_before_expiry"))) {
        (Fact::Known(expiry), Fact::Known(before)) => Fact::Known(storage::days(expiry.saturating_sub(before))),
        (Fact::Unknown(gap), _) | (_, Fact::Unknown(gap)) => Fact::Unknown(gap),
        _ => Fact::Unknown(automatic.after_apply()),
    }
}
