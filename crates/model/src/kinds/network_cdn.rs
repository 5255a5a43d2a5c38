//! `network.cdn`: content delivery networks.

use schemars::JsonSchema;
use serde::Serialize;

use super::shapes::{EndpointTls, Logging, Scheme, Waf};
use crate::fact::Fact;

/// Attributes of `network.cdn`: a CloudFront distribution, an endpoint of Azure CDN.
#[derive(Debug, Clone, PartialEq, Default, Serialize, JsonSchema)]
#[schemars(default)]
pub struct NetworkCdn {
    /// Where viewers come from: the internet.
    pub scheme: Fact<Scheme>,
    /// Encryption between viewers and the network.
    pub tls: EndpointTls,
    /// Where the content comes from, sorted by name.
    #[schemars(extend("x-providers" = ["aws"]))]
    pub origins: Fact<Vec<CdnOrigin>>,
    /// Access log.
    pub logging: Logging,
    /// The web application firewall in front of it.
    pub waf: Waf,
}

/// One place from which content comes.
#[derive(Debug, Clone, PartialEq, Default, Serialize, JsonSchema)]
#[schemars(default)]
pub struct CdnOrigin {
    /// What the distribution calls it.
    pub name: Fact<String>,
    /// Content is fetched over plain HTTP, always or when the viewer asked so; absent of the provider's own storage.
    pub plain_http: Fact<bool>,
}
