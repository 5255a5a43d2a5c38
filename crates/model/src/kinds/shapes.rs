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
