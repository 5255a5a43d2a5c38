//! Kinds: the common types of resources, one row each.

use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Serialize};

use crate::kinds as attributes;

/// One row of the table of kinds.
#[derive(Debug)]
pub struct KindInfo {
    /// The name in policies and reports: `storage.bucket`.
    pub name: &'static str,
    /// One line on what it is.
    pub summary: &'static str,
    /// The schema of its attributes; `None` for a kind that has only its envelope.
    pub schema: Option<fn(&mut SchemaGenerator) -> Schema>,
}

impl KindInfo {
    /// Returns the name of the schema file and of `schema.<name>` in METADATA: `storage_bucket`.
    pub fn schema_name(&self) -> String {
        self.name.replace('.', "_")
    }
}

// Adding a kind is one file under kinds/ and one row here.
const KINDS: &[KindInfo] = &[
    KindInfo {
        name: "account.scope",
        summary: "An account, subscription, project, folder or organization",
        schema: Some(<attributes::AccountScope as JsonSchema>::json_schema),
    },
    KindInfo {
        name: "api.gateway",
        summary: "A published API: stage of an API gateway, API management service",
        schema: Some(<attributes::ApiGateway as JsonSchema>::json_schema),
    },
    KindInfo {
        name: "compute.disk",
        summary: "Block storage of virtual machines: volume, managed disk, persistent disk",
        schema: Some(<attributes::ComputeDisk as JsonSchema>::json_schema),
    },
    KindInfo {
        name: "compute.function",
        summary: "Code run on request: function, web app, serverless service",
        schema: Some(<attributes::ComputeFunction as JsonSchema>::json_schema),
    },
    KindInfo {
        name: "compute.instance",
        summary: "A virtual machine",
        schema: Some(<attributes::ComputeInstance as JsonSchema>::json_schema),
    },
    KindInfo {
        name: "container.cluster",
        summary: "Managed Kubernetes",
        schema: Some(<attributes::ContainerCluster as JsonSchema>::json_schema),
    },
    KindInfo {
        name: "container.registry",
        summary: "A registry or repository of container images",
        schema: Some(<attributes::ContainerRegistry as JsonSchema>::json_schema),
    },
    KindInfo {
        name: "crypto.key",
        summary: "A key of a key management service",
        schema: Some(<attributes::CryptoKey as JsonSchema>::json_schema),
    },
    KindInfo {
        name: "database.sql",
        summary: "A relational database server: RDS instance or cluster, Azure SQL or flexible server, Cloud SQL instance",
        schema: Some(<attributes::DatabaseSql as JsonSchema>::json_schema),
    },
    KindInfo {
        name: "identity.access_key",
        summary: "A long-lived credential: key of a service account",
        schema: Some(<attributes::IdentityAccessKey as JsonSchema>::json_schema),
    },
    KindInfo {
        name: "identity.binding",
        summary: "A role that a principal has at a scope: role assignment",
        schema: Some(<attributes::IdentityBinding as JsonSchema>::json_schema),
    },
    KindInfo {
        name: "identity.group",
        summary: "A group of users with rights of its own",
        schema: Some(<attributes::IdentityGroup as JsonSchema>::json_schema),
    },
    KindInfo {
        name: "identity.policy",
        summary: "A document of rights that identities share: managed policy",
        schema: Some(<attributes::IdentityPolicy as JsonSchema>::json_schema),
    },
    KindInfo {
        name: "identity.provider",
        summary: "A source of identities from outside that is trusted: provider of a workload identity pool",
        schema: Some(<attributes::IdentityProvider as JsonSchema>::json_schema),
    },
    KindInfo {
        name: "identity.role",
        summary: "Rights under a name: IAM role, role definition, custom role",
        schema: Some(<attributes::IdentityRole as JsonSchema>::json_schema),
    },
    KindInfo {
        name: "identity.service_account",
        summary: "An identity of workloads: service account",
        schema: Some(<attributes::IdentityServiceAccount as JsonSchema>::json_schema),
    },
    KindInfo {
        name: "identity.user",
        summary: "An identity with credentials of its own: IAM user",
        schema: Some(<attributes::IdentityUser as JsonSchema>::json_schema),
    },
    KindInfo {
        name: "log.audit_trail",
        summary: "The record of what was done in an account: trail, log sink",
        schema: Some(<attributes::LogAuditTrail as JsonSchema>::json_schema),
    },
    KindInfo {
        name: "messaging.queue",
        summary: "A queue, or a namespace of queues: messages wait for who fetches them",
        schema: Some(<attributes::Messaging as JsonSchema>::json_schema),
    },
    KindInfo {
        name: "messaging.topic",
        summary: "A topic: messages go to whoever subscribed",
        schema: Some(<attributes::Messaging as JsonSchema>::json_schema),
    },
    KindInfo {
        name: "network.cdn",
        summary: "A content delivery network: distribution, endpoint",
        schema: Some(<attributes::NetworkCdn as JsonSchema>::json_schema),
    },
    KindInfo {
        name: "network.firewall",
        summary: "A set of packet filter rules: security group, network security group, VPC firewall rule",
        schema: Some(<attributes::NetworkFirewall as JsonSchema>::json_schema),
    },
    KindInfo {
        name: "network.load_balancer",
        summary: "A load balancer, application gateway, or one of the resources that make up a load balancer of Google Cloud",
        schema: Some(<attributes::NetworkLoadBalancer as JsonSchema>::json_schema),
    },
    KindInfo {
        name: "secret.secret",
        summary: "A secret of a secret manager or vault, never its value",
        schema: Some(<attributes::SecretSecret as JsonSchema>::json_schema),
    },
    KindInfo {
        name: "secret.store",
        summary: "A vault that holds secrets and keys",
        schema: Some(<attributes::SecretStore as JsonSchema>::json_schema),
    },
    KindInfo {
        name: "storage.bucket",
        summary: "Object storage: bucket, storage account",
        schema: Some(<attributes::StorageBucket as JsonSchema>::json_schema),
    },
    KindInfo {
        name: "other",
        summary: "Any type without attributes of its own",
        schema: None,
    },
];

/// Returns every kind, sorted by name with `other` last.
pub fn kinds() -> &'static [KindInfo] {
    KINDS
}

/// A common type, by its row in the table of kinds.
#[derive(Clone, Copy)]
pub struct Kind(&'static KindInfo);

impl Kind {
    /// The kind of everything without attributes of its own.
    pub const OTHER: Kind = Kind(&OTHER);

    /// Returns the kind called `name`, if there is one.
    pub fn named(name: &str) -> Option<Kind> {
        KINDS.iter().find(|info| info.name == name).map(Kind)
    }

    /// Returns the name: `storage.bucket`.
    pub fn as_str(self) -> &'static str {
        self.0.name
    }

    /// Returns the row.
    pub fn info(self) -> &'static KindInfo {
        self.0
    }
}

static OTHER: KindInfo = KindInfo {
    name: "other",
    summary: "Any type without attributes of its own",
    schema: None,
};

impl PartialEq for Kind {
    fn eq(&self, other: &Self) -> bool {
        self.0.name == other.0.name
    }
}
impl Eq for Kind {}
impl PartialOrd for Kind {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Kind {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.name.cmp(other.0.name)
    }
}
impl std::hash::Hash for Kind {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.0.name.hash(state);
    }
}
impl fmt::Debug for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.name)
    }
}
impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.name)
    }
}
impl Serialize for Kind {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.name)
    }
}
impl<'de> Deserialize<'de> for Kind {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        Kind::named(&name).ok_or_else(|| serde::de::Error::custom(format!("`{name}` is no kind")))
    }
}
