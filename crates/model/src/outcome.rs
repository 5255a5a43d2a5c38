//! What comes of judging one resource by one policy.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Outcome of (policy, resource), decided by the host and never by Rego. Ordered from worst to harmless.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// A fault that nothing unknown can take back.
    Fail,
    /// The evaluation failed or ran past its limits.
    Error,
    /// Something that was not read could decide it.
    Unknown,
    /// A fault that somebody accepted until a date.
    Waived,
    /// No fault, and nothing unknown could add one.
    Pass,
    /// The policy is not about this resource.
    NotApplicable,
}

impl Outcome {
    /// Every outcome, worst first.
    pub const ALL: [Outcome; 6] = [
        Outcome::Fail,
        Outcome::Error,
        Outcome::Unknown,
        Outcome::Waived,
        Outcome::Pass,
        Outcome::NotApplicable,
    ];

    /// Returns the name used in every output, for example `not_applicable`.
    pub fn as_str(self) -> &'static str {
        match self {
            Outcome::Fail => "fail",
            Outcome::Error => "error",
            Outcome::Unknown => "unknown",
            Outcome::Waived => "waived",
            Outcome::Pass => "pass",
            Outcome::NotApplicable => "not_applicable",
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
