//! What has to be known of all findings before the first result is written; kept by account and not by finding.

use std::collections::BTreeMap;
use std::io;

use nephoscope_model::{Assessment, Finding, Findings, Outcome, PolicyId, Provider, Severity, sort_key};

use super::{location, notifications, results};
use crate::digest;

/// An account, subscription or project; runs are in this order.
type Owner = (Provider, String);

/// How many findings there are of each severity, worst first.
type BySeverity = [u64; Severity::ALL.len()];

pub(super) struct Survey {
    /// Every account that has findings or counts.
    pub(super) accounts: BTreeMap<Owner, Account>,
    /// Digests of the findings that share their policy, file and line with another, sorted: the line cannot tell them apart.
    crowded: Vec<u128>,
}

/// What is known of the findings of one account.
#[derive(Default)]
pub(super) struct Account {
    results: BySeverity,
    /// How many evaluations failed.
    pub(super) errors: u64,
    /// How many outcomes are unknown, by policy, native type and what is missing.
    pub(super) unknown: BTreeMap<(PolicyId, String, String), u64>,
}

impl Account {
    fn add(&mut self, finding: &Finding, full: bool) {
        if results::is_result(finding, full) {
            if let Some(count) = self.results.get_mut(usize::from(rank(finding.severity))) {
                *count += 1;
            }
        } else if finding.outcome == Outcome::Error {
            self.errors += 1;
        } else if finding.outcome == Outcome::Unknown {
            let mut gaps: Vec<String> = finding.unknown.iter().map(|unknown| unknown.gap.to_string()).collect();
            gaps.sort_unstable();
            gaps.dedup();
            let group = (
                finding.policy.clone(),
                finding.resource.native_type.clone(),
                gaps.join(", "),
            );
            *self.unknown.entry(group).or_default() += 1;
        }
    }

    /// Returns how many results are left out for the limit of a run.
    pub(super) fn left_out(&self, full: bool) -> u64 {
        let all: u64 = self.results.iter().sum();
        if full { 0 } else { all.saturating_sub(results::LIMIT) }
    }

    /// Returns how many results of each severity a run holds: the worst.
    fn kept(&self, full: bool) -> BySeverity {
        let mut room = if full { u64::MAX } else { results::LIMIT };
        self.results.map(|count| {
            let kept = count.min(room);
            room -= kept;
            kept
        })
    }
}

/// What a run still has room for.
struct Room {
    errors: u64,
    results: BySeverity,
}

impl Room {
    /// Returns where a finding stands in its run, if it does: errors are read before results, of which the worst come first.
    fn take(&mut self, finding: &Finding, full: bool) -> Option<[u8; 2]> {
        let rank = rank(finding.severity);
        let (room, place) = if results::is_result(finding, full) {
            (self.results.get_mut(usize::from(rank))?, [1, rank])
        } else if finding.outcome == Outcome::Error {
            (&mut self.errors, [0, 0])
        } else {
            return None;
        };
        *room = room.checked_sub(1)?;
        Some(place)
    }
}

impl Survey {
    pub(super) fn of(assessment: &Assessment, full: bool) -> io::Result<Self> {
        let mut accounts: BTreeMap<Owner, Account> = BTreeMap::new();
        for tally in &assessment.tallies {
            accounts.entry((tally.provider, tally.account.clone())).or_default();
        }
        // One pass for both: accounts are counted while those findings that a line may tell apart are sorted by line. The others need
        // a fingerprint of ours in any case. INVARIANT: no two failing findings have one id, so that an id stands for one place.
        let by_line = assessment.findings.sorted_by(|finding| {
            accounts.entry(owner(finding)).or_default().add(finding, full);
            location::line_key(finding)
        })?;
        Ok(Survey {
            accounts,
            crowded: crowded(&by_line)?,
        })
    }

    pub(super) fn is_crowded(&self, finding: &Finding) -> bool {
        self.crowded.binary_search(&digest::of_id(&finding.id)).is_ok()
    }

    /// Returns what stands in runs, sorted by account: first the evaluations that failed, in the order of the assessment, then the
    /// results, worst first.
    pub(super) fn sorted(&self, findings: &Findings, full: bool) -> io::Result<Findings> {
        let mut rooms: BTreeMap<&Owner, Room> = BTreeMap::new();
        for (owner, account) in &self.accounts {
            let room = Room {
                errors: notifications::EACH as u64,
                results: account.kept(full),
            };
            rooms.insert(owner, room);
        }
        findings.sorted_by(|finding| {
            // What a run has no room for is not sorted: equal severities come in the order of the assessment, and the first ones stay.
            let place = rooms.get_mut(&owner(finding))?.take(finding, full)?;
            let mut key = vec![finding.resource.provider as u8];
            key.extend(sort_key([finding.resource.account.as_str()]));
            key.extend(place);
            Some(key)
        })
    }
}

fn owner(finding: &Finding) -> Owner {
    (finding.resource.provider, finding.resource.account.clone())
}

/// Returns 0 for the worst severity.
fn rank(severity: Severity) -> u8 {
    Severity::Critical as u8 - severity as u8
}

fn crowded(by_line: &Findings) -> io::Result<Vec<u128>> {
    let mut crowded = Vec::new();
    let mut before = None;
    for finding in by_line.iter() {
        let finding = finding?;
        let key = location::line_key(&finding);
        let id = digest::of_id(&finding.id);
        if let Some((line, first)) = before
            && line == key
        {
            if crowded.last() != Some(&first) {
                crowded.push(first);
            }
            crowded.push(id);
        }
        before = Some((key, id));
    }
    crowded.sort_unstable();
    Ok(crowded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_are_those_of_all_severities() {
        for (index, severity) in (0..).zip(Severity::ALL) {
            assert_eq!(rank(severity), index);
        }
    }

    #[test]
    fn the_worst_are_kept() {
        let mut account = Account {
            results: [10, 4_000, 2_000, 5, 0],
            ..Account::default()
        };
        assert_eq!(account.kept(false), [10, 4_000, 990, 0, 0]);
        assert_eq!(account.left_out(false), 1_015);
        assert_eq!(account.kept(true), account.results);
        assert_eq!(account.left_out(true), 0);
        account.results = [6_000, 0, 0, 0, 1];
        assert_eq!(account.kept(false), [5_000, 0, 0, 0, 0]);
    }
}
