//! Findings in order, of which there may be more than memory holds.

use std::fmt;
use std::io;
use std::sync::Arc;

use crate::fact::Unknown;
use crate::finding::{BaselineState, Finding, Severity};
use crate::outcome::Outcome;
use crate::policy::PolicyId;

/// Findings as they come out of a store, one after the other.
pub type FindingIter<'a> = Box<dyn Iterator<Item = io::Result<Finding>> + 'a>;

/// What is known of a finding before it is read, and the finding.
pub struct Entry {
    /// Which policy.
    pub policy: PolicyId,
    /// What came of it.
    pub outcome: Outcome,
    /// How bad.
    pub severity: Severity,
    kept: Kept,
}

enum Kept {
    Whole(Box<Finding>),
    Bytes(Vec<u8>, Reader),
}

/// Reads a finding from the bytes in which a store keeps it.
#[derive(Clone, Copy)]
pub struct Reader {
    /// Returns all of it.
    pub finding: fn(&[u8]) -> io::Result<Finding>,
    /// Returns [`Finding::unknown`] only.
    pub unknown: fn(&[u8]) -> io::Result<Vec<Unknown>>,
}

impl Entry {
    /// Returns the entry of a finding that `read` reads from `bytes`.
    pub fn kept(policy: PolicyId, outcome: Outcome, severity: Severity, bytes: Vec<u8>, read: Reader) -> Entry {
        Entry {
            policy,
            outcome,
            severity,
            kept: Kept::Bytes(bytes, read),
        }
    }

    /// Reads the finding.
    ///
    /// # Errors
    ///
    /// When what was kept is none.
    pub fn finding(self) -> io::Result<Finding> {
        match self.kept {
            Kept::Whole(finding) => Ok(*finding),
            Kept::Bytes(bytes, read) => (read.finding)(&bytes),
        }
    }

    /// Reads what is not known and decides it, and nothing else.
    ///
    /// # Errors
    ///
    /// When what was kept is no finding.
    pub fn unknown(self) -> io::Result<Vec<Unknown>> {
        match self.kept {
            Kept::Whole(finding) => Ok(finding.unknown),
            Kept::Bytes(bytes, read) => (read.unknown)(&bytes),
        }
    }
}

impl From<Finding> for Entry {
    fn from(finding: Finding) -> Entry {
        Entry {
            policy: finding.policy.clone(),
            outcome: finding.outcome,
            severity: finding.severity,
            kept: Kept::Whole(Box::new(finding)),
        }
    }
}

/// Entries of findings, one after the other.
pub type EntryIter<'a> = Box<dyn Iterator<Item = io::Result<Entry>> + 'a>;

/// Findings as JSON, one after the other.
pub type JsonIter<'a> = Box<dyn Iterator<Item = io::Result<String>> + 'a>;

/// A place that keeps findings in an order and gives them out as often as wanted.
pub trait FindingStore: fmt::Debug + Send + Sync {
    /// Returns all of them in order, from the first one.
    ///
    /// # Errors
    ///
    /// When the place cannot be read.
    fn iter(&self) -> io::Result<FindingIter<'_>>;

    /// Returns the entry of each, in the order of `iter`: who needs few of the findings whole does not read the others.
    ///
    /// # Errors
    ///
    /// When the place cannot be read.
    fn entries(&self) -> io::Result<EntryIter<'_>> {
        Ok(Box::new(self.iter()?.map(|finding| finding.map(Entry::from))))
    }

    /// Returns each as the JSON that a report shows of it, on one line, where they are kept so; in the order of `iter`.
    ///
    /// # Errors
    ///
    /// When the place cannot be read.
    fn json(&self) -> io::Result<Option<JsonIter<'_>>> {
        Ok(None)
    }

    /// Returns those for which `key` gives a key, in the order of the keys; findings of one key stay in this store's order.
    /// `key` is called once for each finding, in this store's order.
    ///
    /// # Errors
    ///
    /// When the place cannot be read, or the new one not be written.
    fn sorted_by(&self, key: &mut dyn FnMut(&Finding) -> Option<Vec<u8>>) -> io::Result<Arc<dyn FindingStore>>;
}

/// How many findings there are. The counts of those that fail are by severity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FindingCounts {
    /// All.
    pub all: u64,
    failing: [u64; Severity::ALL.len()],
    /// Those that fail and are not in the baseline; `None` without a baseline.
    pub new: Option<u64>,
}

impl FindingCounts {
    /// Counts one more.
    pub fn add(&mut self, finding: &Finding) {
        self.add_one(finding.outcome, finding.severity, finding.baseline);
    }

    /// Counts one more, of which this is known.
    pub fn add_one(&mut self, outcome: Outcome, severity: Severity, baseline: Option<BaselineState>) {
        self.all += 1;
        if outcome != Outcome::Fail {
            return;
        }
        if let Some(count) = self.failing.get_mut(severity as usize) {
            *count += 1;
        }
        if let Some(state) = baseline {
            *self.new.get_or_insert(0) += u64::from(state == BaselineState::New);
        }
    }

    /// Returns how many fail with this severity.
    pub fn failing(&self, severity: Severity) -> u64 {
        self.failing.get(severity as usize).copied().unwrap_or_default()
    }
}

/// All findings of a scan in the order of reports: by (policy, resource key, fault key, path).
///
/// They need not be in memory: go through them, and keep no more than a bounded number.
#[derive(Debug, Clone)]
pub struct Findings {
    store: Arc<dyn FindingStore>,
    counts: FindingCounts,
}

impl Findings {
    /// Returns the findings of a store, which are counted already.
    pub fn new(store: Arc<dyn FindingStore>, counts: FindingCounts) -> Self {
        Findings { store, counts }
    }

    /// Returns how many there are.
    pub fn counts(&self) -> &FindingCounts {
        &self.counts
    }

    /// Returns all in order; each call begins with the first one.
    pub fn iter(&self) -> FindingIter<'_> {
        self.store
            .iter()
            .unwrap_or_else(|error| Box::new(std::iter::once(Err(error))))
    }

    /// Returns the entry of each, in the order of `iter`.
    pub fn entries(&self) -> EntryIter<'_> {
        self.store
            .entries()
            .unwrap_or_else(|error| Box::new(std::iter::once(Err(error))))
    }

    /// Returns each as the JSON that a report shows of it, on one line, where they are kept so; in the order of `iter`.
    pub fn json(&self) -> Option<JsonIter<'_>> {
        match self.store.json() {
            Ok(found) => found,
            Err(error) => Some(Box::new(std::iter::once(Err(error)))),
        }
    }

    /// Returns those for which `key` gives a key, in the order of the keys; see [`sort_key`]. Findings of one key stay in the
    /// order they have here. `key` is called once for each finding, in that order.
    ///
    /// # Errors
    ///
    /// When they cannot be read, or the sorted ones not be kept.
    pub fn sorted_by(&self, mut key: impl FnMut(&Finding) -> Option<Vec<u8>>) -> io::Result<Findings> {
        let mut counts = FindingCounts::default();
        let store = self.store.sorted_by(&mut |finding| {
            let key = key(finding)?;
            counts.add(finding);
            Some(key)
        })?;
        Ok(Findings { store, counts })
    }
}

impl Default for Findings {
    fn default() -> Self {
        Vec::new().into()
    }
}

/// Few findings, kept in memory, in the order given.
impl From<Vec<Finding>> for Findings {
    fn from(findings: Vec<Finding>) -> Self {
        let mut counts = FindingCounts::default();
        findings.iter().for_each(|finding| counts.add(finding));
        Findings {
            store: Arc::new(InMemory(findings)),
            counts,
        }
    }
}

#[derive(Debug)]
struct InMemory(Vec<Finding>);

impl FindingStore for InMemory {
    fn iter(&self) -> io::Result<FindingIter<'_>> {
        Ok(Box::new(self.0.iter().cloned().map(Ok)))
    }

    fn sorted_by(&self, key: &mut dyn FnMut(&Finding) -> Option<Vec<u8>>) -> io::Result<Arc<dyn FindingStore>> {
        let keyed = self.0.iter().filter_map(|finding| Some((key(finding)?, finding)));
        let mut keyed: Vec<(Vec<u8>, &Finding)> = keyed.collect();
        // A stable sort: findings of one key stay in order.
        keyed.sort_by(|(a, _), (b, _)| a.cmp(b));
        Ok(Arc::new(InMemory(
            keyed.into_iter().map(|(_, finding)| finding.clone()).collect(),
        )))
    }
}

/// Returns the first part of a [`sort_key`].
pub fn first_of_key(key: &[u8]) -> String {
    let mut part = Vec::new();
    let mut rest = key.iter();
    while let Some(byte) = rest.next() {
        if *byte == 0 && rest.next() != Some(&1) {
            break;
        }
        part.push(*byte);
    }
    String::from_utf8(part).unwrap_or_default()
}

/// Returns bytes whose order is that of the tuple of `parts`.
pub fn sort_key<'a>(parts: impl IntoIterator<Item = &'a str>) -> Vec<u8> {
    let mut key = Vec::new();
    for part in parts {
        for byte in part.bytes() {
            key.push(byte);
            // A zero inside of a part is told from the two that end it, and comes after the end.
            if byte == 0 {
                key.push(1);
            }
        }
        key.extend([0, 0]);
    }
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_in_the_order_of_their_parts() {
        let texts = ["", "\0", "\0\0", "\0a", "a", "a\0", "a\0b", "ab", "b", "é"];
        let mut tuples: Vec<[&str; 2]> = Vec::new();
        for one in texts {
            tuples.extend(texts.map(|two| [one, two]));
        }
        for a in &tuples {
            for b in &tuples {
                assert_eq!(sort_key(*a).cmp(&sort_key(*b)), a.cmp(b), "{a:?} {b:?}");
            }
            assert_eq!(first_of_key(&sort_key(*a)), a[0]);
        }
    }
}
