//! The few numbers that every report ends with.

use nephoscope_model::{Assessment, Severity};
use schemars::JsonSchema;
use serde::Serialize;

/// Findings that fail, by severity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, JsonSchema)]
pub struct Severities {
    /// Worst.
    pub critical: u64,
    /// High.
    pub high: u64,
    /// Medium.
    pub medium: u64,
    /// Low.
    pub low: u64,
    /// Harmless.
    pub info: u64,
}

impl Severities {
    /// Returns the count of one severity.
    pub fn count(&self, severity: Severity) -> u64 {
        match severity {
            Severity::Critical => self.critical,
            Severity::High => self.high,
            Severity::Medium => self.medium,
            Severity::Low => self.low,
            Severity::Info => self.info,
        }
    }

    fn slot(&mut self, severity: Severity) -> &mut u64 {
        match severity {
            Severity::Critical => &mut self.critical,
            Severity::High => &mut self.high,
            Severity::Medium => &mut self.medium,
            Severity::Low => &mut self.low,
            Severity::Info => &mut self.info,
        }
    }
}

/// Pairs of a policy and a resource by outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, JsonSchema)]
pub struct Outcomes {
    /// At least one fault that is not accepted.
    pub fail: u64,
    /// The evaluation failed.
    pub error: u64,
    /// Something decisive is not known.
    pub unknown: u64,
    /// Every fault is accepted.
    pub waived: u64,
    /// No fault.
    pub pass: u64,
    /// The policy is not about the resource.
    pub not_applicable: u64,
}

/// The numbers of a scan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, JsonSchema)]
pub struct Summary {
    /// Pairs of a policy and a resource, each once.
    pub outcomes: Outcomes,
    /// Findings that fail: a resource can have several under one policy.
    pub findings: Severities,
    /// Findings that fail with at least the severity of `fail_on`.
    pub at_or_above_fail_on: u64,
    /// Findings that fail and are not in the baseline; only with a baseline.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub new: Option<u64>,
    /// Findings of the baseline that are fixed.
    pub fixed: u64,
    /// Findings of the baseline of which nobody knows.
    pub not_checked: u64,
}

impl Summary {
    /// Counts.
    pub fn of(assessment: &Assessment) -> Self {
        let mut summary = Summary {
            fixed: assessment.fixed.len() as u64,
            not_checked: assessment.not_checked.len() as u64,
            new: assessment.findings.counts().new,
            ..Summary::default()
        };
        for tally in &assessment.tallies {
            summary.outcomes.fail += tally.fail;
            summary.outcomes.error += tally.error;
            summary.outcomes.unknown += tally.unknown;
            summary.outcomes.waived += tally.waived;
            summary.outcomes.pass += tally.pass;
            summary.outcomes.not_applicable += tally.not_applicable;
        }
        for severity in Severity::ALL {
            let number = assessment.findings.counts().failing(severity);
            *summary.findings.slot(severity) = number;
            if severity >= assessment.fail_on {
                summary.at_or_above_fail_on += number;
            }
        }
        summary
    }

    /// Returns the number of findings that fail.
    pub fn failing(&self) -> u64 {
        Severity::ALL
            .into_iter()
            .map(|severity| self.findings.count(severity))
            .sum()
    }
}

/// Returns what an exit code means, one line.
pub(crate) fn exit_meaning(assessment: &Assessment) -> String {
    let fail_on = assessment.fail_on;
    match assessment.exit_code {
        0 if Summary::of(assessment).at_or_above_fail_on > 0 => {
            format!("findings at or above `{fail_on}`, but --exit-zero")
        }
        0 if assessment.complete => format!("nothing at or above `{fail_on}`"),
        0 => format!("nothing at or above `{fail_on}` in what was seen"),
        1 if assessment.complete => format!("findings at or above `{fail_on}`"),
        1 => format!("findings at or above `{fail_on}`, and the scan is incomplete"),
        2 => "usage, configuration or policy error".to_owned(),
        3 => "the scan is incomplete".to_owned(),
        4 => "internal error".to_owned(),
        130 => "interrupted".to_owned(),
        _ => "no documented meaning".to_owned(),
    }
}
