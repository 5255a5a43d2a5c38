//! The file and its runs, made one after the other while they are written from findings that are sorted by run.

use std::cell::RefCell;
use std::io::{self, Write};
use std::iter::{self, Peekable};

use nephoscope_model::{Finding, FindingIter, Findings, Outcome};
use serde::Serialize;
use serde::ser::{SerializeStruct, Serializer};
use serde_json::json;
use serde_sarif::sarif::{Invocation, PropertyBag, RunAutomationDetails, Tool, ToolComponent};

use super::{Scope, Source, location, multiformat, notifications, properties, results, rules, taxonomies};
use crate::format::ReportError;
use crate::stream::{Failure, sequence};
use crate::text;

/// Where the standard keeps its schema; the constant of the types' crate names a host that is gone.
const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// The runs that are not written yet.
pub(super) struct Runs<'a> {
    source: &'a Source<'a>,
    // In cells, since what is serialized is borrowed shared.
    rest: RefCell<Peekable<FindingIter<'a>>>,
    failure: Failure,
}

impl<'a> Runs<'a> {
    /// `sorted` is what [`Survey::sorted`](super::survey::Survey::sorted) returns.
    pub(super) fn new(source: &'a Source<'a>, sorted: &'a Findings) -> Self {
        Runs {
            source,
            rest: RefCell::new(sorted.iter().peekable()),
            failure: Failure::default(),
        }
    }

    /// Writes one file with a run for each of `scopes`, which come after all that were written before.
    pub(super) fn write(&self, scopes: &[Scope<'_>], out: &mut dyn Write) -> Result<(), ReportError> {
        let written = text::write_pretty(&Document { runs: self, scopes }, out);
        self.failure.or(written)
    }

    /// Returns the next finding if it fits, or why there is none.
    fn next_if(&self, fits: impl Fn(&Finding) -> bool) -> Option<io::Result<Finding>> {
        self.rest.borrow_mut().next_if(|next| next.as_ref().map_or(true, &fits))
    }

    fn run<'r>(&'r self, scope: Scope<'r>) -> io::Result<Run<'r, 'a>> {
        // A file that nobody wrote leaves its findings behind.
        while let Some(passed) = self.next_if(|finding| scope_of(finding) < scope) {
            passed?;
        }
        let errors =
            iter::from_fn(|| self.next_if(|finding| scope_of(finding) == scope && finding.outcome == Outcome::Error));
        let source = self.source;
        let assessment = source.assessment;
        let invocation = Invocation {
            exit_code: Some(i64::from(assessment.exit_code)),
            exit_code_description: Some(source.exit_meaning.clone()),
            tool_execution_notifications: Some(notifications::execution(source, scope, errors)?),
            tool_configuration_notifications: Some(notifications::configuration(source)),
            ..Invocation::builder().execution_successful(assessment.complete).build()
        };
        Ok(Run {
            automation_details: RunAutomationDetails {
                id: Some(category(scope)),
                ..RunAutomationDetails::default()
            },
            column_kind: "unicodeCodePoints",
            invocations: [invocation],
            properties: properties([
                ("asOf", json!(assessment.as_of.to_string())),
                ("complete", json!(assessment.complete)),
                ("failOn", json!(assessment.fail_on)),
            ]),
            results: Results { runs: self, scope },
            taxonomies: taxonomies::of(source),
            tool: Tool::builder().driver(driver(source)).build(),
        })
    }
}

fn scope_of(finding: &Finding) -> Scope<'_> {
    Some((finding.resource.provider, &finding.resource.account))
}

/// `Run` of serde-sarif in the members that we write, in its order, but with results that need not be in memory.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run<'r, 'a> {
    automation_details: RunAutomationDetails,
    column_kind: &'static str,
    invocations: [Invocation; 1],
    properties: PropertyBag,
    results: Results<'r, 'a>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    taxonomies: Vec<ToolComponent>,
    tool: Tool,
}

struct Results<'r, 'a> {
    runs: &'r Runs<'a>,
    scope: Scope<'r>,
}

impl Serialize for Results<'_, '_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let findings = iter::from_fn(|| self.runs.next_if(|finding| scope_of(finding) == self.scope));
        let results = findings.map(|finding| Ok(results::of(self.runs.source, &finding?)));
        sequence(serializer, results, &self.runs.failure)
    }
}

struct Document<'r, 'a> {
    runs: &'r Runs<'a>,
    scopes: &'r [Scope<'r>],
}

impl Serialize for Document<'_, '_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut document = serializer.serialize_struct("Sarif", 3)?;
        document.serialize_field("$schema", SCHEMA)?;
        document.serialize_field("version", "2.1.0")?;
        document.serialize_field("runs", &List(self))?;
        document.end()
    }
}

struct List<'r, 'a>(&'r Document<'r, 'a>);

impl Serialize for List<'_, '_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Document { runs, scopes } = self.0;
        sequence(serializer, scopes.iter().map(|scope| runs.run(*scope)), &runs.failure)
    }
}

fn driver(source: &Source<'_>) -> ToolComponent {
    let tool = &source.assessment.tool;
    ToolComponent {
        full_name: Some(format!("{} {}", tool.name, tool.version)),
        version: Some(tool.version.clone()),
        semantic_version: Some(tool.version.clone()),
        short_description: Some(multiformat("Multi-cloud policy-as-code scanner.")),
        rules: Some(rules::of(source)),
        notifications: Some(notifications::descriptors()),
        supported_taxonomies: (!source.frameworks.is_empty()).then(|| taxonomies::references(source)),
        ..ToolComponent::builder().name(&tool.name).build()
    }
}

/// Returns `nephoscope/<provider>/<account>/`: all before the last slash is the category by which code scanning keeps alerts apart.
fn category(scope: Scope<'_>) -> String {
    match scope {
        None => "nephoscope/".to_owned(),
        Some((provider, account)) => format!("nephoscope/{provider}/{}/", location::segment(account)),
    }
}
