//! `network.load_balancer`: load balancers and their listeners.

use schemars::JsonSchema;
use serde::Serialize;

use super::shapes::{Logging, Scheme, TlsVersion, Waf};
use crate::fact::Fact;

/// Attributes of `network.load_balancer`: an Elastic Load Balancer with its listeners, an application gateway or load
/// balancer of Azure; of Google Cloud each forwarding rule, target proxy, TLS policy and backend service for itself. There
/// forwarding rules have the listeners, with what their proxies and URL maps say of them, and backend services the log and
/// the firewall.
#[derive(Debug, Clone, PartialEq, Default, Serialize, JsonSchema)]
#[schemars(default)]
pub struct NetworkLoadBalancer {
    /// Where clients come from.
    pub scheme: Fact<Scheme>,
    /// What it listens for, sorted by port, protocol and name.
    pub listeners: Fact<Vec<Listener>>,
    /// Access log; absent where the type of load balancer has none.
    pub logging: Logging,
    /// The web application firewall in front of it.
    pub waf: Waf,
}

/// One port and protocol on which connections are taken.
#[derive(Debug, Clone, PartialEq, Default, Serialize, JsonSchema)]
#[schemars(default)]
pub struct Listener {
    /// What the provider calls it.
    pub name: Fact<String>,
    /// `http`, `https`, `tcp`, `tls`, `udp` or another name in lower case.
    pub protocol: Fact<String>,
    /// The port; absent where it listens on several, or where only forwarding rules have ports.
    pub port: Fact<u16>,
    /// Of `http`: every request is answered by a redirect to HTTPS, unless a rule of its own says otherwise.
    pub redirects_to_https: Fact<bool>,
    /// Of `https` and `tls`: the policy that says which versions of TLS are accepted, as the provider names it.
    pub tls_policy: Fact<String>,
    /// Of `https` and `tls`: the oldest version accepted; `TLS1_0` where SSL is accepted as well.
    pub min_tls_version: Fact<TlsVersion>,
}
