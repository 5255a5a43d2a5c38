//! Attributes by kind: what a policy reads under `input.resource.attributes`.
//!
//! Source of the groups and of each cloud's paths: the providers' resource schemas, read 2026-11-23; each
//! mapping names its own. An attribute that only some clouds have carries `x-providers` in its schema.

mod account_scope;
mod api_gateway;
mod compute_disk;
mod compute_function;
mod compute_instance;
mod container_cluster;
mod container_registry;
mod crypto_key;
mod database_sql;
mod identity_access_key;
mod identity_binding;
mod identity_group;
mod identity_policy;
mod identity_provider;
mod identity_role;
mod identity_service_account;
mod identity_user;
mod log_audit_trail;
mod messaging;
mod network_cdn;
mod network_firewall;
mod network_load_balancer;
mod secret_secret;
mod secret_store;
mod shapes;
mod storage_bucket;
mod trust;

pub use account_scope::{AccountScope, StorageGuards};
pub use api_gateway::ApiGateway;
pub use compute_disk::ComputeDisk;
pub use compute_function::{ComputeFunction, FunctionTls, Invocation, InvokeGrant};
pub use compute_instance::{ComputeInstance, InstanceIdentity, MetadataService, PublicAddress};
pub use container_cluster::{ClusterEndpoint, ClusterLogs, ContainerCluster, KubernetesVersion, NodePool};
pub use container_registry::ContainerRegistry;
pub use crypto_key::{CryptoKey, KeyRotation, KeyState};
pub use database_sql::{AllowedNetwork, Backup, DatabaseNetwork, DatabaseSql, DatabaseTls, Engine, SignIn};
pub use identity_access_key::{IdentityAccessKey, KeyManager};
pub use identity_binding::IdentityBinding;
pub use identity_group::IdentityGroup;
pub use identity_policy::IdentityPolicy;
pub use identity_provider::IdentityProvider;
pub use identity_role::IdentityRole;
pub use identity_service_account::IdentityServiceAccount;
pub use identity_user::IdentityUser;
pub use log_audit_trail::{Exclusion, LogAuditTrail};
pub use messaging::Messaging;
pub use network_cdn::{CdnOrigin, NetworkCdn};
pub use network_firewall::{Action, Direction, Exposure, Family, NetworkFirewall, Peer, Rule};
pub use network_load_balancer::{Listener, NetworkLoadBalancer};
pub use secret_secret::{SecretRotation, SecretSecret};
pub use secret_store::SecretStore;
pub use shapes::{
    Encryption, EndpointTls, KeyKind, Logging, MemberGrant, MemberKind, NetworkScope, PublicAction, PublicGrant,
    PublicGrants, PublicPrincipal, PublicVia, RightsGrant, RightsVia, Scheme, TlsVersion, Waf,
};
pub use storage_bucket::{
    Grant, GrantAccess, GrantVia, Guard, PublicAccess, Retention, SoftDelete, StorageBucket, Tls, Versioning,
};
pub use trust::{Narrowing, Subjects, Trust, TrustOrigin};
