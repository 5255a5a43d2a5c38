//! `identity.group`: a set of users with rights of its own.

use schemars::JsonSchema;
use serde::Serialize;

use super::shapes::RightsGrant;
use crate::fact::Fact;

/// Attributes of `identity.group`: an IAM group.
#[derive(Debug, Clone, PartialEq, Default, Serialize, JsonSchema)]
#[schemars(default)]
pub struct IdentityGroup {
    /// Policies of the group: inline ones and attached ones.
    pub grants: Fact<Vec<RightsGrant>>,
}
