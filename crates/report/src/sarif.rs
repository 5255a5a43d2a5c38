//! SARIF 2.1.0: one run for each account, so that code scanning keeps the alerts of accounts apart.
//!
//! What GitHub takes and shows is described under "SARIF support for code scanning" and "SARIF results exceed one or more limits" in
//! its documentation (read 2026-11-23); [`lint_sarif`](crate::lint_sarif) checks it.

mod files;
mod location;
mod notifications;
mod results;
mod rules;
mod runs;
mod survey;
mod taxonomies;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use nephoscope_model::{Assessment, Findings, PolicyId, PolicyInfo, Provider};
use serde_json::Value;
use serde_sarif::sarif::PropertyBag;

use crate::format::ReportError;
use crate::options::{Options, SarifProfile};
use crate::summary::exit_meaning;
use crate::text::{self, MESSAGE};
pub use files::{SarifFile, sarif_by_account};
use runs::Runs;
use survey::Survey;

/// More runs in one file are refused by code scanning.
const RUNS: usize = 20;

/// An account with what the report says of it; `None` for the scan as a whole, where no account has anything.
type Scope<'a> = Option<(Provider, &'a str)>;

pub(crate) fn write(assessment: &Assessment, options: &Options, out: &mut dyn Write) -> Result<(), ReportError> {
    let source = Source::new(assessment, options)?;
    let scopes = source.scopes();
    if scopes.len() > RUNS {
        return Err(ReportError::TooManyRuns {
            runs: scopes.len(),
            limit: RUNS,
        });
    }
    let sorted = source.sorted()?;
    Runs::new(&source, &sorted).write(&scopes, out)
}

/// What all runs are made from.
struct Source<'a> {
    assessment: &'a Assessment,
    full: bool,
    unknown_fails: bool,
    /// What the exit code means.
    exit_meaning: String,
    /// Policies by id, with the index of their rule.
    policies: BTreeMap<&'a PolicyId, (usize, &'a PolicyInfo)>,
    /// Framework ids with their control ids; the order is that of `run.taxonomies`.
    frameworks: BTreeMap<&'a str, BTreeSet<&'a str>>,
    /// What is known of the findings.
    survey: Survey,
}

impl<'a> Source<'a> {
    fn new(assessment: &'a Assessment, options: &Options) -> io::Result<Self> {
        let mut frameworks: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for policy in &assessment.policies {
            for (framework, controls) in &policy.controls {
                let known = frameworks.entry(framework).or_default();
                known.extend(controls.iter().map(String::as_str));
            }
        }
        let full = options.sarif_profile == SarifProfile::Full;
        Ok(Source {
            assessment,
            full,
            unknown_fails: options.unknown_fails,
            exit_meaning: exit_meaning(assessment),
            policies: assessment
                .policies
                .iter()
                .enumerate()
                .map(|(index, info)| (&info.id, (index, info)))
                .collect(),
            frameworks,
            survey: Survey::of(assessment, full)?,
        })
    }

    /// Returns the accounts that have findings or counts; if there is none, the scan as a whole, since a file without a run says nothing.
    fn scopes(&self) -> Vec<Scope<'_>> {
        let accounts = self.survey.accounts.keys();
        let scopes: Vec<Scope<'_>> = accounts
            .map(|(provider, account)| Some((*provider, account.as_str())))
            .collect();
        if scopes.is_empty() { vec![None] } else { scopes }
    }

    /// Returns what stands in runs, in the order in which it is written.
    fn sorted(&self) -> io::Result<Findings> {
        self.survey.sorted(&self.assessment.findings, self.full)
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
