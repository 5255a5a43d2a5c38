//! Findings: outcomes that a person must look at.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::document::{Origin, Provider};
use crate::fact::Unknown;
use crate::identity::{FindingId, ResourceKey};
use crate::outcome::Outcome;
use crate::policy::PolicyId;
use crate::resource::State;

/// How bad, from harmless to worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// A weakness that needs others to matter.
    Low,
    /// A weakness.
    Medium,
    /// A weakness that an attacker with a foothold can use.
    High,
    /// A weakness that anybody can use now.
    Critical,
}

impl Severity {
    /// Every severity, worst first.
    pub const ALL: [Severity; 5] = [
        Severity::Critical,
        Severity::High,
        Severity::Medium,
        Severity::Low,
        Severity::Info,
    ];

    /// Returns the name used in every output, for example `high`.
    pub fn as_str(self) -> &'static str {
        match self {
            Severity::Info => "info",
            Severity::Low => "low",
            Severity::Medium => "medium",
            Severity::High => "high",
            Severity::Critical => "critical",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Severity {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Severity::ALL
            .into_iter()
            .find(|severity| severity.as_str() == text)
            .ok_or_else(|| format!("`{text}` is no severity; use one of critical, high, medium, low, info"))
    }
}

/// What a report shows of a resource.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct ResourceSummary {
    /// The provider's own id as written.
    pub id: String,
    /// The id in canonical spelling.
    pub key: ResourceKey,
    /// Which cloud.
    pub provider: Provider,
    /// Common type.
    pub kind: String,
    /// Native type.
    pub native_type: String,
    /// Name for people.
    pub name: String,
    /// Account, subscription or project.
    pub account: String,
    /// Region.
    pub region: String,
    /// Whether it exists or is planned.
    pub state: State,
}

/// Where the offending value stands in the input.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Location {
    /// The document.
    pub origin: Origin,
    /// JSON Pointer into the document; "" for the document as a whole.
    pub pointer: String,
    /// Line of the value in the decoded text, from 1; `None` when it was not looked up or not found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// Column of the value in that line, in characters, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<u32>,
    /// Where the value begins in the first line of the snippet, in characters, from 1; only with a snippet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mark: Option<u32>,
    /// The source of the value with its key and nothing beside it; at most a few lines, cut to a readable width.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub snippet: Vec<String>,
}

/// A value that supports a finding.
pub type Evidence = Value;

/// An accepted finding's terms.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct WaiverNote {
    /// Id of the waiver in the waivers file.
    pub id: String,
    /// Who accepted it.
    pub owner: String,
    /// Why.
    pub reason: String,
    /// The last day on which it holds, UTC.
    #[schemars(with = "String")]
    pub expires: Date,
}

/// Whether a finding was there before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum BaselineState {
    /// Not in the baseline.
    New,
    /// In the baseline.
    Unchanged,
}

/// One outcome that a person must look at: `fail`, `error`, `unknown` or `waived`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Finding {
    /// Identity; the same over scans while the fault is the same.
    pub id: FindingId,
    /// Which policy.
    pub policy: PolicyId,
    /// What came of it.
    pub outcome: Outcome,
    /// How bad, after overrides.
    pub severity: Severity,
    /// Which resource.
    pub resource: Arc<ResourceSummary>,
    /// Fault key: tells the faults of one resource under one policy apart; "" when there can be only one.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub key: String,
    /// JSON Pointer into the resource at which the fault stands; "" for `unknown` and `error`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub path: String,
    /// What is wrong, one line.
    pub message: String,
    /// Values that support it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<Evidence>,
    /// Digest of the values on the policy's read set, to which a waiver can be bound; only for `fail` and `waived`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub values: String,
    /// What is not known and decides it; only for `unknown`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unknown: Vec<Unknown>,
    /// The terms on which it is accepted; only for `waived`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waiver: Option<WaiverNote>,
    /// Whether it was there before; only with a baseline.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub baseline: Option<BaselineState>,
    /// Where the offending value stands.
    pub location: Location,
}
