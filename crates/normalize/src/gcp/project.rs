//! `cloudresourcemanager.googleapis.com/Project` → `account.scope`.
//!
//! Source: Cloud Resource Manager API `projects`, read 2026-11-23.

use nephoscope_model::kinds::AccountScope;

use super::{CAI, DATA, IAM_POLICY};
use crate::group::Built;
use crate::mapping::{Mapping, Role};

pub(crate) const MAPPING: Mapping = Mapping {
    dialects: CAI,
    native_type: "cloudresourcemanager.googleapis.com/Project",
    kind: "account.scope",
    build: |_| Built::new(&AccountScope::default()),
    // The resource and its IAM policy stand on two lines that are one project.
    role: Role::Whole,
    facets: &[DATA, IAM_POLICY],
    ..Mapping::BASE
};
