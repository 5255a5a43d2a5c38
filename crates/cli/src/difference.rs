//! What two sets of policies say differently of the same input.
//!
//! Each side is judged on its own. Outcomes go into sorted runs by (policy, resource), and the runs of both sides are gone
//! through together: only what differs is held.

mod pairs;

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use jiff::Timestamp;
use nephoscope_model::{Finding, FindingId, Findings, Outcome, PolicyId, PolicyInfo, ResourceSummary, Severity};
use nephoscope_policy::Bundle;
use schemars::JsonSchema;
use serde::Serialize;

use crate::assess::{Terms, assess};
use crate::runs::{Sorted, Sorter};
use crate::scan::Found;
use crate::settle;
use crate::totals::Counter;
use crate::waivers::Waivers;
use pairs::{Entering, Pair, Pairs};

/// Name and version of the document's shape.
pub const SCHEMA: &str = "nephoscope/policy-diff/1";

/// What differs between two sets of policies.
#[derive(Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(title = "nephoscope/policy-diff/1")]
pub struct Difference {
    /// Name and version of this shape.
    #[schemars(extend("const" = SCHEMA))]
    pub schema: &'static str,
    /// The first set.
    pub a: SideInfo,
    /// The second set.
    pub b: SideInfo,
    /// The instant judged, UTC.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub as_of: Timestamp,
    /// The exit code that the program ends with.
    pub exit_code: u8,
    /// Why not everything could be compared; empty when all was.
    pub incomplete_because: Vec<String>,
    /// Policies that only one side has, or that have another severity, sorted by id.
    pub policies: PolicyChanges,
    /// Findings of B that A has not, sorted by (policy, resource key, fault key).
    pub gained: Vec<Change>,
    /// Findings of A that B has not, in the same order.
    pub lost: Vec<Change>,
    /// Outcomes that are `unknown` in B and were not in A, in the same order.
    pub became_unknown: Vec<Change>,
    /// Outcomes that were `unknown` in A and are not in B, in the same order.
    pub became_known: Vec<Change>,
}

/// One set of policies.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct SideInfo {
    /// Its name as given.
    pub source: String,
    /// How many policies judged.
    pub policies: usize,
    /// Digest of everything in them that decides an outcome.
    pub digest: String,
}

/// What differs between the policies themselves.
#[derive(Debug, Default, PartialEq, Serialize, JsonSchema)]
pub struct PolicyChanges {
    /// Those that only B has.
    pub added: Vec<PolicyName>,
    /// Those that only A has.
    pub removed: Vec<PolicyName>,
    /// Those with another severity in B.
    pub severity: Vec<SeverityChange>,
}

/// A policy.
#[derive(Debug, PartialEq, Serialize, JsonSchema)]
pub struct PolicyName {
    /// Identity.
    pub id: PolicyId,
    /// How bad.
    pub severity: Severity,
    /// One line that names what is wrong.
    pub title: String,
}

/// A policy that is as bad no more.
#[derive(Debug, PartialEq, Serialize, JsonSchema)]
pub struct SeverityChange {
    /// Identity.
    pub id: PolicyId,
    /// In A.
    pub was: Severity,
    /// In B.
    pub now: Severity,
}

/// What differs about one resource under one policy.
#[derive(Debug, PartialEq, Serialize, JsonSchema)]
pub struct Change {
    /// Identity of the finding.
    pub id: FindingId,
    /// Which policy.
    pub policy: PolicyId,
    /// How bad.
    pub severity: Severity,
    /// Which resource.
    pub resource: ResourceSummary,
    /// Fault key.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub key: String,
    /// JSON Pointer into the resource at which the fault stands.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub path: String,
    /// What is wrong, or not known.
    pub message: String,
    /// What A says of the resource under the policy.
    pub was: Says,
    /// What B says of it.
    pub now: Says,
}

/// What a side says of a resource under a policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Says {
    /// It has no such policy.
    NotLoaded,
    /// An outcome.
    #[serde(untagged)]
    Outcome(Outcome),
}

impl Says {
    /// Returns the word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Says::Outcome(outcome) => outcome.as_str(),
            Says::NotLoaded => "not loaded",
        }
    }
}

/// What one set of policies says of the input.
pub struct Side {
    info: SideInfo,
    policies: BTreeMap<PolicyId, PolicyInfo>,
    outcomes: Sorted,
    incomplete_because: Vec<String>,
}

impl Side {
    /// Returns what a set named `source` found; `bundle` are its policies that judged.
    ///
    /// # Errors
    ///
    /// When the temporary file cannot be read or written, or an accepted gap's glob is not valid.
    pub fn of(source: &str, bundle: &Bundle, found: Found, terms: &Terms<'_>, sorter: Sorter) -> anyhow::Result<Side> {
        let ids: Vec<PolicyId> = bundle.policies().iter().map(|policy| policy.info.id.clone()).collect();
        let (outcomes, settled) = outcomes(&found, &ids, sorter)?;
        let assessment = assess(found, settled, Findings::default(), bundle, &Waivers::default(), terms)?;
        Ok(Side {
            info: SideInfo {
                source: source.to_owned(),
                policies: ids.len(),
                digest: bundle.digest(),
            },
            policies: (assessment.policies.into_iter())
                .map(|info| (info.id.clone(), info))
                .collect(),
            outcomes,
            incomplete_because: assessment.incomplete_because,
        })
    }

    fn says(&self, policy: &PolicyId, pair: Option<&Pair>) -> Says {
        match pair {
            Some(pair) => Says::Outcome(pair.outcome),
            None if self.policies.contains_key(policy) => Says::Outcome(Outcome::NotApplicable),
            None => Says::NotLoaded,
        }
    }
}

/// Sorts every outcome but `not_applicable` by (policy, resource), with its findings.
fn outcomes(found: &Found, ids: &[PolicyId], sorter: Sorter) -> io::Result<(Sorted, settle::Settled)> {
    let (mut counter, mut gaps) = (Counter::default(), Vec::new());
    let mut entering = Entering { sorter, ids };
    let replaced = found.ledger.settle(|resource| {
        counter.add(resource.scope, resource.fate);
        entering.outcomes(&resource)?;
        gaps.extend(resource.gap);
        Ok(())
    })?;
    for finding in found.ledger.findings(&replaced) {
        entering.finding(&finding?)?;
    }
    let settled = settle::Settled {
        unchanged: 0,
        totals: counter.totals(ids),
        superseded: replaced.count(),
        gaps,
        fixed: Vec::new(),
        not_checked: Vec::new(),
    };
    Ok((entering.sorter.finish()?, settled))
}

/// Returns what B says differently from A, without an exit code.
///
/// # Errors
///
/// When the temporary file cannot be read.
pub fn compare(a: Side, b: Side, as_of: Timestamp) -> io::Result<Difference> {
    let mut difference = Difference {
        schema: SCHEMA,
        as_of,
        exit_code: 0,
        incomplete_because: incomplete_because(&a, &b),
        policies: PolicyChanges::of(&a.policies, &b.policies),
        gained: Vec::new(),
        lost: Vec::new(),
        became_unknown: Vec::new(),
        became_known: Vec::new(),
        a: a.info.clone(),
        b: b.info.clone(),
    };
    for pairs in Pairs::of(&a.outcomes, &b.outcomes) {
        let (in_a, in_b) = pairs?;
        difference.add(&a, in_a.as_ref(), &b, in_b.as_ref());
    }
    let Difference {
        gained,
        lost,
        became_unknown,
        became_known,
        ..
    } = &mut difference;
    for changes in [gained, lost, became_unknown, became_known] {
        changes.sort_by(|one, other| one.order().cmp(&other.order()));
    }
    Ok(difference)
}

fn incomplete_because(a: &Side, b: &Side) -> Vec<String> {
    let (of_a, of_b): (BTreeSet<&String>, BTreeSet<&String>) = (
        a.incomplete_because.iter().collect(),
        b.incomplete_because.iter().collect(),
    );
    let both = of_a.intersection(&of_b).map(|reason| (*reason).clone());
    let only_a = of_a.difference(&of_b).map(|reason| format!("A: {reason}"));
    let only_b = of_b.difference(&of_a).map(|reason| format!("B: {reason}"));
    both.chain(only_a).chain(only_b).collect()
}

impl Difference {
    /// Returns whether anything differs.
    pub fn is_any(&self) -> bool {
        let PolicyChanges {
            added,
            removed,
            severity,
        } = &self.policies;
        let lists = [&self.gained, &self.lost, &self.became_unknown, &self.became_known];
        lists.iter().any(|list| !list.is_empty()) || !added.is_empty() || !removed.is_empty() || !severity.is_empty()
    }

    fn add(&mut self, a: &Side, in_a: Option<&Pair>, b: &Side, in_b: Option<&Pair>) {
        let Some(policy) = in_a.or(in_b).map(|pair| &pair.policy) else {
            return;
        };
        let (was, now) = (a.says(policy, in_a), b.says(policy, in_b));
        let ids = |pair| Pair::fails(pair).map(|finding| &finding.id).collect::<BTreeSet<_>>();
        let (ids_a, ids_b) = (ids(in_a), ids(in_b));
        let gained = Pair::fails(in_b).filter(|finding| !ids_a.contains(&finding.id));
        self.gained.extend(gained.map(|finding| Change::of(finding, was, now)));
        let lost = Pair::fails(in_a).filter(|finding| !ids_b.contains(&finding.id));
        self.lost.extend(lost.map(|finding| Change::of(finding, was, now)));
        let unknown = Says::Outcome(Outcome::Unknown);
        let all = |pair: Option<&Pair>| -> Vec<Change> {
            let findings = pair.into_iter().flat_map(|pair| pair.findings.values());
            findings.map(|finding| Change::of(finding, was, now)).collect()
        };
        match (was == unknown, now == unknown) {
            (false, true) => self.became_unknown.extend(all(in_b)),
            (true, false) => self.became_known.extend(all(in_a)),
            _ => {}
        }
    }
}

impl PolicyChanges {
    fn of(a: &BTreeMap<PolicyId, PolicyInfo>, b: &BTreeMap<PolicyId, PolicyInfo>) -> PolicyChanges {
        let only = |these: &BTreeMap<PolicyId, PolicyInfo>, others: &BTreeMap<PolicyId, PolicyInfo>| {
            let only = these.values().filter(|info| !others.contains_key(&info.id));
            only.map(|info| PolicyName {
                id: info.id.clone(),
                severity: info.severity,
                title: info.title.clone(),
            })
            .collect()
        };
        let both = a.values().filter_map(|info| Some((info, b.get(&info.id)?)));
        let severity = both.filter(|(was, now)| was.severity != now.severity);
        PolicyChanges {
            added: only(b, a),
            removed: only(a, b),
            severity: severity
                .map(|(was, now)| SeverityChange {
                    id: was.id.clone(),
                    was: was.severity,
                    now: now.severity,
                })
                .collect(),
        }
    }
}

impl Change {
    fn of(finding: &Finding, was: Says, now: Says) -> Change {
        Change {
            id: finding.id.clone(),
            policy: finding.policy.clone(),
            severity: finding.severity,
            resource: (*finding.resource).clone(),
            key: finding.key.clone(),
            path: finding.path.clone(),
            message: finding.message.clone(),
            was,
            now,
        }
    }

    fn order(&self) -> (&PolicyId, &str, &str, &FindingId) {
        (&self.policy, &self.resource.key.0, &self.key, &self.id)
    }
}
