//! Attributes by kind: what a policy reads under `input.resource.attributes`.
//!
//! Source of the groups and of each cloud's paths: the providers' resource schemas, read 2026-11-23; each
//! mapping names its own. An attribute that only some clouds have carries `x-providers` in its schema.

mod account_scope;
mod database_sql;
mod network_firewall;
mod shapes;
mod storage_bucket;

pub use account_scope::{AccountScope, StorageGuards};
pub use database_sql::{AllowedNetwork, Backup, DatabaseNetwork, DatabaseSql, DatabaseTls, Engine, SignIn};
pub use network_firewall::{Action, Direction, Exposure, Family, NetworkFirewall, Peer, Rule};
pub use shapes::{Encryption, KeyKind, Logging, NetworkScope, PublicPrincipal, TlsVersion};
pub use storage_bucket::{
    Grant, GrantAccess, GrantVia, Guard, PublicAccess, Retention, SoftDelete, StorageBucket, Tls, Versioning,
};
