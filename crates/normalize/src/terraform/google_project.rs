//! `google_project` → `account.scope`.
//!
//! Source: Terraform Google provider documentation of `google_project`.

use nephoscope_model::kinds::AccountScope;

use super::{PLAN, planned};
use crate::group::Built;
use crate::mapping::Mapping;

pub(super) const MAPPING: Mapping = Mapping {
    dialects: PLAN,
    native_type: "google_project",
    kind: "account.scope",
    read: |body| planned::read(body, &[]),
    // A project has no attribute of its kind: it stands for the resources in it.
    build: |_| Built::new(&AccountScope::default()),
    ..Mapping::BASE
};
