//! Baseline: an earlier report, by which findings are new, unchanged or fixed.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result, bail};
use nephoscope_model::{BaselineState, Finding, FindingId, FixedFinding, Outcome, PolicyId, ResourceKey};
use serde::Deserialize;

use crate::ledger::Seen;

/// The findings of an earlier report that were `fail` or `waived`.
pub struct Baseline {
    entries: BTreeMap<FindingId, Entry>,
    by_resource: BTreeMap<Seen, Vec<FindingId>>,
}

struct Entry {
    policy: PolicyId,
    shown: String,
    message: String,
    now: Now,
}

/// What this scan says of a finding of the baseline.
#[derive(PartialEq, Eq)]
enum Now {
    There,
    Fixed,
    NotChecked,
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
        let mut baseline = Baseline {
            entries: BTreeMap::new(),
            by_resource: BTreeMap::new(),
        };
        for finding in report.findings {
            if !matches!(finding.outcome, Outcome::Fail | Outcome::Waived) {
                continue;
            }
            let seen = Seen::of(&finding.resource.key);
            baseline.by_resource.entry(seen).or_default().push(finding.id.clone());
            let entry = Entry {
                policy: finding.policy,
                shown: finding.resource.id,
                message: finding.message,
                now: Now::NotChecked,
            };
            baseline.entries.insert(finding.id, entry);
        }
        Ok(baseline)
    }

    /// Takes the findings of one resource: marks each fault as new or unchanged, and notes what became of the resource.
    ///
    /// `evaluated` says whether this scan came to `pass`, `fail` or `not_applicable` under a policy.
    pub fn settle(&mut self, seen: Seen, findings: &mut [Finding], evaluated: impl Fn(&PolicyId) -> bool) {
        for finding in findings {
            if matches!(finding.outcome, Outcome::Fail | Outcome::Waived) {
                let entry = self.entries.get_mut(&finding.id);
                finding.baseline = Some(match entry {
                    Some(entry) => {
                        entry.now = Now::There;
                        BaselineState::Unchanged
                    }
                    None => BaselineState::New,
                });
            }
        }
        for id in self.by_resource.get(&seen).into_iter().flatten() {
            if let Some(entry) = self.entries.get_mut(id)
                && entry.now == Now::NotChecked
                && evaluated(&entry.policy)
            {
                entry.now = Now::Fixed;
            }
        }
    }

    /// Returns what is fixed, and what nobody knows because its (policy, resource) was not evaluated, after every resource was
    /// settled.
    pub fn gone(self) -> (Vec<FixedFinding>, Vec<FindingId>) {
        let (mut fixed, mut not_checked) = (Vec::new(), Vec::new());
        for (id, entry) in self.entries {
            match entry.now {
                Now::There => {}
                Now::Fixed => fixed.push(FixedFinding {
                    id,
                    policy: entry.policy,
                    resource: entry.shown,
                    message: entry.message,
                }),
                Now::NotChecked => not_checked.push(id),
            }
        }
        (fixed, not_checked)
    }
}
