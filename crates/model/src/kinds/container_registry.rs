//! `container.registry`: a registry or repository of container images.

use schemars::JsonSchema;
use serde::Serialize;

use super::shapes::{Encryption, NetworkScope, PublicGrants};
use crate::fact::Fact;

/// Attributes of `container.registry`: an ECR repository, a container registry of Azure, an Artifact Registry repository.
#[derive(Debug, Clone, PartialEq, Default, Serialize, JsonSchema)]
#[schemars(default)]
pub struct ContainerRegistry {
    /// Encryption at rest.
    pub encryption: Encryption,
    /// Grants to the public.
    pub public_access: PublicGrants,
    /// Networks from which requests are accepted.
    #[schemars(extend("x-providers" = ["azure"]))]
    pub network: Fact<NetworkScope>,
    /// No tag can be moved to another image; false where a filter excludes some tags. Absent of formats without tags.
    #[schemars(extend("x-providers" = ["aws", "gcp"]))]
    pub immutable_tags: Fact<bool>,
    /// Images are scanned for known vulnerabilities when they are pushed.
    #[schemars(extend("x-providers" = ["aws", "gcp"]))]
    pub scan_on_push: Fact<bool>,
    /// One account with a shared password may do everything.
    #[schemars(extend("x-providers" = ["azure"]))]
    pub admin_user: Fact<bool>,
}
