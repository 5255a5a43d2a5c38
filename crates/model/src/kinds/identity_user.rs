//! `identity.user`: a person's or program's identity with credentials of its own.

use schemars::JsonSchema;
use serde::Serialize;

use super::shapes::RightsGrant;
use crate::fact::Fact;

/// Attributes of `identity.user`: an IAM user.
#[derive(Debug, Clone, PartialEq, Default, Serialize, JsonSchema)]
#[schemars(default)]
pub struct IdentityUser {
    /// Policies of the user itself, inline ones and attached ones; those of its groups stand at the groups.
    pub grants: Fact<Vec<RightsGrant>>,
    /// Names of the groups that it is a member of.
    pub groups: Fact<Vec<String>>,
}
