//! `Microsoft.Authorization/roleAssignments` → `identity.binding`.
//!
//! An assignment names its role by id: of the built-in roles that matter here it is known what they allow, of any other
//! the definition says it. Owner of less than a subscription is no full administration. Source: Azure REST API reference
//! `Role Assignments - Get`, "Azure built-in roles", "Understand scope for Azure RBAC", read 2026-11-25.

use nephoscope_model::kinds::{IdentityBinding, RightsGrant, RightsVia};
use nephoscope_model::{Fact, Gap, Reason};
use serde::Deserialize;

use super::{ARM, PROPERTIES, whole_before};
use crate::group::{Built, Found, Group};
use crate::json::Text;
use crate::mapping::{Absence, Mapping, Source, source};

const SOURCES: &[Source] = &[
    source("/grants", "/properties/roleDefinitionId", Absence::Unknown),
    source("/grants", "/properties/principalId", Absence::Absent),
    source("/grants", "/properties/condition", Absence::Absent),
    source("/principal_type", "/properties/principalType", Absence::Absent),
    // Without it, the assignment's own id says it.
    source("/scope", "/properties/scope", Absence::Absent),
];

pub(crate) const MAPPING: Mapping = Mapping {
    dialects: ARM,
    native_type: "Microsoft.Authorization/roleAssignments",
    kind: "identity.binding",
    sources: SOURCES,
    read: |body| Ok(Box::new(body.section::<RoleAssignment>(PROPERTIES)?)),
    build,
    ..Mapping::BASE
};

/// Built-in roles by id: name, and whether they allow everything. User Access Administrator and Role Based Access Control
/// Administrator can assign Owner to their holder, but are not that yet. Source: "Azure built-in roles", privileged and
/// general.
const ROLES: &[(&str, &str, bool)] = &[
    ("8e3af657-a8ff-443c-a75c-2fe8c4bcb635", "Owner", true),
    ("b24988ac-6180-42a0-ab88-20f7382dd24c", "Contributor", false),
    (
        "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9",
        "User Access Administrator",
        false,
    ),
    (
        "f58310d9-a9f6-439a-9e8d-f62e7b41a168",
        "Role Based Access Control Administrator",
        false,
    ),
    ("acdd72a7-3385-48ef-bd42-f606fba81ae7", "Reader", false),
];

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct RoleAssignment {
    #[serde(default)]
    role_definition_id: Text,
    #[serde(default)]
    principal_id: Text,
    #[serde(default)]
    principal_type: Text,
    #[serde(default)]
    scope: Text,
    #[serde(default)]
    condition: Text,
}

fn build(group: &Group<'_>) -> Built {
    let Found::Read(piece, Some(native)) = group.native::<Option<RoleAssignment>>() else {
        return Built::unknown(Gap::with(Reason::NotRead, "properties"));
    };
    let id = &group.main.resource.id;
    let scope = (native.scope.clone().take()).or_else(|| {
        let above = whole_before(id, "/providers/microsoft.authorization/roleassignments/");
        // The root of the tenant is the empty path before it.
        (above.into_iter().next()).map(|scope| if scope.is_empty() { "/".to_owned() } else { scope })
    });
    let definition = native.role_definition_id.clone().take();
    let role = definition.as_deref().and_then(|path| path.rsplit('/').next());
    let known = role.and_then(|role| ROLES.iter().find(|(id, _, _)| id.eq_ignore_ascii_case(role)));
    let conditional = native.condition.0.as_deref().is_some_and(|text| !text.is_empty());
    let full_admin = match (known, &definition) {
        (Some((_, _, false)), _) => Fact::Known(false),
        _ if conditional || scope.as_deref().is_some_and(|scope| !is_wide(scope)) => Fact::Known(false),
        (Some(_), _) if scope.is_some() => Fact::Known(true),
        (Some(_), _) => Fact::Unknown(Gap::with(Reason::NotRead, format!("scope of {id}"))),
        (None, Some(definition)) => Fact::Unknown(Gap::with(Reason::NotRead, definition.clone())),
        (None, None) => Fact::Unknown(Gap::with(Reason::NotRead, format!("roleDefinitionId of {id}"))),
    };
    let name = known.map(|(_, name, _)| (*name).to_owned());
    let mut built = Built::new(&IdentityBinding {
        grants: Fact::Known(vec![RightsGrant {
            name: name.or(definition).unwrap_or_default(),
            via: RightsVia::Assigned,
            principal: native.principal_id.clone().take(),
            full_admin,
        }]),
        principal_type: native.principal_type.clone().take().into(),
        scope: scope.into(),
    });
    built.from("/grants/0", piece, "/properties/roleDefinitionId");
    built
}

/// Returns whether a scope is a subscription or what holds subscriptions: a management group, or the root.
fn is_wide(scope: &str) -> bool {
    let segments: Vec<String> = (scope.split('/'))
        .filter(|segment| !segment.is_empty())
        .map(str::to_ascii_lowercase)
        .collect();
    let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    matches!(
        segments.as_slice(),
        [] | ["subscriptions", _] | ["providers", "microsoft.management", "managementgroups", _]
    )
}
