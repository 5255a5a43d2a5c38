//! `log.audit_trail`: where the record of what was done in an account goes.

use schemars::JsonSchema;
use serde::Serialize;

use super::shapes::Encryption;
use crate::fact::Fact;

/// Attributes of `log.audit_trail`: a CloudTrail trail, a diagnostic setting of a subscription, a sink of Cloud
/// Logging.
#[derive(Debug, Clone, PartialEq, Default, Serialize, JsonSchema)]
#[schemars(default)]
pub struct LogAuditTrail {
    /// It is not switched off.
    pub enabled: Fact<bool>,
    /// Where the log goes, as the provider writes it.
    pub target: Fact<String>,
    /// Every region is covered.
    #[schemars(extend("x-providers" = ["aws"]))]
    pub all_regions: Fact<bool>,
    /// It is of every account of the organization, or of every project below.
    pub organization: Fact<bool>,
    /// Categories of the activity log, and groups of them (`allLogs`), that are kept, sorted.
    #[schemars(extend("x-providers" = ["azure"]))]
    pub categories: Fact<Vec<String>>,
    /// Changes of delivered files can be proved by signed digests.
    #[schemars(extend("x-providers" = ["aws"]))]
    pub integrity_validation: Fact<bool>,
    /// Encryption of the delivered files by the trail itself.
    #[schemars(extend("x-providers" = ["aws"]))]
    pub encryption: Encryption,
    /// The filter by which entries are chosen; absent of one that takes all.
    #[schemars(extend("x-providers" = ["gcp"]))]
    pub filter: Fact<String>,
    /// Filters in force by which entries are left out.
    #[schemars(extend("x-providers" = ["gcp"]))]
    pub exclusions: Fact<Vec<Exclusion>>,
}

/// One filter that leaves entries out.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub struct Exclusion {
    /// Its name in the sink.
    pub name: String,
    /// What it leaves out.
    pub filter: String,
}
