//! `google_project` → `account.scope`.
//!
//! Source: Terraform Google provider documentation of `google_project`.

use nephoscope_model::kinds::AccountScope;
use nephoscope_model::{Fact, Gap, Reason};

use super::{PLAN, planned};
use crate::group::Built;
use crate::mapping::Mapping;

pub(super) const MAPPING: Mapping = Mapping {
    dialects: PLAN,
    native_type: "google_project",
    kind: "account.scope",
    read: |body| planned::read(body, &[]),
    // Who has which role on it stands in resources of their own.
    build: |group| {
        let detail = format!("google_project_iam_policy of {}", group.main.resource.id);
        Built::new(&AccountScope {
            grants: Fact::Unknown(Gap::with(Reason::NotRead, detail)),
            ..AccountScope::default()
        })
    },
    ..Mapping::BASE
};
