//! `account.scope`: an account, subscription, project, folder or organization.

use schemars::JsonSchema;
use serde::Serialize;

use super::shapes::MemberGrant;
use crate::fact::Fact;

/// Attributes of `account.scope`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, JsonSchema)]
#[schemars(default)]
pub struct AccountScope {
    /// Account-wide guards over object storage.
    pub storage_guards: StorageGuards,
    /// What is done in it is kept longer than the 90 days for which the provider keeps it by itself: a CloudTrail trail
    /// covers every region, a diagnostic setting exports the activity log. Google Cloud keeps it for 400 days, always.
    #[schemars(extend("x-providers" = ["aws", "azure"]))]
    pub audit_trail: Fact<bool>,
    /// Who has which role on it, by its own IAM policy; what a scope above it grants stands there.
    #[schemars(extend("x-providers" = ["gcp"]))]
    pub grants: Fact<Vec<MemberGrant>>,
}

/// The account-wide public access block of object storage. All false means that nothing is blocked.
#[derive(Debug, Clone, PartialEq, Default, Serialize, JsonSchema)]
#[schemars(default, extend("x-providers" = ["aws"]))]
pub struct StorageGuards {
    /// New public ACLs are refused.
    pub block_public_acls: Fact<bool>,
    /// Public ACLs have no effect.
    pub ignore_public_acls: Fact<bool>,
    /// New public policies are refused.
    pub block_public_policy: Fact<bool>,
    /// Public policies have no effect for other accounts and anonymous users.
    pub restrict_public_buckets: Fact<bool>,
}
