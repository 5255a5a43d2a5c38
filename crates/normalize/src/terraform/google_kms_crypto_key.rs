//! `google_kms_crypto_key` with its IAM resources → `crypto.key`.
//!
//! Source: Terraform Google provider documentation of `google_kms_crypto_key`; Cloud KMS "Key rotation", read 2026-11-25.

use nephoscope_model::kinds::{CryptoKey, KeyKind, KeyRotation, KeyState, PublicAction};
use nephoscope_model::{Fact, Gap, Reason, Resource};

use super::google_grants::Iam;
use super::planned::{self, Planned};
use super::{WHOLE, join};
use crate::gcp::{crypto_key, whole_days};
use crate::group::{Built, Found, Group};
use crate::mapping::{Absence, Mapping, Native, Source, source};

const NATIVE_TYPE: &str = "google_kms_crypto_key";

const IAM: Iam = Iam {
    member: "google_kms_crypto_key_iam_member",
    binding: "google_kms_crypto_key_iam_binding",
    policy: "google_kms_crypto_key_iam_policy",
    roles: crypto_key::ROLES,
    other: PublicAction::Use,
};

const SOURCES: &[Source] = &[
    source("/state", "/values/purpose", Absence::Default("enabled")),
    source(
        "/state",
        "/values/skip_initial_version_creation",
        Absence::Default("enabled"),
    ),
    source("/state", "/values/primary/0/state", Absence::Default("enabled")),
    source("/rotation/supported", "/values/purpose", Absence::Default("true")),
    source(
        "/rotation/supported",
        "/values/version_template/0/protection_level",
        Absence::Default("true"),
    ),
    source("/rotation/supported", "/values/import_only", Absence::Default("true")),
    source(
        "/rotation/enabled",
        "/values/rotation_period",
        Absence::Default("false"),
    ),
    source("/rotation/period_days", "/values/rotation_period", Absence::Absent),
];

const KEYS: &[&str] = &[
    "id",
    "name",
    "purpose",
    "primary",
    "skip_initial_version_creation",
    "version_template",
    "import_only",
    "rotation_period",
];

pub(super) const KEY: Mapping = Mapping {
    native_type: NATIVE_TYPE,
    kind: "crypto.key",
    sources: SOURCES,
    read: |body| planned::read(body, KEYS),
    build,
    names: Some(|resource, native| join::whole(resource, native, &[&["name"]])),
    ..WHOLE
};

pub(super) const MEMBER: Mapping = IAM.member("crypto.key", NATIVE_TYPE, names);
pub(super) const BINDING: Mapping = IAM.binding("crypto.key", NATIVE_TYPE, names);
pub(super) const POLICY: Mapping = IAM.policy("crypto.key", NATIVE_TYPE, names);

fn names(resource: &Resource, native: Option<&Native>) -> Vec<String> {
    join::part(resource, native, NATIVE_TYPE, &[&["crypto_key_id"]])
}

fn build(group: &Group<'_>) -> Built {
    let Found::Read(_, key) = group.native::<Planned>() else {
        return Built::unknown(Gap::with(Reason::NotRead, "values"));
    };
    let (public_access, notes) = IAM.grants(group, key);
    let period = key.at("/rotation_period").text();
    let mut built = Built::new(&CryptoKey {
        // Google's own keys are no resources.
        manager: Fact::Known(KeyKind::Customer),
        state: state(key),
        rotation: KeyRotation {
            supported: supported(key, &period),
            enabled: period.clone().map(|_| true).or_default(false),
            period_days: period.and_then(|text| whole_days(&text)),
        },
        expires: Fact::Absent,
        public_access,
    });
    built.provenance.extend(notes);
    built
}

/// Keys without a primary version have no state as a whole; that of a new key is on at once.
fn state(key: &Planned) -> Fact<KeyState> {
    if let Fact::Known(state) = key.at("/primary/0/state").text() {
        return crypto_key::state_of(&state);
    }
    let encrypts = encrypts(key);
    let skipped = key.at("/skip_initial_version_creation").flag().or_default(false);
    let imported = key.computed("/import_only").flag().or_default(false);
    match (encrypts, skipped, imported) {
        (Fact::Known(false), ..) | (_, Fact::Known(true), _) | (_, _, Fact::Known(true)) => Fact::Absent,
        (Fact::Unknown(gap), ..) | (_, Fact::Unknown(gap), _) | (_, _, Fact::Unknown(gap)) => Fact::Unknown(gap),
        _ if key.created => Fact::Known(KeyState::Enabled),
        _ => Fact::Absent,
    }
}

fn encrypts(key: &Planned) -> Fact<bool> {
    let purpose = key.at("/purpose").text();
    purpose.map(|purpose| purpose == "ENCRYPT_DECRYPT").or_default(true)
}

/// As of a key in Cloud Asset Inventory: only symmetric keys are rotated, and none whose material comes from outside.
fn supported(key: &Planned, period: &Fact<String>) -> Fact<bool> {
    let imported = key.computed("/import_only").flag().or_default(false);
    let level = key.computed("/version_template/0/protection_level").text();
    match (encrypts(key), imported, level) {
        (Fact::Known(false), ..) | (_, Fact::Known(true), _) => Fact::Known(false),
        (Fact::Unknown(gap), ..) | (_, Fact::Unknown(gap), _) => Fact::Unknown(gap),
        (.., Fact::Known(level)) if level == "EXTERNAL" => Fact::Known(false),
        (.., Fact::Known(level)) if level == "EXTERNAL_VPC" && *period == Fact::Absent => {
            Fact::Unknown(Gap::with(Reason::NotRead, "keyManagementMode of the EKM connection"))
        }
        (.., Fact::Unknown(gap)) => match key.computed("/version_template").value() {
            Fact::Absent => Fact::Known(true),
            _ => Fact::Unknown(gap),
        },
        _ => Fact::Known(true),
    }
}
