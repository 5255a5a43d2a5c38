//! `identity.role`: rights under a name, which others assume or are assigned.

use schemars::JsonSchema;
use serde::Serialize;

use super::shapes::RightsGrant;
use super::trust::Trust;
use crate::fact::Fact;

/// Attributes of `identity.role`: an IAM role, a role definition of Azure, a custom role of Google Cloud.
#[derive(Debug, Clone, PartialEq, Default, Serialize, JsonSchema)]
#[schemars(default)]
pub struct IdentityRole {
    /// What the customer lets the role do; nothing for a role that the provider defines for everyone.
    pub grants: Fact<Vec<RightsGrant>>,
    /// Who may assume it, by its trust policy.
    #[schemars(extend("x-providers" = ["aws"]))]
    pub trust: Fact<Vec<Trust>>,
    /// The permissions it includes, as the provider writes them.
    #[schemars(extend("x-providers" = ["gcp"]))]
    pub permissions: Fact<Vec<String>>,
}
