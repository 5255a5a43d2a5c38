//! `artifactregistry.googleapis.com/Repository` with its IAM policy → `container.registry`.
//!
//! Source: Artifact Registry API `projects.locations.repositories`, Artifact Registry "Roles and permissions", read
//! 2026-11-25.

use nephoscope_model::kinds::{ContainerRegistry, Encryption, KeyKind, PublicAction};
use nephoscope_model::{Fact, Gap, Reason};
use serde::Deserialize;

use super::iam_policy::Line;
use super::{CAI, DATA, IAM_POLICY, public_bindings};
use crate::grants;
use crate::group::{Built, Found, Group};
use crate::json;
use crate::mapping::{Absence, Mapping, Role, Source, source};
use crate::storage::unknown;

const SOURCES: &[Source] = &[
    source(
        "/encryption/key_kind",
        "/resource/data/kmsKeyName",
        Absence::Default("provider"),
    ),
    source("/encryption/key_id", "/resource/data/kmsKeyName", Absence::Absent),
    source("/public_access/grants", "/iam_policy/bindings", Absence::Unknown),
    source(
        "/immutable_tags",
        "/resource/data/dockerConfig/immutableTags",
        Absence::Default("false"),
    ),
    source("/immutable_tags", "/resource/data/format", Absence::Unknown),
    source("/immutable_tags", "/resource/data/mode", Absence::Default("false")),
    source(
        "/scan_on_push",
        "/resource/data/vulnerabilityScanningConfig/enablementState",
        Absence::Unknown,
    ),
    source(
        "/scan_on_push",
        "/resource/data/vulnerabilityScanningConfig/enablementConfig",
        Absence::Unknown,
    ),
];

pub(crate) const MAPPING: Mapping = Mapping {
    dialects: CAI,
    native_type: "artifactregistry.googleapis.com/Repository",
    kind: "container.registry",
    sources: SOURCES,
    read: |body| Ok(Box::new(Line::<Repository>::read(body)?)),
    build,
    role: Role::Whole,
    facets: &[DATA, IAM_POLICY],
    ..Mapping::BASE
};

/// What each role lets its members do at most.
pub(crate) const ROLES: &[(&str, PublicAction)] = &[
    ("roles/owner", PublicAction::Admin),
    ("roles/editor", PublicAction::Write),
    ("roles/artifactregistry.admin", PublicAction::Admin),
    ("roles/artifactregistry.repoAdmin", PublicAction::Write),
    ("roles/artifactregistry.createOnPushRepoAdmin", PublicAction::Write),
    ("roles/artifactregistry.createOnPushWriter", PublicAction::Write),
    ("roles/artifactregistry.writer", PublicAction::Write),
];

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Repository {
    #[serde(default)]
    format: Option<String>,
    #[serde(default)]
    mode: Option<String>,
    #[serde(default)]
    kms_key_name: Option<String>,
    #[serde(default)]
    docker_config: Option<DockerConfig>,
    #[serde(default)]
    vulnerability_scanning_config: Option<ScanningConfig>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct DockerConfig {
    #[serde(default, deserialize_with = "json::flag")]
    immutable_tags: Option<bool>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ScanningConfig {
    #[serde(default)]
    enablement_state: Option<String>,
    #[serde(default)]
    enablement_config: Option<String>,
}

fn build(group: &Group<'_>) -> Built {
    let (drafts, missing) = public_bindings::public::<Repository>(group, ROLES, PublicAction::Read);
    let (public_access, notes) = grants::settle(drafts, missing);
    let mut all = match group.native::<Line<Repository>>() {
        Found::Read(
            _,
            Line {
                data: Some(repository), ..
            },
        ) => attributes(repository),
        _ => unread(&group.not_read("resource")),
    };
    all.public_access = public_access;
    let mut built = Built::new(&all);
    built.provenance = notes;
    built
}

fn attributes(repository: &Repository) -> ContainerRegistry {
    let key = repository.kms_key_name.clone().filter(|key| !key.is_empty());
    ContainerRegistry {
        encryption: Encryption {
            enabled: Fact::Known(true),
            key_kind: Fact::Known(match key {
                Some(_) => KeyKind::Customer,
                None => KeyKind::Provider,
            }),
            key_id: key.into(),
        },
        immutable_tags: immutable_tags(repository),
        scan_on_push: scan_on_push(repository.vulnerability_scanning_config.as_ref()),
        ..ContainerRegistry::default()
    }
}

/// Only images have tags, and only a standard repository takes pushes.
fn immutable_tags(repository: &Repository) -> Fact<bool> {
    let standard = match repository.mode.as_deref() {
        None | Some("MODE_UNSPECIFIED" | "STANDARD_REPOSITORY") => true,
        Some(_) => false,
    };
    match repository.format.as_deref() {
        None => Fact::Unknown(Gap::with(Reason::NotRead, "format")),
        Some("DOCKER") if standard => {
            let docker = repository.docker_config.as_ref();
            Fact::Known(docker.and_then(|docker| docker.immutable_tags).unwrap_or(false))
        }
        Some(_) => Fact::Absent,
    }
}

/// What is inherited depends on whether the project has the scanning API on, which only the state says.
fn scan_on_push(config: Option<&ScanningConfig>) -> Fact<bool> {
    let state = config.and_then(|config| config.enablement_state.as_deref());
    let own = config.and_then(|config| config.enablement_config.as_deref());
    match (state, own) {
        (Some("SCANNING_ACTIVE"), _) => Fact::Known(true),
        (Some("SCANNING_UNSUPPORTED"), _) => Fact::Absent,
        (Some("SCANNING_DISABLED"), _) | (_, Some("DISABLED")) => Fact::Known(false),
        _ => Fact::Unknown(Gap::with(Reason::NotRead, "enablementState")),
    }
}

fn unread(gap: &Gap) -> ContainerRegistry {
    ContainerRegistry {
        encryption: Encryption {
            enabled: Fact::Known(true),
            key_kind: unknown(gap),
            key_id: unknown(gap),
        },
        immutable_tags: unknown(gap),
        scan_on_push: unknown(gap),
        ..ContainerRegistry::default()
    }
}
