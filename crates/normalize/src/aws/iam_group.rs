//! `AWS::IAM::Group` → `identity.group`.
//!
//! Source: IAM API Reference `GroupDetail`, AWS Config resource schema, read 2026-11-25.

use nephoscope_model::kinds::IdentityGroup;
use nephoscope_model::{Gap, Reason};
use serde::Deserialize;

use super::iam_rights::{self, Attached, Inline, Lists};
use super::{CONFIG, CONFIGURATION};
use crate::group::{Built, Found, Group};
use crate::json;
use crate::mapping::{Absence, Mapping, Source, source};

const SOURCES: &[Source] = &[
    source("/grants", "/configuration/groupPolicyList", Absence::Unknown),
    source("/grants", "/configuration/attachedManagedPolicies", Absence::Unknown),
];

pub(crate) const MAPPING: Mapping = Mapping {
    dialects: CONFIG,
    native_type: "AWS::IAM::Group",
    kind: "identity.group",
    sources: SOURCES,
    read: |body| Ok(Box::new(body.section::<IamGroup>(CONFIGURATION)?)),
    build,
    ..Mapping::BASE
};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct IamGroup {
    #[serde(default, deserialize_with = "json::some_many")]
    group_policy_list: Option<Vec<Inline>>,
    #[serde(default, deserialize_with = "json::some_many")]
    attached_managed_policies: Option<Vec<Attached>>,
}

fn build(group: &Group<'_>) -> Built {
    let Found::Read(piece, Some(native)) = group.native::<Option<IamGroup>>() else {
        return Built::unknown(Gap::with(Reason::NotRead, "configuration"));
    };
    let lists = Lists {
        inline: ("groupPolicyList", &native.group_policy_list),
        attached: &native.attached_managed_policies,
        // Groups have none.
        boundary: &None,
    };
    let (mut drafts, missing) = iam_rights::drafts(&lists, group);
    let grants = iam_rights::listed(&mut drafts, missing);
    iam_rights::noted(Built::new(&IdentityGroup { grants }), &drafts, piece)
}
