//! Baseline: an earlier report, by which findings are new, unchanged or fixed.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Context, Result, bail};
use nephoscope_model::{BaselineState, Finding, FindingId, FixedFinding, Outcome, PolicyId, ResourceKey};
use serde::Deserialize;

/// The findings of an earlier report that were `fail` or `waived`.
pub struct Baseline {
    entries: BTreeMap<FindingId, Entry>,
}

struct Entry {
    policy: PolicyId,
    resource: ResourceKey,
    shown: String,
    message: String,
}

// Just what is read of a report; a newer report may say more.
#[derive(Deserialize)]
struct ReportFile {
    schema: String,
    findings: Vec<ReportFinding>,
}

#[derive(Deserialize)]
struct ReportFinding {
    id: FindingId,
    policy: PolicyId,
    outcome: Outcome,
    resource: ReportResource,
    message: String,
}

#[derive(Deserialize)]
struct ReportResource {
    id: String,
    key: ResourceKey,
}

impl Baseline {
    /// Reads a report written with `-f json=FILE`.
    ///
    /// # Errors
    ///
    /// When the file is missing or is no such report.
    pub fn read(file: &Path) -> Result<Baseline> {
        let shown = file.display();
        let text = std::fs::read(file).with_context(|| format!("cannot read the baseline `{shown}`"))?;
        let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&text);
        let report: ReportFile = serde_json::from_slice(text).map_err(|error| {
            anyhow::anyhow!("`{shown}` is no baseline: {error}\nhelp: write one with `nephoscope scan … -f json=FILE`")
        })?;
        if report.schema != "nephoscope/report/1" {
            bail!(
                "`{shown}` has schema `{}`, expected `nephoscope/report/1`",
                report.schema
            );
        }
        let entries = report
            .findings
            .into_iter()
            .filter(|finding| matches!(finding.outcome, Outcome::Fail | Outcome::Waived))
            .map(|finding| {
                let entry = Entry {
                    policy: finding.policy,
                    resource: finding.resource.key,
                    shown: finding.resource.id,
                    message: finding.message,
                };
                (finding.id, entry)
            })
            .collect();
        Ok(Baseline { entries })
    }

    /// Marks each fault as new or unchanged.
    pub fn mark(&self, findings: &mut [Finding]) {
        for finding in findings {
            if matches!(finding.outcome, Outcome::Fail | Outcome::Waived) {
                finding.baseline = Some(match self.entries.contains_key(&finding.id) {
                    true => BaselineState::Unchanged,
                    false => BaselineState::New,
                });
            }
        }
    }

    /// Returns what is fixed, and what nobody knows because its (policy, resource) was not evaluated.
    ///
    /// `evaluated` says whether this scan came to `pass`, `fail` or `not_applicable` for a pair.
    pub fn gone(
        &self,
        findings: &[Finding],
        evaluated: impl Fn(&PolicyId, &ResourceKey) -> bool,
    ) -> (Vec<FixedFinding>, Vec<FindingId>) {
        let present: BTreeSet<&FindingId> = findings
            .iter()
            .filter(|finding| matches!(finding.outcome, Outcome::Fail | Outcome::Waived))
            .map(|finding| &finding.id)
            .collect();
        let (mut fixed, mut not_checked) = (Vec::new(), Vec::new());
        for (id, entry) in self.entries.iter().filter(|(id, _)| !present.contains(id)) {
            if evaluated(&entry.policy, &entry.resource) {
                fixed.push(FixedFinding {
                    id: id.clone(),
                    policy: entry.policy.clone(),
                    resource: entry.shown.clone(),
                    message: entry.message.clone(),
                });
            } else {
                not_checked.push(id.clone());
            }
        }
        (fixed, not_checked)
    }
}
