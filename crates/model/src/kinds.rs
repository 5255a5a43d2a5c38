//! Attributes by kind: what a policy reads under `input.resource.attributes`.
//!
//! Source of the groups and of each cloud's paths: the providers' resource schemas, read 2026-11-23; each
//! mapping names its own. An attribute that only some clouds have carries `x-providers` in its schema.

mod account_scope;
mod container_registry;
mod crypto_key;
mod messaging;
mod network_firewall;
mod secret_secret;
mod secret_store;
mod shapes;
mod storage_bucket;

pub use account_scope::{AccountScope, StorageGuards};
pub use container_registry::ContainerRegistry;
pub use crypto_key::{CryptoKey, KeyRotation, KeyState};
pub use messaging::Messaging;
pub use network_firewall::{Action, Direction, Exposure, Family, NetworkFirewall, Peer, Rule};
pub use secret_secret::{SecretRotation, SecretSecret};
pub use secret_store::SecretStore;
pub use shapes::{
    Encryption, KeyKind, Logging, NetworkScope, PublicAction, PublicGrant, PublicGrants, PublicPrincipal, PublicVia,
    TlsVersion,
};
pub use storage_bucket::{
    Grant, GrantAccess, GrantVia, Guard, PublicAccess, Retention, SoftDelete, StorageBucket, Tls, Versioning,
};
