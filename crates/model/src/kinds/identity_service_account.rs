//! `identity.service_account`: an identity of workloads.

use schemars::JsonSchema;
use serde::Serialize;

use super::shapes::MemberGrant;
use crate::fact::Fact;

/// Attributes of `identity.service_account`: a service account of Google Cloud.
#[derive(Debug, Clone, PartialEq, Default, Serialize, JsonSchema)]
#[schemars(default)]
pub struct IdentityServiceAccount {
    /// Who has which role on the account itself, such as acting as it; not what the account may do.
    pub grants: Fact<Vec<MemberGrant>>,
    /// Its address.
    pub email: Fact<String>,
}
