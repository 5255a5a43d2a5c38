//! `AWS::IAM::Role` → `identity.role`.
//!
//! AWS Config writes documents URL-encoded, as the API of IAM does; its query language has no documents at all. Source: IAM
//! API Reference `RoleDetail`, AWS Config resource schema, read 2026-11-25.

use nephoscope_model::kinds::{IdentityRole, Trust};
use nephoscope_model::{Fact, Gap, Reason};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::iam_rights::{self, Attached, Boundary, Inline, Lists};
use super::{CONFIG, CONFIGURATION, policy_document, trust_policy};
use crate::group::{Built, Found, Group};
use crate::json;
use crate::mapping::{Absence, Mapping, Role, Source, source};

const SOURCES: &[Source] = &[
    source("/grants", "/configuration/rolePolicyList", Absence::Unknown),
    source("/grants", "/configuration/attachedManagedPolicies", Absence::Unknown),
    source("/grants", "/configuration/permissionsBoundary", Absence::Absent),
    source("/trust", "/configuration/assumeRolePolicyDocument", Absence::Unknown),
];

pub(crate) const MAPPING: Mapping = Mapping {
    dialects: CONFIG,
    native_type: "AWS::IAM::Role",
    kind: "identity.role",
    sources: SOURCES,
    read: |body| Ok(Box::new(body.section::<IamRole>(CONFIGURATION)?)),
    build,
    role: Role::Alone,
    ..Mapping::BASE
};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct IamRole {
    #[serde(default)]
    assume_role_policy_document: Option<Box<RawValue>>,
    #[serde(default, deserialize_with = "json::some_many")]
    role_policy_list: Option<Vec<Inline>>,
    #[serde(default, deserialize_with = "json::some_many")]
    attached_managed_policies: Option<Vec<Attached>>,
    #[serde(default)]
    permissions_boundary: Option<Boundary>,
}

fn build(group: &Group<'_>) -> Built {
    let Found::Read(piece, Some(native)) = group.native::<Option<IamRole>>() else {
        return Built::unknown(Gap::with(Reason::NotRead, "configuration"));
    };
    let lists = Lists {
        inline: ("rolePolicyList", &native.role_policy_list),
        attached: &native.attached_managed_policies,
        boundary: &native.permissions_boundary,
    };
    let (mut drafts, missing) = iam_rights::drafts(&lists, group);
    let built = Built::new(&IdentityRole {
        grants: iam_rights::listed(&mut drafts, missing),
        trust: trust(native, group),
        permissions: Fact::Absent,
    });
    iam_rights::noted(built, &drafts, piece)
}

/// Every role has a trust policy, so that an item without one left it out.
fn trust(native: &IamRole, group: &Group<'_>) -> Fact<Vec<Trust>> {
    let resource = &group.main.resource;
    let Some(raw) = &native.assume_role_policy_document else {
        let detail = format!("assumeRolePolicyDocument of {}", resource.id);
        return Fact::Unknown(Gap::with(Reason::NotRead, detail));
    };
    match policy_document::document(raw, "trust policy") {
        Ok(statements) => Fact::Known(trust_policy::trusts(&statements, &resource.account)),
        Err(gap) => Fact::Unknown(gap),
    }
}
