//! `crypto.key`: a key of a key management service.

use schemars::JsonSchema;
use serde::Serialize;

use super::shapes::{KeyKind, PublicGrants};
use crate::fact::Fact;

/// Attributes of `crypto.key`: a KMS key, a key of a key vault, a Cloud KMS key.
#[derive(Debug, Clone, PartialEq, Default, Serialize, JsonSchema)]
#[schemars(default)]
pub struct CryptoKey {
    /// Who manages it.
    pub manager: Fact<KeyKind>,
    /// Whether it can be used; of a key with versions, whether the one that encrypts can.
    pub state: Fact<KeyState>,
    /// The provider makes new key material by itself.
    pub rotation: KeyRotation,
    /// It stops working at a date.
    #[schemars(extend("x-providers" = ["azure"]))]
    pub expires: Fact<bool>,
    /// Grants to the public. A key vault has none: every request bears a token of the vault's own tenant.
    #[schemars(extend("x-providers" = ["aws", "gcp"]))]
    pub public_access: PublicGrants,
}

/// Whether a key can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum KeyState {
    /// It can.
    Enabled,
    /// It cannot until somebody enables it.
    Disabled,
    /// It is deleted, or will be at a set time.
    PendingDeletion,
    /// It has no key material, or its key store cannot be reached.
    Unavailable,
}

/// The provider makes new key material by itself.
#[derive(Debug, Clone, PartialEq, Default, Serialize, JsonSchema)]
#[schemars(default)]
pub struct KeyRotation {
    /// The customer can have the provider do so, which depends on the key's type and origin.
    pub supported: Fact<bool>,
    /// It does.
    pub enabled: Fact<bool>,
    /// How often, in whole days.
    pub period_days: Fact<u32>,
}
