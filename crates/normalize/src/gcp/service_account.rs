//! `iam.googleapis.com/ServiceAccount`, resource and IAM policy → `identity.service_account`.
//!
//! Its IAM policy says who may act as it; what it may do itself stands in the policies of other resources. Source: IAM API
//! `projects.serviceAccounts`, read 2026-11-25.

use nephoscope_model::Fact;
use nephoscope_model::kinds::IdentityServiceAccount;
use serde::Deserialize;

use super::iam_policy::Line;
use super::{CAI, DATA, IAM_POLICY, member_grants};
use crate::group::{Built, Found, Group};
use crate::json::Text;
use crate::mapping::{Absence, Mapping, Role, Source, source};

const SOURCES: &[Source] = &[
    source("/grants", "/iam_policy/bindings", Absence::Default("[]")),
    source("/email", "/resource/data/email", Absence::Absent),
];

pub(crate) const MAPPING: Mapping = Mapping {
    dialects: CAI,
    native_type: "iam.googleapis.com/ServiceAccount",
    kind: "identity.service_account",
    sources: SOURCES,
    read: |body| Ok(Box::new(Line::<ServiceAccount>::read(body)?)),
    build,
    role: Role::Whole,
    facets: &[DATA, IAM_POLICY],
    ..Mapping::BASE
};

#[derive(Debug, Deserialize)]
struct ServiceAccount {
    #[serde(default)]
    email: Text,
}

fn build(group: &Group<'_>) -> Built {
    let email = match group.native::<Line<ServiceAccount>>() {
        Found::Read(_, Line { data: Some(data), .. }) => data.email.clone().take().into(),
        _ => Fact::Unknown(group.not_read("resource")),
    };
    let (grants, notes) = member_grants::grants::<ServiceAccount>(group);
    notes.on(Built::new(&IdentityServiceAccount { grants, email }))
}
