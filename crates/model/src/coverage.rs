//! The coverage ledger: what was not seen, so that a report is never silently green.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::document::Provider;
use crate::fact::Gap;

/// What a gap is about; every `None` means "all, or not stated".
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize, JsonSchema)]
pub struct GapScope {
    /// The input it happened in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input: Option<String>,
    /// Which cloud.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<Provider>,
    /// Account, subscription or project.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// Region.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// Native type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub native_type: Option<String>,
    /// One resource.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource: Option<String>,
}

/// Something that was asked for and not read, or only in part.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct CoverageGap {
    /// What it is about.
    pub scope: GapScope,
    /// Why.
    #[serde(flatten)]
    pub gap: Gap,
    /// For people: what happened and where, one line, lower case.
    pub message: String,
    /// Line in the decoded input, from 1, where one can be named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
    /// Byte offset in the decoded input, where one can be named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offset: Option<u64>,
    /// Whether it makes the scan incomplete (exit code 3); false for what no loaded policy judges or needs.
    pub incomplete: bool,
    /// Whether it is listed under `accepted_gaps`, by its owner.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accepted_by: Option<String>,
}

/// A native type that was read and that no loaded policy judges.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct UnjudgedType {
    /// Which cloud.
    pub provider: Provider,
    /// Native type.
    pub native_type: String,
    /// How many resources.
    pub resources: u64,
}

/// The ledger of one scan.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Coverage {
    /// Resources judged, each once.
    pub resources: u64,
    /// Versions of resources that a newer version replaced.
    pub superseded: u64,
    /// Versions left out because they are newer than `as_of`.
    pub after_as_of: u64,
    /// Resources that the input says are deleted.
    pub deleted: u64,
    /// Resources left out by a selection on the command line, with the selection.
    pub filtered: u64,
    /// The selections, for example `--account 1111`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub filters: Vec<String>,
    /// What was not read, sorted.
    pub gaps: Vec<CoverageGap>,
    /// Types that no loaded policy judges, sorted.
    pub unjudged: Vec<UnjudgedType>,
    /// Evaluated ÷ (evaluated + unknown) over (policy, resource) pairs, 0 to 1; `None` when there is no pair.
    pub evaluated_share: Option<f64>,
}

impl Coverage {
    /// Returns whether everything that was asked for was read, or is an accepted gap.
    pub fn is_complete(&self) -> bool {
        !self.gaps.iter().any(|gap| gap.incomplete && gap.accepted_by.is_none())
    }
}
