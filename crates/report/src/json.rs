//! JSON: the whole assessment in one document.

use std::io::Write;

use jiff::Timestamp;
use nephoscope_model::{
    Assessment, Compliance, Coverage, Finding, FindingId, FixedFinding, InputRecord, PolicyInfo, Severity, Tally, Tool,
    WaiverRecord,
};
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::Serialize;
use serde_json::Value;

use crate::format::ReportError;
use crate::options::Options;
use crate::stream::{Failure, Streamed};
use crate::summary::Summary;
use crate::text;

/// Name and version of the document's shape; the number rises when a reader of the old one would misread the new one.
const SCHEMA: &str = "nephoscope/report/1";

/// The document. Its fields are listed here and not taken over from the assessment, so that a field which is added there does
/// not change a published shape unseen.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "nephoscope/report/1", rename = "Report")]
struct Document<'a> {
    /// Name and version of this shape.
    #[schemars(extend("const" = SCHEMA))]
    schema: &'static str,
    /// The program.
    tool: &'a Tool,
    /// The instant judged, UTC.
    #[schemars(with = "String", extend("format" = "date-time"))]
    as_of: Timestamp,
    /// Findings below this severity do not change the exit code.
    fail_on: Severity,
    /// The exit code that the program ends with.
    exit_code: u8,
    /// Whether everything asked for was read and evaluated.
    complete: bool,
    /// Why the scan is incomplete; empty when it is complete.
    incomplete_because: &'a [String],
    /// The numbers.
    summary: Summary,
    /// Every loaded policy, sorted by id.
    policies: &'a [PolicyInfo],
    /// Every input, sorted by name.
    inputs: &'a [InputRecord],
    /// Every outcome that a person must look at, sorted by (policy, resource key, fault key).
    #[schemars(with = "Vec<Finding>")]
    findings: Streamed<'a>,
    /// Counts of every outcome, sorted by (policy, provider, account, region, native type).
    tallies: &'a [Tally],
    /// What was not seen.
    coverage: &'a Coverage,
    /// What the scan says of the controls of the framework that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    compliance: Option<&'a Compliance>,
    /// Every waiver, sorted by id.
    waivers: &'a [WaiverRecord],
    /// Findings of the baseline that are fixed, sorted by id.
    fixed: &'a [FixedFinding],
    /// Ids of the baseline of which nobody knows, sorted.
    not_checked: &'a [FindingId],
}

pub(crate) fn write(assessment: &Assessment, _options: &Options, out: &mut dyn Write) -> Result<(), ReportError> {
    // Taken apart by name: a field added to the assessment must be decided on here.
    let Assessment {
        tool,
        as_of,
        fail_on,
        exit_code,
        complete,
        incomplete_because,
        policies,
        inputs,
        findings,
        tallies,
        coverage,
        compliance,
        waivers,
        fixed,
        not_checked,
    } = assessment;
    let failure = Failure::default();
    let written = text::write_pretty(
        &Document {
            schema: SCHEMA,
            tool,
            as_of: *as_of,
            fail_on: *fail_on,
            exit_code: *exit_code,
            complete: *complete,
            incomplete_because,
            summary: Summary::of(assessment),
            policies,
            inputs,
            findings: Streamed {
                findings,
                failure: &failure,
            },
            tallies,
            coverage,
            compliance: compliance.as_ref(),
            waivers,
            fixed,
            not_checked,
        },
        out,
    );
    failure.or(written)
}

/// Returns the JSON Schema (2020-12) of a JSON report.
pub fn json_schema() -> Value {
    schema_of::<Document<'static>>()
}

/// Returns the schema of what is written of a type.
pub(crate) fn schema_of<T: JsonSchema>() -> Value {
    SchemaSettings::draft2020_12()
        .for_serialize()
        .into_generator()
        .into_root_schema_for::<T>()
        .to_value()
}
