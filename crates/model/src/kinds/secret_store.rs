//! `secret.store`: a vault of secrets and keys.

use schemars::JsonSchema;
use serde::Serialize;

use super::shapes::NetworkScope;
use crate::fact::Fact;

/// Attributes of `secret.store`: a key vault.
#[derive(Debug, Clone, PartialEq, Default, Serialize, JsonSchema)]
#[schemars(default)]
pub struct SecretStore {
    /// What was deleted cannot be removed for good before its time is up, not even by an administrator.
    #[schemars(extend("x-providers" = ["azure"]))]
    pub purge_protection: Fact<bool>,
    /// What was deleted can be brought back for some days.
    #[schemars(extend("x-providers" = ["azure"]))]
    pub soft_delete: Fact<bool>,
    /// Rights come from role assignments, not from access policies of the vault.
    #[schemars(extend("x-providers" = ["azure"]))]
    pub rbac: Fact<bool>,
    /// Networks from which requests are accepted.
    #[schemars(extend("x-providers" = ["azure"]))]
    pub network: Fact<NetworkScope>,
}
