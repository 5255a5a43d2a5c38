//! The common model of nephoscope: what a cloud resource is, whatever encoding it came in.
//!
//! Everything else in the workspace speaks these types and only these: readers produce [`Document`]s,
//! normalization turns them into [`Resource`]s, the policy engine gives [`Outcome`]s, and reports are
//! written from one [`Assessment`]. This crate knows no other crate of the workspace and does no input
//! or output.
//!
//! ```
//! use nephoscope_model::{Fact, Gap, Reason, lower};
//! use serde::Serialize;
//!
//! #[derive(Serialize)]
//! struct Versioning { enabled: Fact<bool>, mfa_delete: Fact<bool>, days: Fact<u32> }
//!
//! let (attributes, unknown) = lower(&Versioning {
//!     enabled: Fact::Known(true),
//!     mfa_delete: Fact::Unknown(Gap::new(Reason::UnknownAtPlan)),
//!     days: Fact::Absent,
//! }).unwrap();
//! assert_eq!(attributes.to_string(), r#"{"enabled":true}"#);
//! assert_eq!(unknown[0].path, "/attributes/mfa_delete");
//! ```

mod assessment;
mod compliance;
mod coverage;
mod document;
mod fact;
mod finding;
mod findings;
mod identity;
mod kind;
pub mod kinds;
mod outcome;
pub mod pointer;
mod policy;
mod raw_json;
mod resource;
mod schema;

pub use assessment::{Assessment, FixedFinding, InputRecord, InputUse, Tally, Tool, WaiverRecord, WaiverState};
pub use compliance::{Compliance, ControlResult, ControlStatus};
pub use coverage::{Coverage, CoverageGap, GapScope, UnjudgedType};
pub use document::{Begin, Dialect, Document, Origin, Provider, ScopeRead};
pub use fact::{Fact, Gap, Reason, Unknown, lower};
pub use finding::{BaselineState, Evidence, Finding, Location, ResourceSummary, Severity, WaiverNote};
pub use findings::{
    Entry, EntryIter, FindingCounts, FindingIter, FindingStore, Findings, JsonIter, Reader, first_of_key, sort_key,
};
pub use identity::{FindingId, ResourceKey, digest, digest_bytes};
pub use kind::{Kind, KindInfo, kinds};
pub use outcome::Outcome;
pub use policy::{PolicyId, PolicyInfo};
pub use raw_json::{Member, RawJson, plain_text};
pub use resource::{Provenance, Relationship, Resource, State};
pub use schema::{input_schema, kind_schema};
