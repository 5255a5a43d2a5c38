//! What a report needs to know of a policy: its METADATA, resolved.

use std::collections::BTreeMap;
use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::finding::Severity;

/// A policy's id, for example `NEPH-STORAGE-001`; never reused.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct PolicyId(pub String);

impl fmt::Display for PolicyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// METADATA of one policy after the configuration was applied.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PolicyInfo {
    /// Identity.
    pub id: PolicyId,
    /// One line that names what is wrong.
    pub title: String,
    /// Why it is wrong.
    pub description: String,
    /// How bad, after overrides.
    pub severity: Severity,
    /// Common types it judges.
    pub kinds: Vec<String>,
    /// What to do.
    pub remediation: String,
    /// Framework id to control ids.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub controls: BTreeMap<String, Vec<String>>,
    /// Links to read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<String>,
    /// Rego package, for example `nephoscope.storage.bucket_public_access`.
    pub package: String,
    /// The policy's file, relative to its bundle.
    pub file: String,
    /// Ids it had before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
    /// Why it should not be used any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deprecated: Option<String>,
    /// Whether it runs unchanged on every cloud; false for a policy that reads native documents.
    pub portable: bool,
}
