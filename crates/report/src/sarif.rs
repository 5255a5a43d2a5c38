//! SARIF 2.1.0: one run for each account, so that code scanning keeps the alerts of accounts apart.
//!
//! What GitHub takes and shows is described under "SARIF support for code scanning" and "SARIF results exceed one or more limits" in
//! its documentation (read 2026-11-23); [`lint_sarif`](crate::lint_sarif) checks it.

mod location;
mod notifications;
mod results;
mod rules;
mod taxonomies;

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;

use nephoscope_model::{Assessment, FindingId, PolicyId, PolicyInfo, Provider};
use serde::ser::{Serialize, SerializeStruct, Serializer};
use serde_json::{Value, json};
use serde_sarif::sarif::{Invocation, PropertyBag, Run, RunAutomationDetails, Tool, ToolComponent};

use crate::format::ReportError;
use crate::options::{Options, SarifProfile};
use crate::summary::exit_meaning;
use crate::text::{self, MESSAGE};

/// Where the standard keeps its schema; the constant of the types' crate names a host that is gone.
const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";
/// More runs in one file are refused by code scanning.
const RUNS: usize = 20;

/// An account with what the report says of it; `None` for the scan as a whole, where no account has anything.
type Scope<'a> = Option<(Provider, &'a str)>;

pub(crate) fn write(assessment: &Assessment, options: &Options, out: &mut dyn Write) -> Result<(), ReportError> {
    let scopes = scopes(assessment);
    if scopes.len() > RUNS {
        return Err(ReportError::TooManyRuns {
            runs: scopes.len(),
            limit: RUNS,
        });
    }
    let source = Source::new(assessment, options);
    text::write_pretty(
        &Document {
            source: &source,
            scopes: &scopes,
        },
        out,
    )
}

/// One file of a report that is split by account.
#[derive(Debug)]
pub struct SarifFile<'a> {
    /// A file name of letters, digits, `-`, `_` and `.`, for example `aws-111122223333.sarif`; no two of a report agree, whatever their case.
    pub name: String,
    assessment: &'a Assessment,
    options: &'a Options,
    scope: Scope<'a>,
}

impl SarifFile<'_> {
    /// Writes the file's bytes.
    ///
    /// # Errors
    ///
    /// [`ReportError::Io`] when `out` does not take them.
    pub fn write(&self, out: &mut dyn Write) -> Result<(), ReportError> {
        let source = Source::new(self.assessment, self.options);
        text::write_pretty(
            &Document {
                source: &source,
                scopes: &[self.scope],
            },
            out,
        )
    }
}

/// Returns one file for each account, sorted by provider and account; each is built only when it is written.
pub fn sarif_by_account<'a>(
    assessment: &'a Assessment,
    options: &'a Options,
) -> impl Iterator<Item = SarifFile<'a>> + 'a {
    let mut taken = BTreeSet::new();
    scopes(assessment).into_iter().map(move |scope| {
        let mut name = file_name(scope);
        if !taken.insert(name.to_lowercase()) {
            let (provider, account) = scope.map_or(("", ""), |(provider, account)| (provider.as_str(), account));
            let mark = nephoscope_model::digest([provider, account]);
            name = name.replace(".sarif", &format!("-{mark}.sarif"));
        }
        SarifFile {
            name,
            assessment,
            options,
            scope,
        }
    })
}

fn file_name(scope: Scope<'_>) -> String {
    let Some((provider, account)) = scope else {
        return "nephoscope.sarif".to_owned();
    };
    let plain: String = account
        .chars()
        .map(|character| {
            if character.is_ascii_alphanumeric() || matches!(character, '-' | '_' | '.') {
                character
            } else {
                '_'
            }
        })
        .take(100)
        .collect();
    if plain.is_empty() {
        return format!("{provider}.sarif");
    }
    if plain != account {
        // Something was replaced or cut, so another account may look the same.
        let mark = nephoscope_model::digest([account]);
        return format!("{provider}-{plain}-{mark}.sarif");
    }
    format!("{provider}-{plain}.sarif")
}

/// Returns the accounts that have findings or counts; if there is none, the scan as a whole, since a file without a run says nothing.
fn scopes(assessment: &Assessment) -> Vec<Scope<'_>> {
    let mut accounts = BTreeSet::new();
    for finding in &assessment.findings {
        accounts.insert((finding.resource.provider, finding.resource.account.as_str()));
    }
    for tally in &assessment.tallies {
        accounts.insert((tally.provider, tally.account.as_str()));
    }
    if accounts.is_empty() {
        return vec![None];
    }
    accounts.into_iter().map(Some).collect()
}

/// What all runs are made from.
struct Source<'a> {
    assessment: &'a Assessment,
    full: bool,
    unknown_fails: bool,
    /// Policies by id, with the index of their rule.
    policies: BTreeMap<&'a PolicyId, (usize, &'a PolicyInfo)>,
    /// Framework ids with their control ids; the order is that of `run.taxonomies`.
    frameworks: BTreeMap<&'a str, BTreeSet<&'a str>>,
    /// Accounts that have a run.
    accounts: BTreeSet<(Provider, &'a str)>,
    /// Findings that share their policy, file and line with another: the line cannot tell them apart.
    crowded: BTreeSet<&'a FindingId>,
}

impl<'a> Source<'a> {
    fn new(assessment: &'a Assessment, options: &Options) -> Self {
        let mut frameworks: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for policy in &assessment.policies {
            for (framework, controls) in &policy.controls {
                let known = frameworks.entry(framework).or_default();
                known.extend(controls.iter().map(String::as_str));
            }
        }
        Source {
            assessment,
            full: options.sarif_profile == SarifProfile::Full,
            unknown_fails: options.unknown_fails,
            policies: assessment
                .policies
                .iter()
                .enumerate()
                .map(|(index, info)| (&info.id, (index, info)))
                .collect(),
            frameworks,
            accounts: scopes(assessment).into_iter().flatten().collect(),
            crowded: location::crowded(&assessment.findings),
        }
    }

    fn run(&self, scope: Scope<'a>) -> Run {
        let (results, left_out) = results::of(self, scope);
        let assessment = self.assessment;
        let invocation = Invocation {
            exit_code: Some(i64::from(assessment.exit_code)),
            exit_code_description: Some(exit_meaning(assessment)),
            tool_execution_notifications: Some(notifications::execution(self, scope, left_out)),
            tool_configuration_notifications: Some(notifications::configuration(self)),
            ..Invocation::builder().execution_successful(assessment.complete).build()
        };
        let taxonomies = taxonomies::of(self);
        Run {
            automation_details: Some(RunAutomationDetails {
                id: Some(category(scope)),
                ..RunAutomationDetails::default()
            }),
            column_kind: Some(json!("unicodeCodePoints")),
            invocations: Some(vec![invocation]),
            results: Some(results),
            taxonomies: (!taxonomies.is_empty()).then_some(taxonomies),
            properties: Some(properties([
                ("asOf", json!(assessment.as_of.to_string())),
                ("complete", json!(assessment.complete)),
                ("failOn", json!(assessment.fail_on)),
            ])),
            ..Run::builder()
                .tool(Tool::builder().driver(self.driver()).build())
                .build()
        }
    }

    fn driver(&self) -> ToolComponent {
        let tool = &self.assessment.tool;
        ToolComponent {
            full_name: Some(format!("{} {}", tool.name, tool.version)),
            version: Some(tool.version.clone()),
            semantic_version: Some(tool.version.clone()),
            short_description: Some(multiformat("Multi-cloud policy-as-code scanner.")),
            rules: Some(rules::of(self)),
            notifications: Some(notifications::descriptors()),
            supported_taxonomies: (!self.frameworks.is_empty()).then(|| taxonomies::references(self)),
            ..ToolComponent::builder().name(&tool.name).build()
        }
    }
}

/// Returns `nephoscope/<provider>/<account>/`: all before the last slash is the category by which code scanning keeps alerts apart.
fn category(scope: Scope<'_>) -> String {
    match scope {
        None => "nephoscope/".to_owned(),
        Some((provider, account)) => format!("nephoscope/{provider}/{}/", location::segment(account)),
    }
}

/// The whole file, whose runs are built one after the other while it is written.
struct Document<'a> {
    source: &'a Source<'a>,
    scopes: &'a [Scope<'a>],
}

impl Serialize for Document<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut document = serializer.serialize_struct("Sarif", 3)?;
        document.serialize_field("$schema", SCHEMA)?;
        document.serialize_field("version", "2.1.0")?;
        document.serialize_field("runs", &Runs(self))?;
        document.end()
    }
}

struct Runs<'a>(&'a Document<'a>);

impl Serialize for Runs<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.scopes.iter().map(|scope| self.0.source.run(*scope)))
    }
}

fn properties<'a>(entries: impl IntoIterator<Item = (&'a str, Value)>) -> PropertyBag {
    PropertyBag {
        tags: None,
        additional_properties: entries
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect(),
    }
}

/// Returns a text of a rule: visible, in the length that code scanning takes, never empty.
fn multiformat(text: &str) -> serde_sarif::sarif::MultiformatMessageString {
    serde_sarif::sarif::MultiformatMessageString::builder()
        .text(sentence(text))
        .build()
}

/// Returns a message: one visible line, in the length that code scanning takes, never empty, without a link.
fn message(text: &str) -> serde_sarif::sarif::Message {
    serde_sarif::sarif::Message {
        text: Some(sentence(text)),
        ..Default::default()
    }
}

fn sentence(text: &str) -> String {
    let text = text::line(text.trim(), MESSAGE);
    if text.is_empty() {
        return "(not stated)".to_owned();
    }
    // `[text](1)` in a message is a link to a related location; a name must not become one.
    text.replace("](", "] (")
}
