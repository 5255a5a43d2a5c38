//! `identity.access_key`: a long-lived credential of an identity.

use schemars::JsonSchema;
use serde::Serialize;

use crate::fact::Fact;

/// Attributes of `identity.access_key`: a key of a service account.
#[derive(Debug, Clone, PartialEq, Default, Serialize, JsonSchema)]
#[schemars(default)]
pub struct IdentityAccessKey {
    /// Who made it, and has to rotate it.
    pub managed_by: Fact<KeyManager>,
    /// It can be used to sign in, as far as its own switch goes.
    pub enabled: Fact<bool>,
    /// From when it is valid, which is when it was made: RFC 3339, UTC.
    pub valid_after: Fact<String>,
    /// Until when it is valid: RFC 3339, UTC; absent where it does not expire.
    pub valid_before: Fact<String>,
}

/// Who made a credential, and has to rotate it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum KeyManager {
    /// The customer, who holds the private half.
    Customer,
    /// The provider, which never gives the private half away.
    Provider,
}
