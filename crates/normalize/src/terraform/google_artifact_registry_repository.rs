//! `google_artifact_registry_repository` with its IAM resources → `container.registry`.
//!
//! Whether images are scanned where the repository inherits it hangs on the API of the project: unknown in a plan that makes
//! it. Source: Terraform Google provider documentation of `google_artifact_registry_repository`, read 2026-11-25.

use nephoscope_model::kinds::{ContainerRegistry, PublicAction};
use nephoscope_model::{Fact, Gap, Reason, Resource};

use super::google_grants::Iam;
use super::keys;
use super::planned::{self, Planned};
use super::{WHOLE, join};
use crate::gcp::artifact_repository;
use crate::group::{Built, Found, Group};
use crate::mapping::{Absence, Mapping, Native, Source, source};

const NATIVE_TYPE: &str = "google_artifact_registry_repository";

const IAM: Iam = Iam {
    member: "google_artifact_registry_repository_iam_member",
    binding: "google_artifact_registry_repository_iam_binding",
    policy: "google_artifact_registry_repository_iam_policy",
    roles: artifact_repository::ROLES,
    other: PublicAction::Read,
};

const SCANNING: &str = "/vulnerability_scanning_config/0";

const SOURCES: &[Source] = &[
    source(
        "/encryption/key_kind",
        "/values/kms_key_name",
        Absence::Default("provider"),
    ),
    source("/encryption/key_id", "/values/kms_key_name", Absence::Absent),
    source("/immutable_tags", "/values/format", Absence::Unknown),
    source("/immutable_tags", "/values/mode", Absence::Default("false")),
    source(
        "/immutable_tags",
        "/values/docker_config/0/immutable_tags",
        Absence::Default("false"),
    ),
    source(
        "/scan_on_push",
        "/values/vulnerability_scanning_config/0/enablement_state",
        Absence::Unknown,
    ),
    source(
        "/scan_on_push",
        "/values/vulnerability_scanning_config/0/enablement_config",
        Absence::Unknown,
    ),
];

const KEYS: &[&str] = &[
    "repository_id",
    "format",
    "mode",
    "kms_key_name",
    "docker_config",
    "vulnerability_scanning_config",
];

pub(super) const REPOSITORY: Mapping = Mapping {
    native_type: NATIVE_TYPE,
    kind: "container.registry",
    sources: SOURCES,
    read: |body| planned::read(body, KEYS),
    build,
    names: Some(|resource, native| join::whole(resource, native, &[&["repository_id"]])),
    ..WHOLE
};

pub(super) const MEMBER: Mapping = IAM.member("container.registry", NATIVE_TYPE, names);
pub(super) const BINDING: Mapping = IAM.binding("container.registry", NATIVE_TYPE, names);
pub(super) const POLICY: Mapping = IAM.policy("container.registry", NATIVE_TYPE, names);

fn names(resource: &Resource, native: Option<&Native>) -> Vec<String> {
    join::part(resource, native, NATIVE_TYPE, &[&["repository"]])
}

fn build(group: &Group<'_>) -> Built {
    let Found::Read(_, repository) = group.native::<Planned>() else {
        return Built::unknown(Gap::with(Reason::NotRead, "values"));
    };
    let (public_access, notes) = IAM.grants(group, repository);
    let mut built = Built::new(&ContainerRegistry {
        encryption: keys::GOOGLE.encryption(&repository.at("/kms_key_name")),
        public_access,
        immutable_tags: immutable_tags(repository),
        scan_on_push: scan_on_push(group, repository),
        ..ContainerRegistry::default()
    });
    built.provenance.extend(notes);
    built
}

/// Only images have tags, and only a standard repository takes pushes.
fn immutable_tags(repository: &Planned) -> Fact<bool> {
    let docker = repository.at("/format").text().map(|format| format == "DOCKER");
    let standard = repository
        .computed("/mode")
        .text()
        .map(|mode| mode == "STANDARD_REPOSITORY");
    match (docker, standard.or_default(true)) {
        (Fact::Unknown(gap), _) | (_, Fact::Unknown(gap)) => Fact::Unknown(gap),
        (Fact::Known(true), Fact::Known(true)) => {
            let block = repository.computed("/docker_config").block();
            block
                .and_then(|block| block.at("/immutable_tags").flag())
                .or_default(false)
        }
        (Fact::Absent, _) => Fact::Unknown(repository.at("/format").after_apply()),
        _ => Fact::Absent,
    }
}

fn scan_on_push(group: &Group<'_>, repository: &Planned) -> Fact<bool> {
    let at = |name: &str| repository.computed_inside(format!("{SCANNING}/{name}")).text();
    let state = at("enablement_state");
    match (state.value().map(String::as_str), at("enablement_config")) {
        (Some("SCANNING_ACTIVE"), _) => Fact::Known(true),
        (Some("SCANNING_UNSUPPORTED"), _) => Fact::Absent,
        (Some("SCANNING_DISABLED"), _) => Fact::Known(false),
        (_, Fact::Known(config)) if config == "DISABLED" => Fact::Known(false),
        _ => Fact::Unknown(group.not_read("containerscanning.googleapis.com")),
    }
}
