//! `Microsoft.Authorization/roleDefinitions` → `identity.role`.
//!
//! Only a custom role is what somebody of the customer's wrote; the built-in ones are the same for everyone, and who holds
//! them stands in role assignments. Source: Azure REST API reference `Role Definitions - Get`, "Understand Azure role
//! definitions", read 2026-11-25: wildcards in actions, comparison in any case, `NotActions` taken away from `Actions`.

use nephoscope_model::kinds::{IdentityRole, RightsGrant, RightsVia};
use nephoscope_model::{Fact, Gap, Reason};
use serde::Deserialize;

use super::{ARM, PROPERTIES};
use crate::group::{Built, Found, Group};
use crate::json::{self, Text};
use crate::mapping::{Absence, Mapping, Source, source};
use crate::wildcard::matches;

const SOURCES: &[Source] = &[
    source("/grants", "/properties/permissions", Absence::Unknown),
    source("/grants", "/properties/type", Absence::Unknown),
];

pub(crate) const MAPPING: Mapping = Mapping {
    dialects: ARM,
    native_type: "Microsoft.Authorization/roleDefinitions",
    kind: "identity.role",
    sources: SOURCES,
    read: |body| Ok(Box::new(body.section::<RoleDefinition>(PROPERTIES)?)),
    build,
    ..Mapping::BASE
};

/// Actions by which everything is told from less; the first one manages rights.
const ACTIONS: &[&str] = &[
    "Microsoft.Authorization/roleAssignments/write",
    "Microsoft.Compute/virtualMachines/delete",
    "Microsoft.Probe/probes/read",
];

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct RoleDefinition {
    #[serde(default)]
    role_name: Text,
    #[serde(default)]
    r#type: Text,
    #[serde(default, deserialize_with = "json::some_many")]
    permissions: Option<Vec<Permission>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Permission {
    #[serde(default, deserialize_with = "json::many")]
    actions: Vec<String>,
    #[serde(default, deserialize_with = "json::many")]
    not_actions: Vec<String>,
    #[serde(default)]
    condition: Text,
}

impl Permission {
    /// Returns whether it allows every action, or all but some that leave assigning roles in.
    fn allows_everything(&self) -> bool {
        let every = |pattern: &String| ACTIONS.iter().all(|action| matches(pattern, action));
        let managing = |pattern: &String| ACTIONS.first().is_some_and(|action| matches(pattern, action));
        let conditional = self.condition.0.as_deref().is_some_and(|text| !text.is_empty());
        self.actions.iter().any(every) && !self.not_actions.iter().any(managing) && !conditional
    }
}

fn build(group: &Group<'_>) -> Built {
    let Found::Read(piece, Some(native)) = group.native::<Option<RoleDefinition>>() else {
        return Built::unknown(Gap::with(Reason::NotRead, "properties"));
    };
    let name = native.role_name.clone().take();
    let not_read = |field: &str| Gap::with(Reason::NotRead, format!("{field} of {}", group.main.resource.id));
    let grants = match native.r#type.0.as_deref() {
        None => Fact::Unknown(not_read("properties.type")),
        Some(kind) if kind.eq_ignore_ascii_case("BuiltInRole") => Fact::Known(Vec::new()),
        Some(_) => Fact::Known(vec![RightsGrant {
            name: name.clone().unwrap_or_else(|| group.main.resource.name.clone()),
            via: RightsVia::Itself,
            principal: None,
            full_admin: match &native.permissions {
                Some(list) => Fact::Known(list.iter().any(Permission::allows_everything)),
                None => Fact::Unknown(not_read("properties.permissions")),
            },
        }]),
    };
    let there = grants.value().is_some_and(|grants| !grants.is_empty());
    let mut built = Built::new(&IdentityRole {
        grants,
        trust: Fact::Absent,
        permissions: Fact::Absent,
    });
    if there {
        built.from("/grants/0", piece, "/properties/permissions");
    }
    built.name = name;
    built
}
