//! One pass over all findings: what there is of each policy, gap and waiver. It keeps counts, and of the findings only those that a cut
//! list shows.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::io;

use nephoscope_model::{Assessment, Entry, Finding, Findings, Outcome, PolicyId, Reason, Severity, Unknown};

use super::LIST;
use crate::options::Options;
use crate::text::{self, MESSAGE, NAME};

#[derive(Default)]
pub(super) struct Overview {
    failing: BTreeMap<PolicyId, Group>,
    errors: BTreeMap<PolicyId, Group>,
    /// How many outcomes are unknown.
    pub(super) unknown: u64,
    /// Unknown outcomes by the text of what is missing.
    pub(super) open: BTreeMap<String, Open>,
    /// How many unknown outcomes have a gap of each reason.
    pub(super) reasons: BTreeMap<Reason, u64>,
    /// How many findings are waived.
    pub(super) waived: u64,
    /// Waived findings by the terms on which they are.
    pub(super) terms: BTreeMap<String, u64>,
}

/// What is known of the findings of one policy with one outcome.
#[derive(Default)]
pub(super) struct Group {
    pub(super) count: usize,
    /// The worst of them.
    worst: Option<Severity>,
    /// The first of them, at most as many as a cut list shows; none where the list is not cut.
    pub(super) first: Vec<Finding>,
}

impl Group {
    pub(super) fn severity(&self) -> Severity {
        self.worst.unwrap_or(Severity::Info)
    }
}

/// What one gap leaves open.
#[derive(Default)]
pub(super) struct Open {
    pub(super) count: u64,
    /// Policies, and with `--verbose` the ids of their resources.
    // Those ids are the one thing held of each finding: the list is by gap, and an outcome with several gaps stands under each of them.
    pub(super) policies: BTreeMap<PolicyId, BTreeSet<String>>,
}

impl Overview {
    pub(super) fn of(assessment: &Assessment, options: &Options) -> io::Result<Self> {
        let mut overview = Overview::default();
        for entry in assessment.findings.entries() {
            overview.add(entry?, options)?;
        }
        Ok(overview)
    }

    fn add(&mut self, entry: Entry, options: &Options) -> io::Result<()> {
        let quiet = options.verbosity < 0;
        match entry.outcome {
            Outcome::Fail | Outcome::Error => {
                let groups = match entry.outcome {
                    Outcome::Fail => &mut self.failing,
                    _ => &mut self.errors,
                };
                let group = groups.entry(entry.policy.clone()).or_default();
                group.count += 1;
                group.worst = group.worst.max(Some(entry.severity));
                // One more than the length of a cut list; see `View::shown`.
                if options.verbosity == 0 && group.first.len() <= LIST {
                    group.first.push(entry.finding()?);
                }
            }
            Outcome::Unknown => {
                self.unknown += 1;
                let policy = entry.policy.clone();
                let listed = options.unknown_listed && !quiet;
                let (unknown, resource) = match listed && options.verbosity > 0 {
                    true => {
                        let finding = entry.finding()?;
                        (finding.unknown, Some(finding.resource.id.clone()))
                    }
                    false => (entry.unknown()?, None),
                };
                let reasons: BTreeSet<Reason> = unknown.iter().map(|unknown| unknown.gap.reason).collect();
                for reason in reasons {
                    *self.reasons.entry(reason).or_default() += 1;
                }
                if listed {
                    self.add_open(&policy, &unknown, resource);
                }
            }
            Outcome::Waived => {
                self.waived += 1;
                if !quiet {
                    *self.terms.entry(terms(&entry.finding()?)).or_default() += 1;
                }
            }
            Outcome::Pass | Outcome::NotApplicable => {}
        }
        Ok(())
    }

    fn add_open(&mut self, policy: &PolicyId, unknown: &[Unknown], resource: Option<String>) {
        let mut gaps: BTreeSet<String> = unknown.iter().map(|unknown| unknown.gap.to_string()).collect();
        if gaps.is_empty() {
            gaps.insert("reason not stated".to_owned());
        }
        for gap in gaps {
            let open = self.open.entry(gap).or_default();
            open.count += 1;
            let resources = open.policies.entry(policy.clone()).or_default();
            resources.extend(resource.clone());
        }
    }

    /// Returns what fails, then what failed to evaluate; of each the worst policies first.
    pub(super) fn groups(&self) -> Vec<(Outcome, &PolicyId, &Group)> {
        let mut all = Vec::new();
        for (outcome, groups) in [(Outcome::Fail, &self.failing), (Outcome::Error, &self.errors)] {
            let mut groups: Vec<_> = groups.iter().map(|(policy, group)| (outcome, policy, group)).collect();
            // A stable sort: policies of one severity stay in the order of their ids.
            groups.sort_by_key(|(_, _, group)| Reverse(group.severity()));
            all.append(&mut groups);
        }
        all
    }
}

/// Returns the findings of `groups` in their order.
pub(super) fn in_order(findings: &Findings, groups: &[(Outcome, &PolicyId, &Group)]) -> io::Result<Findings> {
    let places: BTreeMap<(Outcome, &PolicyId), u32> = groups
        .iter()
        .map(|(outcome, policy, _)| (*outcome, *policy))
        .zip(0..)
        .collect();
    findings.sorted_by(|finding| {
        let place = places.get(&(finding.outcome, &finding.policy))?;
        Some(place.to_be_bytes().to_vec())
    })
}

fn terms(finding: &Finding) -> String {
    finding.waiver.as_ref().map_or_else(
        || "terms not stated".to_owned(),
        |waiver| {
            format!(
                "{} until {} by {}: {}",
                text::line(&waiver.id, NAME),
                waiver.expires,
                text::line(&waiver.owner, NAME),
                text::line(&waiver.reason, MESSAGE)
            )
        },
    )
}
