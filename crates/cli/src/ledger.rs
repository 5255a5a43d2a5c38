//! What came of every resource, a few bytes each, so that versions can be told apart and everything is counted once.

use std::cmp::Ordering;
use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;
use std::sync::Arc;

use jiff::Timestamp;
use nephoscope_model::{Finding, Outcome, PolicyId, Provider, ResourceKey, Tally, UnjudgedType, digest};

/// Digest of a resource key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Seen(u128);

impl Seen {
    /// Returns the digest of `key`.
    pub fn of(key: &ResourceKey) -> Seen {
        // INVARIANT: `digest` gives 32 hexadecimal digits.
        Seen(u128::from_str_radix(&digest([key.0.as_str()]), 16).unwrap_or_default())
    }
}

/// By what two versions of one resource are ordered: the newest counts.
#[derive(Debug, Clone)]
pub struct Version {
    /// When the source looked; a source that does not say is older than any that does.
    pub observed_at: Option<Timestamp>,
    /// The provider's version number where it is a number.
    pub state: u64,
    /// Digest of the document, so that ties do not depend on the order of input.
    pub content: u64,
    /// Where it stands.
    pub file: Arc<str>,
    /// Offset in the file.
    pub offset: u64,
}

impl Entry {
    /// Orders by time, then the provider's number, then content; of equal documents the first by place counts.
    fn cmp(&self, other: &Entry, files: &Interner<Arc<str>>) -> Ordering {
        let place = |entry: &Entry| (files.values.get(entry.file as usize).cloned(), entry.offset);
        (self.observed, self.state, self.content)
            .cmp(&(other.observed, other.state, other.content))
            .then_with(|| place(other).cmp(&place(self)))
    }
}

/// Where a resource counts.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Scope {
    /// Which cloud.
    pub provider: Provider,
    /// Account, subscription or project.
    pub account: Arc<str>,
    /// Region.
    pub region: Arc<str>,
    /// Native type.
    pub native_type: Arc<str>,
}

/// What became of a resource.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Fate {
    /// Judged: one outcome for each policy of its kind, by the policy's index, ascending.
    Judged(Vec<(u32, Outcome)>),
    /// No loaded policy judges its kind.
    Unjudged,
    /// Left out by a selection of the command line.
    Filtered,
    /// It is gone.
    Deleted,
}

/// A version and what came of it, in as few bytes as may be: there is one for every resource seen.
struct Entry {
    /// Microseconds; what has no time is older than anything.
    observed: i64,
    state: u64,
    content: u64,
    offset: u64,
    file: u32,
    scope: u32,
    fate: u32,
}

/// The ledger of one thread; merging ledgers in any order gives the same.
#[derive(Default)]
pub struct Ledger {
    entries: HashMap<Seen, Entry>,
    files: Interner<Arc<str>>,
    scopes: Interner<Scope>,
    fates: Interner<Fate>,
    findings: HashMap<Seen, Vec<Finding>>,
    /// Versions that a newer one replaced.
    pub superseded: u64,
    /// Versions newer than `as_of`.
    pub after_as_of: u64,
}

/// Sums over a ledger.
#[derive(Default)]
pub struct Totals {
    /// Resources judged.
    pub judged: u64,
    /// Resources that are gone.
    pub deleted: u64,
    /// Resources left out by a selection.
    pub filtered: u64,
    /// Resources of every fate but deleted.
    pub resources: u64,
    /// Types that no policy judges, sorted.
    pub unjudged: Vec<UnjudgedType>,
    /// Counts by policy and scope, sorted.
    pub tallies: Vec<Tally>,
    /// Pairs that came to an outcome that does not depend on what is unknown.
    pub evaluated: u64,
    /// Pairs that came to `unknown` or `error`.
    pub unknown: u64,
}

impl Ledger {
    /// Enters one version of a resource.
    pub fn enter(&mut self, seen: Seen, version: Version, scope: Scope, fate: Fate, findings: Vec<Finding>) {
        let mut entry = self.entry(&version);
        entry.scope = self.scopes.intern(scope);
        entry.fate = self.fates.intern(fate);
        self.settle(seen, entry, findings);
    }

    /// Returns whether a version would count, so that what is superseded need not be judged.
    pub fn would_count(&mut self, seen: Seen, version: &Version) -> bool {
        let entry = self.entry(version);
        let present = self.entries.get(&seen);
        present.is_none_or(|present| entry.cmp(present, &self.files) == Ordering::Greater)
    }

    fn entry(&mut self, version: &Version) -> Entry {
        Entry {
            observed: version.observed_at.map_or(i64::MIN, Timestamp::as_microsecond),
            state: version.state,
            content: version.content,
            offset: version.offset,
            file: self.files.intern(Arc::clone(&version.file)),
            scope: 0,
            fate: 0,
        }
    }

    /// Counts a version that was not judged because a newer one is there.
    pub fn skip(&mut self) {
        self.superseded += 1;
    }

    fn settle(&mut self, seen: Seen, entry: Entry, findings: Vec<Finding>) {
        if let Some(present) = self.entries.get(&seen) {
            self.superseded += 1;
            if entry.cmp(present, &self.files) != Ordering::Greater {
                return;
            }
        }
        self.entries.insert(seen, entry);
        if findings.is_empty() {
            self.findings.remove(&seen);
        } else {
            self.findings.insert(seen, findings);
        }
    }

    /// Takes another thread's ledger in.
    pub fn merge(&mut self, other: Ledger) {
        let Ledger {
            entries,
            files,
            scopes,
            fates,
            mut findings,
            superseded,
            after_as_of,
        } = other;
        self.superseded += superseded;
        self.after_as_of += after_as_of;
        #[expect(
            clippy::iter_over_hash_type,
            reason = "the newest version wins in whatever order versions come"
        )]
        for (seen, entry) in entries {
            let file = files.values.get(entry.file as usize).cloned();
            let scope = scopes.values.get(entry.scope as usize).cloned();
            let fate = fates.values.get(entry.fate as usize).cloned();
            if let (Some(file), Some(scope), Some(fate)) = (file, scope, fate) {
                let entry = Entry {
                    file: self.files.intern(file),
                    scope: self.scopes.intern(scope),
                    fate: self.fates.intern(fate),
                    ..entry
                };
                self.settle(seen, entry, findings.remove(&seen).unwrap_or_default());
            }
        }
    }

    /// Takes every finding out, in no particular order.
    pub fn take_findings(&mut self) -> Vec<Finding> {
        std::mem::take(&mut self.findings).into_values().flatten().collect()
    }

    /// Returns whether the outcome of a pair is known: judged without `unknown` and `error`, or the resource is gone.
    pub fn is_evaluated(&self, policy: u32, resource: &ResourceKey) -> bool {
        let fate = self
            .entries
            .get(&Seen::of(resource))
            .and_then(|entry| self.fates.values.get(entry.fate as usize));
        match fate {
            Some(Fate::Judged(outcomes)) => outcomes
                .iter()
                .any(|(index, outcome)| *index == policy && !matches!(outcome, Outcome::Unknown | Outcome::Error)),
            Some(Fate::Deleted) => true,
            Some(Fate::Unjudged | Fate::Filtered) | None => false,
        }
    }

    /// Returns the sums. `waived` lists the pairs all of whose faults are accepted.
    pub fn totals(&self, policies: &[PolicyId], waived: &[(u32, ResourceKey)]) -> Totals {
        let mut groups: BTreeMap<(u32, u32), i64> = BTreeMap::new();
        #[expect(clippy::iter_over_hash_type, reason = "sums do not depend on the order")]
        for entry in self.entries.values() {
            *groups.entry((entry.scope, entry.fate)).or_default() += 1;
        }
        let mut totals = Totals::default();
        let mut unjudged: BTreeMap<(Provider, &str), u64> = BTreeMap::new();
        let mut cells: BTreeMap<(u32, &Scope), [u64; Outcome::ALL.len()]> = BTreeMap::new();
        for ((scope, fate), count) in groups {
            let count = count.unsigned_abs();
            let (Some(scope), Some(fate)) = (
                self.scopes.values.get(scope as usize),
                self.fates.values.get(fate as usize),
            ) else {
                continue;
            };
            match fate {
                Fate::Deleted => totals.deleted += count,
                Fate::Filtered => totals.filtered += count,
                Fate::Unjudged => *unjudged.entry((scope.provider, &scope.native_type)).or_default() += count,
                Fate::Judged(outcomes) => {
                    totals.judged += count;
                    for (policy, outcome) in outcomes {
                        add(&mut cells, *policy, scope, *outcome, count);
                        match outcome {
                            Outcome::Unknown | Outcome::Error => totals.unknown += count,
                            Outcome::NotApplicable => {}
                            _ => totals.evaluated += count,
                        }
                    }
                }
            }
            if *fate != Fate::Deleted {
                totals.resources += count;
            }
        }
        for (policy, key) in waived {
            let scope = self
                .entries
                .get(&Seen::of(key))
                .and_then(|entry| self.scopes.values.get(entry.scope as usize));
            if let Some(scope) = scope {
                if let Some(fails) = cells
                    .get_mut(&(*policy, scope))
                    .and_then(|cell| cell.get_mut(Outcome::Fail as usize))
                {
                    *fails = fails.saturating_sub(1);
                }
                add(&mut cells, *policy, scope, Outcome::Waived, 1);
            }
        }
        totals.unjudged = unjudged
            .into_iter()
            .map(|((provider, native_type), resources)| UnjudgedType {
                provider,
                native_type: native_type.to_owned(),
                resources,
            })
            .collect();
        totals.tallies = cells
            .into_iter()
            .filter_map(|((policy, scope), counts)| {
                let [fail, error, unknown, waived, pass, not_applicable] = counts;
                Some(Tally {
                    policy: policies.get(policy as usize)?.clone(),
                    provider: scope.provider,
                    account: scope.account.to_string(),
                    region: scope.region.to_string(),
                    native_type: scope.native_type.to_string(),
                    fail,
                    error,
                    unknown,
                    waived,
                    pass,
                    not_applicable,
                })
            })
            .collect();
        totals.tallies.sort();
        totals
    }
}

type Cells<'a> = BTreeMap<(u32, &'a Scope), [u64; Outcome::ALL.len()]>;

fn add<'a>(cells: &mut Cells<'a>, policy: u32, scope: &'a Scope, outcome: Outcome, count: u64) {
    // INVARIANT: `Outcome::ALL` lists the outcomes in the order of their discriminants.
    if let Some(cell) = cells.entry((policy, scope)).or_default().get_mut(outcome as usize) {
        *cell += count;
    }
}

/// Gives equal values one number.
struct Interner<T> {
    numbers: HashMap<T, u32>,
    values: Vec<T>,
}

impl<T> Default for Interner<T> {
    fn default() -> Self {
        Interner {
            numbers: HashMap::new(),
            values: Vec::new(),
        }
    }
}

impl<T: Clone + Eq + Hash> Interner<T> {
    fn intern(&mut self, value: T) -> u32 {
        if let Some(number) = self.numbers.get(&value) {
            return *number;
        }
        // A scan with four billion distinct scopes is not to be had.
        let number = u32::try_from(self.values.len()).unwrap_or(u32::MAX);
        self.values.push(value.clone());
        self.numbers.insert(value, number);
        number
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(second: i64, file: &str) -> Version {
        let observed_at = Some(Timestamp::from_second(second).unwrap());
        Version {
            observed_at,
            state: 0,
            content: 7,
            file: file.into(),
            offset: 0,
        }
    }

    fn scope() -> Scope {
        Scope {
            provider: Provider::Aws,
            account: "1".into(),
            region: "r".into(),
            native_type: "T".into(),
        }
    }

    fn judged(outcome: Outcome) -> Fate {
        Fate::Judged(vec![(0, outcome)])
    }

    #[test]
    fn the_newest_version_counts_in_whatever_order_and_thread() {
        let key = ResourceKey("k".into());
        let versions = [(1, Outcome::Fail), (3, Outcome::Pass), (2, Outcome::Unknown)];
        for order in [[0, 1, 2], [2, 1, 0], [1, 0, 2]] {
            let mut ledgers = [Ledger::default(), Ledger::default()];
            for (turn, index) in order.into_iter().enumerate() {
                let (second, outcome) = versions[index];
                ledgers[turn % 2].enter(Seen::of(&key), version(second, "f"), scope(), judged(outcome), vec![]);
            }
            let [mut one, two] = ledgers;
            one.merge(two);
            let totals = one.totals(&[PolicyId("P".into())], &[]);
            assert_eq!((totals.judged, one.superseded, totals.tallies[0].pass), (1, 2, 1));
        }
    }

    #[test]
    fn a_waived_pair_moves_from_fail_to_waived() {
        let key = ResourceKey("k".into());
        let mut ledger = Ledger::default();
        ledger.enter(Seen::of(&key), version(1, "f"), scope(), judged(Outcome::Fail), vec![]);
        let totals = ledger.totals(&[PolicyId("P".into())], &[(0, key)]);
        assert_eq!((totals.tallies[0].fail, totals.tallies[0].waived), (0, 1));
    }
}
