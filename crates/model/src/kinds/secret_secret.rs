//! `secret.secret`: one secret, never its value.

use schemars::JsonSchema;
use serde::Serialize;

use super::shapes::PublicGrants;
use crate::fact::Fact;

/// Attributes of `secret.secret`: a secret of Secrets Manager, of a key vault, of Secret Manager.
#[derive(Debug, Clone, PartialEq, Default, Serialize, JsonSchema)]
#[schemars(default)]
pub struct SecretSecret {
    /// The secret is changed, or its owner is told to change it, on a schedule.
    #[schemars(extend("x-providers" = ["aws", "gcp"]))]
    pub rotation: SecretRotation,
    /// It stops working at a date.
    #[schemars(extend("x-providers" = ["azure"]))]
    pub expires: Fact<bool>,
    /// Grants to the public. A key vault has none: every request bears a token of the vault's own tenant.
    #[schemars(extend("x-providers" = ["aws", "gcp"]))]
    pub public_access: PublicGrants,
}

/// The secret is changed, or its owner is told to change it, on a schedule.
#[derive(Debug, Clone, PartialEq, Default, Serialize, JsonSchema)]
#[schemars(default)]
pub struct SecretRotation {
    /// There is a schedule.
    pub enabled: Fact<bool>,
    /// How often, in whole days.
    pub period_days: Fact<u32>,
}
