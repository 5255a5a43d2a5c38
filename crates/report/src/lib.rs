//! Reports: what a scan found, for people, pipelines and code hosts.
//!
//! An [`Assessment`](nephoscope_model::Assessment) goes in, bytes of one [`Format`] come out. The crate reads no file, clock or environment: the same
//! assessment and [`Options`] give the same bytes. Every format says when a scan is incomplete, and none lets a name from the cloud
//! change what a terminal, a log or a parser does. Findings are gone through and not kept, so that millions of them need no more memory
//! than a few bytes each. [`lint_sarif`] checks any tool's SARIF against what GitHub code scanning takes.
//!
//! ```
//! use nephoscope_model::{Assessment, Coverage, Findings, Severity, Tool};
//! use nephoscope_report::{Format, Options, write};
//!
//! let assessment = Assessment {
//!     tool: Tool { name: "nephoscope".into(), version: "0.1.0".into() },
//!     as_of: "2026-11-23T12:00:00Z".parse().unwrap(),
//!     fail_on: Severity::Low,
//!     exit_code: 3,
//!     complete: false,
//!     incomplete_because: vec!["no input held a resource".into()],
//!     policies: vec![], inputs: vec![], findings: Findings::default(), tallies: vec![], coverage: Coverage::default(),
//!     compliance: None,
//!     waivers: vec![], fixed: vec![], not_checked: vec![],
//! };
//! let mut text = Vec::new();
//! write(Format::Human, &assessment, &Options::default(), &mut text).unwrap();
//! assert!(String::from_utf8(text).unwrap().contains("no input held a resource"));
//! ```

mod digest;
mod format;
mod human;
mod json;
mod junit;
mod lint;
mod ndjson;
mod options;
mod sarif;
mod stream;
mod summary;
mod text;

pub use format::{Format, ReportError, write};
pub use json::json_schema;
pub use lint::{LintLevel, LintProblem, lint_sarif};
pub use ndjson::ndjson_schema;
pub use options::{JunitFlavor, JunitPass, Options, SarifProfile};
pub use sarif::{SarifFile, sarif_by_account};
pub use summary::{Outcomes, Severities, Summary};
pub use text::{compact, is_hidden};
