//! Attributes by kind: what a policy reads under `input.resource.attributes`.
//!
//! Source of the groups and of each cloud's paths: the providers' resource schemas, read 2026-11-23; each
//! mapping names its own. An attribute that only some clouds have carries `x-providers` in its schema.

mod account_scope;
mod api_gateway;
mod network_cdn;
mod network_firewall;
mod network_load_balancer;
mod shapes;
mod storage_bucket;

pub use account_scope::{AccountScope, StorageGuards};
pub use api_gateway::ApiGateway;
pub use network_cdn::{CdnOrigin, NetworkCdn};
pub use network_firewall::{Action, Direction, Exposure, Family, NetworkFirewall, Peer, Rule};
pub use network_load_balancer::{Listener, NetworkLoadBalancer};
pub use shapes::{Encryption, EndpointTls, KeyKind, Logging, NetworkScope, PublicPrincipal, Scheme, TlsVersion, Waf};
pub use storage_bucket::{
    Grant, GrantAccess, GrantVia, Guard, PublicAccess, Retention, SoftDelete, StorageBucket, Tls, Versioning,
};
