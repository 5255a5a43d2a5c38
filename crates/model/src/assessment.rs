//! The result of a scan: all that reports are written from.

use jiff::Timestamp;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::compliance::Compliance;
use crate::coverage::Coverage;
use crate::document::Provider;
use crate::finding::Severity;
use crate::findings::Findings;
use crate::identity::FindingId;
use crate::outcome::Outcome;
use crate::policy::{PolicyId, PolicyInfo};

/// The program that made the assessment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Tool {
    /// `nephoscope`.
    pub name: String,
    /// Version, for example `0.1.0`.
    pub version: String,
}

/// What became of an input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum InputUse {
    /// An inventory whose resources were judged.
    Inventory,
    /// A plan or template whose planned resources were judged.
    Plan,
    /// A plan or template found in a folder: judged by `gate` or when named.
    UseGate,
    /// An audit log, history or change feed: nothing to judge.
    Timeline,
    /// Read, valid, without a resource.
    Empty,
    /// Could not be read; a gap says why.
    Failed,
    /// Of no known format, found in a folder.
    NotRecognized,
}

/// One file, or standard input.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct InputRecord {
    /// Path relative to the working directory, with `/`; `-` for standard input.
    pub name: String,
    /// Format by content, for example `aws_config_snapshot`; "" where none was recognized.
    pub format: String,
    /// What became of it.
    pub used: InputUse,
    /// Documents taken from it.
    pub documents: u64,
    /// Size in bytes as stored.
    pub bytes: u64,
    /// Why it was not used, or what is odd about it; lower case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// How many resources of one scope and type came to each outcome under one policy. Never all zero.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Tally {
    /// Which policy.
    pub policy: PolicyId,
    /// Which cloud.
    pub provider: Provider,
    /// Account, subscription or project.
    pub account: String,
    /// Region.
    pub region: String,
    /// Native type.
    pub native_type: String,
    /// Resources with at least one `fail` that is not waived.
    pub fail: u64,
    /// Resources whose evaluation failed.
    pub error: u64,
    /// Resources of which something decisive is not known.
    pub unknown: u64,
    /// Resources all of whose faults are accepted.
    pub waived: u64,
    /// Resources without fault.
    pub pass: u64,
    /// Resources that the policy is not about, though their kind is.
    pub not_applicable: u64,
}

impl Tally {
    /// Returns the count of one outcome.
    pub fn count(&self, outcome: Outcome) -> u64 {
        match outcome {
            Outcome::Fail => self.fail,
            Outcome::Error => self.error,
            Outcome::Unknown => self.unknown,
            Outcome::Waived => self.waived,
            Outcome::Pass => self.pass,
            Outcome::NotApplicable => self.not_applicable,
        }
    }
}

/// What became of a waiver.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum WaiverState {
    /// It accepted at least one finding.
    Used,
    /// It matched nothing.
    Unused,
    /// Its last day is past; it accepts nothing.
    Expired,
    /// What it accepted has changed since; it accepts nothing.
    Void,
}

/// One line of the waivers file and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct WaiverRecord {
    /// Id in the waivers file.
    pub id: String,
    /// Who accepted it.
    pub owner: String,
    /// The last day on which it holds, UTC.
    #[schemars(with = "String")]
    pub expires: Date,
    /// What became of it.
    pub state: WaiverState,
    /// How many findings it matched.
    pub findings: u64,
}

/// A finding of the baseline that is gone, its (policy, resource) evaluated.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct FixedFinding {
    /// Identity.
    pub id: FindingId,
    /// Which policy.
    pub policy: PolicyId,
    /// The resource's id as written.
    pub resource: String,
    /// What was wrong.
    pub message: String,
}

/// The result of a scan. Every list is sorted, so that equal inputs give equal bytes.
#[derive(Debug, Clone)]
pub struct Assessment {
    /// The program.
    pub tool: Tool,
    /// The instant judged, UTC.
    pub as_of: Timestamp,
    /// Findings below this severity do not change the exit code.
    pub fail_on: Severity,
    /// The exit code that the program ends with.
    pub exit_code: u8,
    /// Whether everything asked for was read and evaluated (no cause for exit code 3).
    pub complete: bool,
    /// Why the scan is incomplete, one line each; empty when it is complete.
    pub incomplete_because: Vec<String>,
    /// Every loaded policy, sorted by id.
    pub policies: Vec<PolicyInfo>,
    /// Every input, sorted by name.
    pub inputs: Vec<InputRecord>,
    /// Every `fail`, `error`, `unknown` and `waived`, sorted by (policy, resource key, fault key); with
    /// `--include pass` also one for each `pass`.
    pub findings: Findings,
    /// Counts of every outcome, sorted by (policy, provider, account, region, native type).
    pub tallies: Vec<Tally>,
    /// What was not seen.
    pub coverage: Coverage,
    /// What the scan says of the controls of the framework that was asked for.
    pub compliance: Option<Compliance>,
    /// Every waiver, sorted by id.
    pub waivers: Vec<WaiverRecord>,
    /// Findings of the baseline that are fixed, sorted by id.
    pub fixed: Vec<FixedFinding>,
    /// Ids of the baseline whose (policy, resource) was not evaluated, so that nobody knows; sorted.
    pub not_checked: Vec<FindingId>,
}
