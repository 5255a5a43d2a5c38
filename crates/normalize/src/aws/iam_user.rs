//! `AWS::IAM::User` → `identity.user`.
//!
//! Access keys, passwords and second factors are not in an item: only the credential report has them. Source: IAM API
//! Reference `UserDetail`, AWS Config resource schema, read 2026-11-25.

use nephoscope_model::kinds::IdentityUser;
use nephoscope_model::{Fact, Gap, Reason};
use serde::Deserialize;

use super::iam_rights::{self, Attached, Boundary, Inline, Lists};
use super::{CONFIG, CONFIGURATION};
use crate::group::{Built, Found, Group};
use crate::json;
use crate::mapping::{Absence, Mapping, Source, source};

const SOURCES: &[Source] = &[
    source("/grants", "/configuration/userPolicyList", Absence::Unknown),
    source("/grants", "/configuration/attachedManagedPolicies", Absence::Unknown),
    source("/grants", "/configuration/permissionsBoundary", Absence::Absent),
    source("/groups", "/configuration/groupList", Absence::Unknown),
];

pub(crate) const MAPPING: Mapping = Mapping {
    dialects: CONFIG,
    native_type: "AWS::IAM::User",
    kind: "identity.user",
    sources: SOURCES,
    read: |body| Ok(Box::new(body.section::<IamUser>(CONFIGURATION)?)),
    build,
    ..Mapping::BASE
};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct IamUser {
    #[serde(default, deserialize_with = "json::some_many")]
    user_policy_list: Option<Vec<Inline>>,
    #[serde(default, deserialize_with = "json::some_many")]
    attached_managed_policies: Option<Vec<Attached>>,
    #[serde(default)]
    permissions_boundary: Option<Boundary>,
    #[serde(default, deserialize_with = "json::some_many")]
    group_list: Option<Vec<String>>,
}

fn build(group: &Group<'_>) -> Built {
    let Found::Read(piece, Some(native)) = group.native::<Option<IamUser>>() else {
        return Built::unknown(Gap::with(Reason::NotRead, "configuration"));
    };
    let lists = Lists {
        inline: ("userPolicyList", &native.user_policy_list),
        attached: &native.attached_managed_policies,
        boundary: &native.permissions_boundary,
    };
    let (mut drafts, missing) = iam_rights::drafts(&lists, group);
    let built = Built::new(&IdentityUser {
        grants: iam_rights::listed(&mut drafts, missing),
        groups: match native.group_list.clone() {
            Some(mut groups) => {
                groups.sort();
                groups.dedup();
                Fact::Known(groups)
            }
            None => {
                let detail = format!("groupList of {}", group.main.resource.id);
                Fact::Unknown(Gap::with(Reason::NotRead, detail))
            }
        },
    });
    iam_rights::noted(built, &drafts, piece)
}
