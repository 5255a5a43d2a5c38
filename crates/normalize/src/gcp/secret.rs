//! `secretmanager.googleapis.com/Secret` with its IAM policy → `secret.secret`.
//!
//! A rotation is a message to the owner's topics, who then adds a version. Source: Secret Manager API
//! `projects.secrets`, Secret Manager "Create rotation schedules", "Access control with IAM", read 2026-11-25.

use nephoscope_model::kinds::{PublicAction, SecretRotation, SecretSecret};
use nephoscope_model::{Fact, Gap};
use serde::Deserialize;

use super::iam_policy::Line;
use super::{CAI, DATA, IAM_POLICY, public_bindings, whole_days};
use crate::grants;
use crate::group::{Built, Found, Group};
use crate::mapping::{Absence, Mapping, Role, Source, source};
use crate::storage::unknown;

const PERIOD: &str = "/resource/data/rotation/rotationPeriod";

const SOURCES: &[Source] = &[
    source("/rotation/enabled", PERIOD, Absence::Default("false")),
    source("/rotation/period_days", PERIOD, Absence::Absent),
    source("/public_access/grants", "/iam_policy/bindings", Absence::Unknown),
];

pub(crate) const MAPPING: Mapping = Mapping {
    dialects: CAI,
    native_type: "secretmanager.googleapis.com/Secret",
    kind: "secret.secret",
    sources: SOURCES,
    read: |body| Ok(Box::new(Line::<Secret>::read(body)?)),
    build,
    role: Role::Whole,
    facets: &[DATA, IAM_POLICY],
    ..Mapping::BASE
};

/// What each role lets its members do at most; the basic roles below owner do not read values.
pub(crate) const ROLES: &[(&str, PublicAction)] = &[
    ("roles/owner", PublicAction::Admin),
    ("roles/editor", PublicAction::Write),
    ("roles/viewer", PublicAction::Inspect),
    ("roles/secretmanager.admin", PublicAction::Admin),
    ("roles/secretmanager.secretVersionManager", PublicAction::Write),
    ("roles/secretmanager.secretVersionAdder", PublicAction::Write),
    ("roles/secretmanager.viewer", PublicAction::Inspect),
];

#[derive(Debug, Deserialize)]
struct Secret {
    #[serde(default)]
    rotation: Option<Rotation>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Rotation {
    #[serde(default)]
    rotation_period: Option<String>,
}

fn build(group: &Group<'_>) -> Built {
    let (drafts, missing) = public_bindings::public::<Secret>(group, ROLES, PublicAction::Read);
    let (public_access, notes) = grants::settle(drafts, missing);
    let rotation = match group.native::<Line<Secret>>() {
        Found::Read(_, Line { data: Some(secret), .. }) => rotation(secret),
        _ => unread(&group.not_read("resource")),
    };
    let mut built = Built::new(&SecretSecret {
        rotation,
        expires: Fact::Absent,
        public_access,
    });
    built.provenance = notes;
    built
}

/// Without a period the next rotation, if there is one, is the last.
fn rotation(secret: &Secret) -> SecretRotation {
    let period = (secret.rotation.as_ref())
        .and_then(|rotation| rotation.rotation_period.as_deref())
        .filter(|text| !text.is_empty());
    SecretRotation {
        enabled: Fact::Known(period.is_some()),
        period_days: period.map_or(Fact::Absent, whole_days),
    }
}

fn unread(gap: &Gap) -> SecretRotation {
    SecretRotation {
        enabled: unknown(gap),
        period_days: unknown(gap),
    }
}
