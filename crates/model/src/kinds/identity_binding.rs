//! `identity.binding`: a role that a principal has at a scope.

use schemars::JsonSchema;
use serde::Serialize;

use super::shapes::RightsGrant;
use crate::fact::Fact;

/// Attributes of `identity.binding`: a role assignment of Azure. Bindings of Google Cloud stand at the resource that has them.
#[derive(Debug, Clone, PartialEq, Default, Serialize, JsonSchema)]
#[schemars(default)]
pub struct IdentityBinding {
    /// The role that is assigned; one element.
    pub grants: Fact<Vec<RightsGrant>>,
    /// To what the principal belongs: `User`, `Group`, `ServicePrincipal`, as the provider writes it.
    pub principal_type: Fact<String>,
    /// The id of what the role is assigned on; everything below it is meant as well.
    pub scope: Fact<String>,
}
