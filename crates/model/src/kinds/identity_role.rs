//! `identity.role`: rights under a name, which others assume or are assigned.

use schemars::JsonSchema;
use serde::Serialize;

use super::shapes::RightsGrant;
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

/// A principal that a trust policy lets assume the role.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Trust {
    /// As the trust policy writes it; `*` for everyone, also where everyone but some is written.
    pub principal: String,
    /// What it is, seen from the role.
    #[schemars(default)]
    pub origin: Fact<TrustOrigin>,
    /// The account that it belongs to.
    #[schemars(default)]
    pub account: Fact<String>,
    /// The strongest condition that every request has to meet.
    #[schemars(default)]
    pub narrowing: Fact<Narrowing>,
}

/// What a trusted principal is, seen from the role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TrustOrigin {
    /// Anybody with an account of that cloud.
    Everyone,
    /// An identity of the role's own account, or all of them.
    SameAccount,
    /// An identity of another account, or all of them.
    OtherAccount,
    /// A service of the provider.
    Service,
    /// An identity provider (OIDC, SAML); its conditions are not judged.
    Federated,
}

/// What a condition asks of whoever assumes a role, the weakest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Narrowing {
    /// Nothing that tells one caller from another.
    None,
    /// A second factor.
    Mfa,
    /// An external id that both sides agreed on.
    ExternalId,
    /// A fixed account, organization, principal or network.
    Fixed,
}
