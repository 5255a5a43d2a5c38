//! `cloudkms.googleapis.com/CryptoKey` with its IAM policy → `crypto.key`.
//!
//! Source: Cloud KMS API `projects.locations.keyRings.cryptoKeys`, Cloud KMS "Key rotation", "Permissions and roles", read
//! 2026-11-25.

use nephoscope_model::kinds::{CryptoKey, KeyKind, KeyRotation, KeyState, PublicAction};
use nephoscope_model::{Fact, Gap, Reason};
use serde::Deserialize;

use super::iam_policy::Line;
use super::{CAI, DATA, IAM_POLICY, public_bindings, whole_days};
use crate::grants;
use crate::group::{Built, Found, Group};
use crate::json;
use crate::mapping::{Absence, Mapping, Role, Source, source};
use crate::storage::unknown;

const SOURCES: &[Source] = &[
    source("/state", "/resource/data/primary/state", Absence::Absent),
    source("/rotation/supported", "/resource/data/purpose", Absence::Unknown),
    source(
        "/rotation/supported",
        "/resource/data/versionTemplate/protectionLevel",
        Absence::Default("true"),
    ),
    source(
        "/rotation/supported",
        "/resource/data/importOnly",
        Absence::Default("true"),
    ),
    source(
        "/rotation/enabled",
        "/resource/data/rotationPeriod",
        Absence::Default("false"),
    ),
    source(
        "/rotation/period_days",
        "/resource/data/rotationPeriod",
        Absence::Absent,
    ),
    source("/public_access/grants", "/iam_policy/bindings", Absence::Unknown),
];

pub(crate) const MAPPING: Mapping = Mapping {
    dialects: CAI,
    native_type: "cloudkms.googleapis.com/CryptoKey",
    kind: "crypto.key",
    sources: SOURCES,
    read: |body| Ok(Box::new(Line::<Key>::read(body)?)),
    build,
    role: Role::Whole,
    facets: &[DATA, IAM_POLICY],
    ..Mapping::BASE
};

/// What each role lets its members do at most.
pub(crate) const ROLES: &[(&str, PublicAction)] = &[
    ("roles/owner", PublicAction::Admin),
    ("roles/editor", PublicAction::Write),
    ("roles/viewer", PublicAction::Inspect),
    ("roles/cloudkms.admin", PublicAction::Admin),
    ("roles/cloudkms.importer", PublicAction::Write),
    ("roles/cloudkms.publicKeyViewer", PublicAction::Inspect),
    ("roles/cloudkms.verifier", PublicAction::Inspect),
    ("roles/cloudkms.viewer", PublicAction::Inspect),
];

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Key {
    #[serde(default)]
    purpose: Option<String>,
    #[serde(default)]
    rotation_period: Option<String>,
    #[serde(default)]
    primary: Option<Version>,
    #[serde(default)]
    version_template: Option<Template>,
    #[serde(default, deserialize_with = "json::flag")]
    import_only: Option<bool>,
}

#[derive(Debug, Deserialize)]
struct Version {
    #[serde(default)]
    state: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Template {
    #[serde(default)]
    protection_level: Option<String>,
}

fn build(group: &Group<'_>) -> Built {
    let (drafts, missing) = public_bindings::public::<Key>(group, ROLES, PublicAction::Use);
    let (public_access, notes) = grants::settle(drafts, missing);
    let mut all = match group.native::<Line<Key>>() {
        Found::Read(_, Line { data: Some(key), .. }) => attributes(key),
        _ => {
            let gap = group.not_read("resource");
            CryptoKey {
                state: unknown(&gap),
                rotation: KeyRotation {
                    supported: unknown(&gap),
                    enabled: unknown(&gap),
                    period_days: unknown(&gap),
                },
                ..CryptoKey::default()
            }
        }
    };
    // Google's own keys are no resources.
    all.manager = Fact::Known(KeyKind::Customer);
    all.public_access = public_access;
    let mut built = Built::new(&all);
    built.provenance = notes;
    built
}

fn attributes(key: &Key) -> CryptoKey {
    let period = key.rotation_period.as_deref().filter(|text| !text.is_empty());
    CryptoKey {
        state: state(key),
        rotation: KeyRotation {
            supported: supported(key),
            enabled: Fact::Known(period.is_some()),
            period_days: period.map_or(Fact::Absent, whole_days),
        },
        ..CryptoKey::default()
    }
}

/// Keys without a primary version, as those that sign, have no state as a whole.
fn state(key: &Key) -> Fact<KeyState> {
    let Some(state) = key.primary.as_ref().and_then(|version| version.state.as_deref()) else {
        return Fact::Absent;
    };
    state_of(state)
}

/// Returns the state that a version of a key has by its name.
pub(crate) fn state_of(state: &str) -> Fact<KeyState> {
    Fact::Known(match state {
        "ENABLED" => KeyState::Enabled,
        "DISABLED" => KeyState::Disabled,
        "DESTROY_SCHEDULED" | "DESTROYED" => KeyState::PendingDeletion,
        "PENDING_GENERATION" | "PENDING_IMPORT" | "IMPORT_FAILED" | "GENERATION_FAILED" => KeyState::Unavailable,
        _ => {
            let detail = format!("`{state}` is no state of a key version");
            return Fact::Unknown(Gap::with(Reason::ParseError, detail));
        }
    })
}

/// Only symmetric keys that encrypt are rotated, and none whose material comes from outside, but for one that Cloud KMS has
/// an external manager make. Source: "Key rotation"; Cloud KMS API `EkmConnection.KeyManagementMode`, read 2026-11-25.
fn supported(key: &Key) -> Fact<bool> {
    let level = (key.version_template.as_ref()).and_then(|template| template.protection_level.as_deref());
    let scheduled = key.rotation_period.as_deref().is_some_and(|text| !text.is_empty());
    match key.purpose.as_deref() {
        None => Fact::Unknown(Gap::with(Reason::NotRead, "purpose")),
        Some("ENCRYPT_DECRYPT") if key.import_only != Some(true) => match level {
            // Who manages the key outside says the connection, which is a resource of its own.
            Some("EXTERNAL_VPC") if !scheduled => {
                Fact::Unknown(Gap::with(Reason::NotRead, "keyManagementMode of the EKM connection"))
            }
            Some("EXTERNAL") => Fact::Known(false),
            _ => Fact::Known(true),
        },
        Some(_) => Fact::Known(false),
    }
}
