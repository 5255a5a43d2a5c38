//! NDJSON: the whole assessment, one typed object a line, for streams and tables.

use std::io::Write;

use jiff::Timestamp;
use nephoscope_model::{
    Assessment, ControlResult, CoverageGap, Finding, FindingId, FixedFinding, InputRecord, PolicyInfo, Severity, Tally,
    Tool, UnjudgedType, WaiverRecord,
};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use crate::format::ReportError;
use crate::json::schema_of;
use crate::options::Options;
use crate::stream;
use crate::summary::Summary;
use crate::text;

/// Name and version of the lines' shape; the number rises when a reader of the old one would misread the new one.
const SCHEMA: &str = "nephoscope/report-line/1";

/// One line. `scan` comes first and `summary` last: a file without `summary` was cut.
#[derive(Serialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
#[schemars(title = "nephoscope/report-line/1", rename = "Line")]
enum Line<'a> {
    /// What was asked.
    Scan(Scan<'a>),
    /// One loaded policy.
    Policy(&'a PolicyInfo),
    /// One input.
    Input(&'a InputRecord),
    /// One outcome that a person must look at.
    #[expect(
        dead_code,
        reason = "for the schema: findings are JSON already when they are written"
    )]
    Finding(&'a Finding),
    /// Counts of every outcome for one policy, scope and type.
    Tally(&'a Tally),
    /// Something that was not read.
    Gap(&'a CoverageGap),
    /// A type that no loaded policy judges.
    Unjudged(&'a UnjudgedType),
    /// What the scan says of one control of the framework that was asked for.
    Control(&'a ControlResult),
    /// One waiver.
    Waiver(&'a WaiverRecord),
    /// A finding of the baseline that is fixed.
    Fixed(&'a FixedFinding),
    /// A finding of the baseline of which nobody knows.
    NotChecked(NotChecked<'a>),
    /// What came of it.
    Summary(Box<End<'a>>),
}

#[derive(Serialize, JsonSchema)]
struct Scan<'a> {
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
}

#[derive(Serialize, JsonSchema)]
struct NotChecked<'a> {
    /// Identity of the finding.
    id: &'a FindingId,
}

#[derive(Serialize, JsonSchema)]
struct End<'a> {
    /// The exit code that the program ends with.
    exit_code: u8,
    /// Whether everything asked for was read and evaluated.
    complete: bool,
    /// Why the scan is incomplete; empty when it is complete.
    incomplete_because: &'a [String],
    /// The numbers.
    #[serde(flatten)]
    summary: Summary,
    /// Resources judged, each once.
    resources: u64,
    /// Versions of resources that a newer version replaced.
    superseded: u64,
    /// Versions left out because they are newer than `as_of`.
    after_as_of: u64,
    /// Resources that the input says are deleted.
    deleted: u64,
    /// Resources left out by a selection on the command line.
    filtered: u64,
    /// The selections.
    filters: &'a [String],
    /// Evaluated ÷ (evaluated + unknown) over (policy, resource) pairs, 0 to 1; null when there is no pair.
    evaluated_share: Option<f64>,
}

pub(crate) fn write(assessment: &Assessment, _options: &Options, out: &mut dyn Write) -> Result<(), ReportError> {
    for line in before_findings(assessment) {
        text::write_compact(&line, out)?;
    }
    for finding in stream::lines(&assessment.findings) {
        // As `Line::Finding` is written.
        let finding = finding?;
        let members = finding.strip_prefix('{').unwrap_or(&finding);
        writeln!(out, "{{\"type\":\"finding\",{members}")?;
    }
    for line in after_findings(assessment) {
        text::write_compact(&line, out)?;
    }
    Ok(())
}

fn before_findings(assessment: &Assessment) -> impl Iterator<Item = Line<'_>> {
    let scan = Line::Scan(Scan {
        schema: SCHEMA,
        tool: &assessment.tool,
        as_of: assessment.as_of,
        fail_on: assessment.fail_on,
    });
    std::iter::once(scan)
        .chain(assessment.policies.iter().map(Line::Policy))
        .chain(assessment.inputs.iter().map(Line::Input))
}

fn after_findings(assessment: &Assessment) -> impl Iterator<Item = Line<'_>> {
    let coverage = &assessment.coverage;
    let end = Line::Summary(Box::new(End {
        exit_code: assessment.exit_code,
        complete: assessment.complete,
        incomplete_because: &assessment.incomplete_because,
        summary: Summary::of(assessment),
        resources: coverage.resources,
        superseded: coverage.superseded,
        after_as_of: coverage.after_as_of,
        deleted: coverage.deleted,
        filtered: coverage.filtered,
        filters: &coverage.filters,
        evaluated_share: coverage.evaluated_share,
    }));
    let tallies = assessment.tallies.iter().map(Line::Tally);
    tallies
        .chain(coverage.gaps.iter().map(Line::Gap))
        .chain(coverage.unjudged.iter().map(Line::Unjudged))
        .chain(
            assessment
                .compliance
                .iter()
                .flat_map(|compliance| &compliance.controls)
                .map(Line::Control),
        )
        .chain(assessment.waivers.iter().map(Line::Waiver))
        .chain(assessment.fixed.iter().map(Line::Fixed))
        .chain(
            assessment
                .not_checked
                .iter()
                .map(|id| Line::NotChecked(NotChecked { id })),
        )
        .chain(std::iter::once(end))
}

/// Returns the JSON Schema (2020-12) of one line of an NDJSON report.
pub fn ndjson_schema() -> Value {
    schema_of::<Line<'static>>()
}
