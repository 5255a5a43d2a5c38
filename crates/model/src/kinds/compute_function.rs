//! `compute.function`: code that the provider runs on request.

use schemars::JsonSchema;
use serde::Serialize;

use super::shapes::{Encryption, NetworkScope, PublicPrincipal, TlsVersion};
use crate::fact::Fact;

/// Attributes of `compute.function`: a Lambda function, an App Service site, a Cloud Run function or service.
#[derive(Debug, Clone, PartialEq, Default, Serialize, JsonSchema)]
#[schemars(default)]
pub struct ComputeFunction {
    /// Language and version as the provider writes them (`python3.13`, `nodejs22.x`, `NODE|22`); absent of containers.
    pub runtime: Fact<String>,
    /// Encryption of the environment variables (AWS) or of code and images (Google).
    #[schemars(extend("x-providers" = ["aws", "gcp"]))]
    pub encryption: Encryption,
    /// Who may call it.
    pub invocation: Invocation,
    /// Encryption in transit.
    #[schemars(extend("x-providers" = ["azure"]))]
    pub tls: FunctionTls,
}

/// Who may call a function.
#[derive(Debug, Clone, PartialEq, Default, Serialize, JsonSchema)]
#[schemars(default)]
pub struct Invocation {
    /// Networks from which requests are accepted.
    #[schemars(extend("x-providers" = ["gcp"]))]
    pub network: Fact<NetworkScope>,
    /// Grants of the right to call to everyone or to anyone with an account of that cloud; others are left out.
    #[schemars(extend("x-providers" = ["aws", "gcp"]))]
    pub grants: Fact<Vec<InvokeGrant>>,
}

/// One grant of the right to call.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct InvokeGrant {
    /// To whom.
    pub principal: PublicPrincipal,
    /// The statement's Sid, or the role.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// More than calling it is granted: changing its code or its permissions.
    pub admin: bool,
    /// No condition and no network setting keeps the internet out.
    #[schemars(default)]
    pub effective: Fact<bool>,
}

/// Encryption in transit.
#[derive(Debug, Clone, PartialEq, Default, Serialize, JsonSchema)]
#[schemars(default)]
pub struct FunctionTls {
    /// Requests without TLS are refused or sent to HTTPS.
    pub required: Fact<bool>,
    /// The oldest version accepted.
    pub min_version: Fact<TlsVersion>,
}
