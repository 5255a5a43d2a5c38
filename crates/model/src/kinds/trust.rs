//! Trust in identities from outside, as roles and providers of identities have it.

use schemars::JsonSchema;
use serde::Serialize;

use crate::fact::Fact;

/// A principal that is let in from outside: by the trust policy of a role, or by a provider of identities.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Trust {
    /// As it is written; `*` for everyone, also where everyone but some is written.
    pub principal: String,
    /// What it is, seen from what trusts it.
    #[schemars(default)]
    pub origin: Fact<TrustOrigin>,
    /// The account that it belongs to.
    #[schemars(default)]
    pub account: Fact<String>,
    /// The strongest condition that every request has to meet.
    #[schemars(default)]
    pub narrowing: Fact<Narrowing>,
    /// Of an issuer of OpenID Connect tokens, whose tokens let in.
    #[schemars(default)]
    pub subjects: Fact<Subjects>,
}

/// What a trusted principal is, seen from what trusts it.
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
    /// An identity provider (OIDC, SAML).
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

/// Whose tokens of an issuer let in, the most first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Subjects {
    /// Anybody's who has an account with an issuer that serves many customers.
    Anybody,
    /// Those of every identity of an issuer that serves one customer.
    WholeIssuer,
    /// Those that a condition picks, of one customer.
    Selected,
}
