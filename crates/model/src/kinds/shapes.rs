//! Shapes that attributes of several kinds share.

use schemars::JsonSchema;
use serde::Serialize;

use crate::fact::Fact;

/// Encryption at rest.
#[derive(Debug, Clone, PartialEq, Default, Serialize, JsonSchema)]
#[schemars(default)]
pub struct Encryption {
    /// What is written is encrypted, of object storage by default.
    pub enabled: Fact<bool>,
    /// Who manages the key of what is written.
    pub key_kind: Fact<KeyKind>,
    /// The customer's key as the provider writes it.
    pub key_id: Fact<String>,
}

/// Who manages a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum KeyKind {
    /// Owned and used by the provider alone, or one the provider made in the customer's account (`aws/s3`).
    Provider,
    /// Created, controlled and revocable by the customer.
    Customer,
}

/// A role that one member has on a resource, by the resource's own IAM policy.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct MemberGrant {
    /// The role: `roles/viewer`.
    pub name: String,
    /// The member as the provider writes it: `user:a@example.com`, `allUsers`.
    pub principal: String,
    /// What the member is.
    pub member: MemberKind,
    /// The public that the member is; unknown where a condition on the time may have run out.
    #[schemars(default)]
    pub public: Fact<PublicPrincipal>,
    /// The domain of the member's address, or the member itself, in lower case.
    #[schemars(default)]
    pub domain: Fact<String>,
    /// The member is the service agent by which Google's APIs act in a project, and which needs its role there.
    pub service_agent: bool,
    /// Everything on everything below the resource, without condition.
    #[schemars(default)]
    pub full_admin: Fact<bool>,
}

/// What a member of a binding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MemberKind {
    /// Everyone, or anybody with an account of that cloud.
    Public,
    /// A person.
    User,
    /// A group.
    Group,
    /// All of a domain.
    Domain,
    /// A service account.
    ServiceAccount,
    /// Anything else, such as identities of a federation.
    Other,
}

/// Networks from which requests are accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum NetworkScope {
    /// Every network.
    Any,
    /// Listed networks and addresses.
    Selected,
    /// Private endpoints only.
    Private,
}

/// The public.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PublicPrincipal {
    /// Everyone on the internet, without credentials.
    Everyone,
    /// Anybody with an account of that cloud.
    AnyAuthenticated,
}

/// Grants to the public by policies and bindings of the resource itself.
#[derive(Debug, Clone, PartialEq, Default, Serialize, JsonSchema)]
#[schemars(default)]
pub struct PublicGrants {
    /// Grants to everyone or to anyone with an account of that cloud; others are left out.
    pub grants: Fact<Vec<PublicGrant>>,
}

/// One grant to the public.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct PublicGrant {
    /// To whom.
    pub principal: PublicPrincipal,
    /// What it allows, at its strongest.
    pub access: PublicAction,
    /// By which mechanism.
    pub via: PublicVia,
    /// The mechanism's own name for it: a statement's Sid, a role, a switch.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Nothing else of the resource, nor the grant's own condition, overrides it.
    #[schemars(default)]
    pub effective: Fact<bool>,
}

/// What a grant to the public allows, at its strongest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PublicAction {
    /// See that it is there, or how it is configured.
    Inspect,
    /// Read what it holds.
    Read,
    /// Use it: encrypt, decrypt or sign.
    Use,
    /// Add to, change or delete what it holds.
    Write,
    /// Change who may do what, delete it, or everything.
    Admin,
}

/// The mechanism of a grant to the public.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PublicVia {
    /// A resource policy document.
    Policy,
    /// An IAM binding.
    Iam,
    /// A switch of the resource.
    Switch,
}

/// A log of requests.
#[derive(Debug, Clone, PartialEq, Default, Serialize, JsonSchema)]
#[schemars(default)]
pub struct Logging {
    /// Requests are logged.
    pub enabled: Fact<bool>,
    /// Where to.
    pub target: Fact<String>,
}

/// Where clients come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Scheme {
    /// The internet.
    Internet,
    /// A private network alone.
    Internal,
}

/// Encryption between clients and an endpoint.
#[derive(Debug, Clone, PartialEq, Default, Serialize, JsonSchema)]
#[schemars(default)]
pub struct EndpointTls {
    /// Requests without TLS are refused or sent to HTTPS.
    pub required: Fact<bool>,
    /// The oldest version accepted; `TLS1_0` where SSL is accepted as well.
    pub min_version: Fact<TlsVersion>,
}

/// A web application firewall in front of an endpoint.
#[derive(Debug, Clone, PartialEq, Default, Serialize, JsonSchema)]
#[schemars(default)]
pub struct Waf {
    /// One is attached; what it lets pass stands in its own resource. Absent where the type of endpoint cannot have one.
    pub attached: Fact<bool>,
    /// Its id as the endpoint names it.
    pub id: Fact<String>,
}

/// Rights that one policy or role gives.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct RightsGrant {
    /// The policy or role as the provider names it.
    pub name: String,
    /// How it comes to give them.
    pub via: RightsVia,
    /// To whom, where that is not the resource itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub principal: Option<String>,
    /// Everything on everything, without condition: every action, or all but some that leave managing rights in. What
    /// another statement denies, and what an organization forbids, is not taken away.
    #[schemars(default)]
    pub full_admin: Fact<bool>,
}

/// How a policy or role comes to give rights.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RightsVia {
    /// It is written into the identity.
    Inline,
    /// It is a resource of its own that is attached to the identity.
    Attached,
    /// The resource is the policy or role itself.
    Itself,
    /// The resource assigns it.
    Assigned,
}

/// A version of TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub enum TlsVersion {
    /// 1.0
    #[serde(rename = "TLS1_0")]
    Tls10,
    /// 1.1
    #[serde(rename = "TLS1_1")]
    Tls11,
    /// 1.2
    #[serde(rename = "TLS1_2")]
    Tls12,
    /// 1.3
    #[serde(rename = "TLS1_3")]
    Tls13,
}
