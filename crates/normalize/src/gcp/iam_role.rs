//! `iam.googleapis.com/Role`, a custom role → `identity.role`.
//!
//! Google's own roles are no assets. A custom role lists single permissions, and not every permission can be listed, so
//! that none lets its members do everything. Source: IAM API `projects.roles`, "Create and manage custom roles", read
//! 2026-11-25.

use nephoscope_model::Fact;
use nephoscope_model::kinds::{IdentityRole, RightsGrant, RightsVia};
use serde::Deserialize;

use super::{CAI, DATA};
use crate::group::{Built, Found, Group};
use crate::json::{self, Text};
use crate::mapping::{Absence, Mapping, Source, source};

const SOURCES: &[Source] = &[source(
    "/permissions",
    "/resource/data/includedPermissions",
    Absence::Default("[]"),
)];

pub(crate) const MAPPING: Mapping = Mapping {
    dialects: CAI,
    native_type: "iam.googleapis.com/Role",
    kind: "identity.role",
    sources: SOURCES,
    read: |body| Ok(Box::new(body.section::<CustomRole>(DATA)?)),
    build,
    ..Mapping::BASE
};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct CustomRole {
    #[serde(default)]
    title: Text,
    #[serde(default, deserialize_with = "json::many")]
    included_permissions: Vec<String>,
}

fn build(group: &Group<'_>) -> Built {
    let Found::Read(piece, Some(native)) = group.native::<Option<CustomRole>>() else {
        return Built::unknown(group.not_read("resource"));
    };
    let mut permissions = native.included_permissions.clone();
    permissions.sort();
    permissions.dedup();
    let mut built = Built::new(&IdentityRole {
        grants: Fact::Known(vec![RightsGrant {
            name: group.main.resource.name.clone(),
            via: RightsVia::Itself,
            principal: None,
            full_admin: Fact::Known(false),
        }]),
        trust: Fact::Absent,
        permissions: Fact::Known(permissions),
    });
    built.from("/grants/0", piece, DATA);
    built.name = native.title.clone().take();
    built
}
