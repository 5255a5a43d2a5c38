//! `storage.bucket`: object storage.

use schemars::JsonSchema;
use serde::Serialize;

use super::shapes::{Encryption, Logging, NetworkScope, PublicPrincipal, TlsVersion};
use crate::fact::Fact;

/// Attributes of `storage.bucket`: an S3 bucket, a storage account with its blob service and containers, a Cloud Storage bucket.
#[derive(Debug, Clone, PartialEq, Default, Serialize, JsonSchema)]
#[schemars(default)]
pub struct StorageBucket {
    /// Encryption at rest.
    pub encryption: Encryption,
    /// Older versions of objects are kept.
    pub versioning: Versioning,
    /// Deleted objects can be brought back for some days.
    pub soft_delete: SoftDelete,
    /// Who outside the organization can reach it.
    pub public_access: PublicAccess,
    /// Access log.
    pub logging: Logging,
    /// Encryption in transit.
    pub tls: Tls,
    /// Objects cannot be deleted or overwritten for some time.
    pub retention: Retention,
    /// Requests signed with the account's shared keys are accepted.
    #[schemars(extend("x-providers" = ["azure"]))]
    pub shared_keys: Fact<bool>,
}

/// Older versions of objects are kept.
#[derive(Debug, Clone, PartialEq, Default, Serialize, JsonSchema)]
#[schemars(default)]
pub struct Versioning {
    /// On for new objects; suspended is false.
    pub enabled: Fact<bool>,
    /// Deleting a version takes a second factor.
    #[schemars(extend("x-providers" = ["aws"]))]
    pub mfa_delete: Fact<bool>,
}

/// Deleted objects can be brought back. S3 has none: known false.
#[derive(Debug, Clone, PartialEq, Default, Serialize, JsonSchema)]
#[schemars(default)]
pub struct SoftDelete {
    /// On.
    pub enabled: Fact<bool>,
    /// For how long, in whole days.
    pub days: Fact<u32>,
}

/// Who outside the organization can reach the objects.
#[derive(Debug, Clone, PartialEq, Default, Serialize, JsonSchema)]
#[schemars(default)]
pub struct PublicAccess {
    /// The switch that keeps the public out whatever is granted, of the bucket and its account together.
    pub guard: Fact<Guard>,
    /// Networks from which requests are accepted.
    #[schemars(extend("x-providers" = ["azure"]))]
    pub network: Fact<NetworkScope>,
    /// Grants to everyone or to anyone with an account of that cloud; others are left out.
    pub grants: Fact<Vec<Grant>>,
}

/// State of the switch that keeps the public out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Guard {
    /// Nothing public can take effect.
    On,
    /// Some ways are shut (one to three of S3's four settings).
    Partial,
    /// No way is shut.
    Off,
}

/// One grant to the public.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Grant {
    /// To whom.
    pub principal: PublicPrincipal,
    /// What it allows, at its strongest.
    pub access: GrantAccess,
    /// By which mechanism.
    pub via: GrantVia,
    /// The mechanism's own name for it: an ACL permission, a statement's Sid, a role, a container.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// No guard of the bucket, its account or the grant's own condition overrides it.
    #[schemars(default)]
    pub effective: Fact<bool>,
}

/// What a grant allows, at its strongest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum GrantAccess {
    /// List names, or read the bucket's configuration.
    List,
    /// Read objects.
    Read,
    /// Change or delete objects.
    Write,
    /// Change permissions, or everything.
    Admin,
}

/// The mechanism of a grant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum GrantVia {
    /// An access control list.
    Acl,
    /// A resource policy document.
    Policy,
    /// An IAM binding.
    Iam,
    /// A container's public access level.
    Container,
}

/// Encryption in transit.
#[derive(Debug, Clone, PartialEq, Default, Serialize, JsonSchema)]
#[schemars(default)]
pub struct Tls {
    /// Requests without TLS are refused. Cloud Storage's XML API accepts them unless the organization policy
    /// `constraints/storage.secureHttpTransport` is enforced, which no document of a bucket shows: unknown there.
    pub required: Fact<bool>,
    /// The oldest version accepted.
    #[schemars(extend("x-providers" = ["azure"]))]
    pub min_version: Fact<TlsVersion>,
}

/// Objects cannot be deleted or overwritten for some time.
#[derive(Debug, Clone, PartialEq, Default, Serialize, JsonSchema)]
#[schemars(default)]
pub struct Retention {
    /// A default retention is set or the immutability feature is on.
    pub enabled: Fact<bool>,
    /// Nobody can shorten it.
    pub locked: Fact<bool>,
    /// For how long, in whole days.
    pub days: Fact<u32>,
}
