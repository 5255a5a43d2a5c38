//! `identity.policy`: a document of rights that identities share.

use schemars::JsonSchema;
use serde::Serialize;

use super::shapes::RightsGrant;
use crate::fact::Fact;

/// Attributes of `identity.policy`: a customer managed policy of IAM.
#[derive(Debug, Clone, PartialEq, Default, Serialize, JsonSchema)]
#[schemars(default)]
pub struct IdentityPolicy {
    /// What its default version gives to whom it is attached to; one element.
    pub grants: Fact<Vec<RightsGrant>>,
}
