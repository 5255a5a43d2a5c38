//! What a scan says of the controls of a framework.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::policy::PolicyId;

/// A framework's controls and what this scan says of each.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Compliance {
    /// Id, as `controls` of a policy names it: `nist-800-53-r5`.
    pub framework: String,
    /// Title for people.
    pub title: String,
    /// Version of the catalog.
    pub version: String,
    /// Whether the catalog lists every control; else only those that policies speak of are listed.
    pub complete: bool,
    /// Every control, in the order of the catalog.
    pub controls: Vec<ControlResult>,
}

/// What this scan says of one control.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ControlResult {
    /// Id in the framework: `AC-4`, `2.1.4`.
    pub control: String,
    /// Title, of frameworks whose texts may be shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// What came of it.
    pub status: ControlStatus,
    /// The loaded policies that speak of it, sorted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub policies: Vec<PolicyId>,
    /// Pairs of such a policy and a resource that fail.
    pub fail: u64,
    /// Pairs that came to `unknown` or `error`.
    pub unknown: u64,
    /// Pairs that pass, accepted faults among them.
    pub pass: u64,
}

/// What a scan says of a control. Policies bear on a control; they never prove the whole of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ControlStatus {
    /// Some policy that speaks of it fails.
    Fail,
    /// None fails, and something that could make one fail is not known or was not read.
    Unknown,
    /// Every policy that speaks of it was evaluated on at least one resource or applies to none, and none fails.
    Pass,
    /// No loaded policy speaks of it, or none applies to anything that was read.
    NotAssessed,
}

impl ControlStatus {
    /// Every status, in the order of reports.
    pub const ALL: [ControlStatus; 4] = [
        ControlStatus::Fail,
        ControlStatus::Unknown,
        ControlStatus::Pass,
        ControlStatus::NotAssessed,
    ];

    /// Returns the name for people: `not assessed`.
    pub fn as_str(self) -> &'static str {
        match self {
            ControlStatus::Fail => "fail",
            ControlStatus::Unknown => "unknown",
            ControlStatus::Pass => "pass",
            ControlStatus::NotAssessed => "not assessed",
        }
    }
}
