//! `api.gateway`: APIs behind a managed gateway.

use schemars::JsonSchema;
use serde::Serialize;

use super::shapes::{EndpointTls, Logging};

/// Attributes of `api.gateway`: a stage of Amazon API Gateway, an API Management service.
#[derive(Debug, Clone, PartialEq, Default, Serialize, JsonSchema)]
#[schemars(default)]
pub struct ApiGateway {
    /// Access log.
    pub logging: Logging,
    /// Encryption between clients and the gateway.
    #[schemars(extend("x-providers" = ["azure"]))]
    pub tls: EndpointTls,
}
