//! Baseline: an earlier report, by which findings are new, unchanged or fixed.

mod file;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Result;
use nephoscope_model::{BaselineState, Finding, FindingId, FixedFinding, Outcome, PolicyId};

use crate::ledger::Seen;

/// The findings of an earlier report that were `fail` or `waived`: a few bytes each, since there may be many. What is told of
/// those that are fixed is read again.
pub struct Baseline {
    file: PathBuf,
    policies: Vec<PolicyId>,
    /// Sorted by id.
    entries: Vec<Entry>,
    /// Indexes of `entries` by resource, sorted.
    by_resource: Vec<(Seen, u32)>,
}

struct Entry {
    id: u128,
    /// Index of `policies`.
    policy: u32,
    now: Now,
}

/// What this scan says of a finding of the baseline.
#[derive(PartialEq, Eq)]
enum Now {
    There,
    Fixed,
    NotChecked,
}

impl Baseline {
    /// Reads a report written with `-f json=FILE`.
    ///
    /// # Errors
    ///
    /// When the file is missing or is no such report.
    pub fn read(file: &Path) -> Result<Baseline> {
        let mut numbers: BTreeMap<PolicyId, u32> = BTreeMap::new();
        let mut found: Vec<(Entry, Seen)> = Vec::new();
        file::read(file, |finding| {
            // A report with four billion policies is not to be had.
            let next = u32::try_from(numbers.len()).unwrap_or(u32::MAX);
            let entry = Entry {
                id: number(&finding.id).ok_or_else(|| format!("`{}` is no finding id", finding.id))?,
                policy: *numbers.entry(finding.policy).or_insert(next),
                now: Now::NotChecked,
            };
            found.push((entry, Seen::of(&finding.resource.key)));
            Ok(())
        })?;
        found.sort_by_key(|(entry, _)| entry.id);
        found.dedup_by_key(|(entry, _)| entry.id);
        let (entries, seen): (Vec<Entry>, Vec<Seen>) = found.into_iter().unzip();
        let mut by_resource: Vec<(Seen, u32)> = seen.into_iter().zip(0..).collect();
        by_resource.sort_unstable();
        let mut policies: Vec<(u32, PolicyId)> = numbers.into_iter().map(|(id, number)| (number, id)).collect();
        policies.sort();
        Ok(Baseline {
            file: file.to_owned(),
            policies: policies.into_iter().map(|(_, id)| id).collect(),
            entries,
            by_resource,
        })
    }

    /// Marks a fault as new or unchanged. It is no longer fixed, if it was.
    pub fn mark(&mut self, finding: &mut Finding) {
        if matches!(finding.outcome, Outcome::Fail | Outcome::Waived) {
            finding.baseline = Some(match self.entry(&finding.id) {
                Some(entry) => {
                    entry.now = Now::There;
                    BaselineState::Unchanged
                }
                None => BaselineState::New,
            });
        }
    }

    /// Takes note of what became of a resource: its faults are fixed unless they are marked later on.
    ///
    /// `evaluated` says whether this scan came to `pass`, `fail` or `not_applicable` under a policy.
    pub fn judged(&mut self, seen: Seen, evaluated: impl Fn(&PolicyId) -> bool) {
        let from = self.by_resource.partition_point(|(resource, _)| *resource < seen);
        let own = self.by_resource.iter().skip(from);
        for (_, index) in own.take_while(|(resource, _)| *resource == seen) {
            if let Some(entry) = self.entries.get_mut(*index as usize)
                && entry.now == Now::NotChecked
                && self.policies.get(entry.policy as usize).is_some_and(&evaluated)
            {
                entry.now = Now::Fixed;
            }
        }
    }

    /// Returns what is fixed, and what nobody knows because its (policy, resource) was not evaluated, after every resource was
    /// noted and every fault marked; both sorted by id.
    ///
    /// # Errors
    ///
    /// When the file cannot be read again.
    pub fn gone(mut self) -> Result<(Vec<FixedFinding>, Vec<FindingId>)> {
        let not_checked = self.entries.iter().filter(|entry| entry.now == Now::NotChecked);
        let not_checked = not_checked
            .map(|entry| FindingId(format!("{:032x}", entry.id)))
            .collect();
        let mut fixed = Vec::new();
        if self.entries.iter().any(|entry| entry.now == Now::Fixed) {
            let file = std::mem::take(&mut self.file);
            file::read(&file, |finding| {
                if let Some(entry) = self.entry(&finding.id).filter(|entry| entry.now == Now::Fixed) {
                    // A file that holds a finding twice tells of it once.
                    entry.now = Now::There;
                    fixed.push(FixedFinding {
                        id: finding.id,
                        policy: finding.policy,
                        resource: finding.resource.id,
                        message: finding.message,
                    });
                }
                Ok(())
            })?;
        }
        fixed.sort();
        Ok((fixed, not_checked))
    }

    fn entry(&mut self, id: &FindingId) -> Option<&mut Entry> {
        let id = number(id)?;
        let index = self.entries.binary_search_by_key(&id, |entry| entry.id).ok()?;
        self.entries.get_mut(index)
    }
}

/// Returns the number that an id's 32 hexadecimal digits are; `None` of anything else.
fn number(id: &FindingId) -> Option<u128> {
    let number = u128::from_str_radix(&id.0, 16).ok()?;
    (format!("{number:032x}") == id.0).then_some(number)
}
