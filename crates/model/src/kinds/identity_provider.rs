//! `identity.provider`: a source of identities from outside that is trusted.

use schemars::JsonSchema;
use serde::Serialize;

use super::trust::Trust;
use crate::fact::Fact;

/// Attributes of `identity.provider`: a provider of a workload identity pool of Google Cloud.
#[derive(Debug, Clone, PartialEq, Default, Serialize, JsonSchema)]
#[schemars(default)]
pub struct IdentityProvider {
    /// Whose identities it lets in: one element, none of a provider that is switched off. What they may do then is
    /// granted elsewhere.
    pub trust: Fact<Vec<Trust>>,
}
