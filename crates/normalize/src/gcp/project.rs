//! `cloudresourcemanager.googleapis.com/{Project,Folder,Organization}` → `account.scope`.
//!
//! Source: Cloud Resource Manager API `projects`, `folders`, `organizations`, read 2026-11-25.

use nephoscope_model::kinds::AccountScope;

use super::iam_policy::{Line, Section};
use super::{CAI, DATA, IAM_POLICY, member_grants};
use crate::group::{Built, Group};
use crate::mapping::{Absence, Mapping, Role, Source, source};

const SOURCES: &[Source] = &[source("/grants", "/iam_policy/bindings", Absence::Default("[]"))];

pub(crate) const MAPPING: Mapping = Mapping {
    dialects: CAI,
    native_type: "cloudresourcemanager.googleapis.com/Project",
    kind: "account.scope",
    sources: SOURCES,
    read: |body| {
        Ok(Box::new(Line::<()> {
            data: None,
            policy: Section::read(body)?,
        }))
    },
    build,
    // The resource and its IAM policy stand on two lines that are one project.
    role: Role::Whole,
    facets: &[DATA, IAM_POLICY],
    ..Mapping::BASE
};

pub(crate) const FOLDER_MAPPING: Mapping = Mapping {
    native_type: "cloudresourcemanager.googleapis.com/Folder",
    ..MAPPING
};

pub(crate) const ORGANIZATION_MAPPING: Mapping = Mapping {
    native_type: "cloudresourcemanager.googleapis.com/Organization",
    ..MAPPING
};

fn build(group: &Group<'_>) -> Built {
    let (grants, notes) = member_grants::grants::<()>(group);
    notes.on(Built::new(&AccountScope {
        grants,
        ..AccountScope::default()
    }))
}
