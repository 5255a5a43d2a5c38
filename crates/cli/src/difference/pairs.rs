//! What one set of policies says of each (policy, resource), and two sets side by side.

use std::collections::BTreeMap;
use std::io;
use std::iter::Peekable;

use nephoscope_model::{Finding, FindingId, Outcome, PolicyId};

use crate::ledger::{Seen, Settled};
use crate::packed::{self, Packed};
use crate::runs::{Merge, Record, Sorted, Sorter, damaged};

/// The first byte of a record: the outcome of a pair comes before its findings.
const OUTCOME: u8 = 0;
const FINDING: u8 = 1;

/// Takes outcomes and findings in any order.
pub(super) struct Entering<'p> {
    pub(super) sorter: Sorter,
    /// Ids of policies by index.
    pub(super) ids: &'p [PolicyId],
}

impl Entering<'_> {
    /// Takes every outcome of a resource but `not_applicable`.
    pub(super) fn outcomes(&mut self, resource: &Settled<'_>) -> io::Result<()> {
        for (policy, outcome) in resource.fate.outcomes() {
            let id = self.ids.get(*policy as usize);
            if let Some(id) = id.filter(|_| *outcome != Outcome::NotApplicable) {
                self.sorter.push(&key(id, resource.seen), &[OUTCOME, *outcome as u8])?;
            }
        }
        Ok(())
    }

    /// Takes a finding.
    pub(super) fn finding(&mut self, finding: &Finding) -> io::Result<()> {
        let mut value = vec![FINDING];
        packed::pack(finding, &mut value)?;
        let seen = Seen::of(&finding.resource.key);
        self.sorter.push(&key(&finding.policy, seen), &value)
    }
}

fn key(policy: &PolicyId, seen: Seen) -> Vec<u8> {
    [policy.0.as_bytes(), &[0], &seen.bytes()].concat()
}

/// An outcome with its findings.
pub(super) struct Pair {
    pub(super) policy: PolicyId,
    pub(super) outcome: Outcome,
    pub(super) findings: BTreeMap<FindingId, Finding>,
}

impl Pair {
    /// Reads a pair from its first record; the findings follow.
    fn begin(record: &Record) -> io::Result<Pair> {
        let (id, _) = record.key.split_last_chunk::<16>().ok_or_else(damaged)?;
        let id = id.strip_suffix(&[0]).ok_or_else(damaged)?;
        let &[OUTCOME, outcome] = record.value.as_slice() else {
            return Err(damaged());
        };
        Ok(Pair {
            policy: PolicyId(String::from_utf8(id.to_vec()).map_err(|_| damaged())?),
            outcome: *Outcome::ALL.get(usize::from(outcome)).ok_or_else(damaged)?,
            findings: BTreeMap::new(),
        })
    }

    fn add(&mut self, record: &Record) -> io::Result<()> {
        let Some((&FINDING, mut bytes)) = record.value.split_first() else {
            return Err(damaged());
        };
        let finding = Packed::read(&mut bytes)?.finding()?;
        self.findings.insert(finding.id.clone(), finding);
        Ok(())
    }

    /// The faults that it is certain of.
    pub(super) fn fails(pair: Option<&Pair>) -> impl Iterator<Item = &Finding> {
        let findings = pair.into_iter().flat_map(|pair| pair.findings.values());
        findings.filter(|finding| finding.outcome == Outcome::Fail)
    }
}

/// The outcomes of both sides for one (policy, resource) after the other.
pub(super) struct Pairs {
    a: Peekable<Merge>,
    b: Peekable<Merge>,
}

impl Pairs {
    pub(super) fn of(a: &Sorted, b: &Sorted) -> Pairs {
        Pairs {
            a: a.iter().peekable(),
            b: b.iter().peekable(),
        }
    }
}

impl Iterator for Pairs {
    type Item = io::Result<(Option<Pair>, Option<Pair>)>;

    fn next(&mut self) -> Option<Self::Item> {
        let key = |record: &io::Result<Record>| record.as_ref().ok().map(|record| record.key.clone());
        let (key_a, key_b) = (self.a.peek().map(key), self.b.peek().map(key));
        // An error has no key, which is before every key: it is met at once.
        let (take_a, take_b) = match (key_a, key_b) {
            (None, None) => return None,
            (Some(_), None) => (true, false),
            (None, Some(_)) => (false, true),
            (Some(a), Some(b)) => (a <= b, b <= a),
        };
        let read = |merge: &mut Peekable<Merge>, take: bool| if take { next(merge) } else { Ok(None) };
        let (a, b) = (read(&mut self.a, take_a), read(&mut self.b, take_b));
        Some(a.and_then(|a| Ok((a, b?))))
    }
}

/// Returns the next pair of one side.
fn next(records: &mut Peekable<Merge>) -> io::Result<Option<Pair>> {
    let Some(first) = records.next().transpose()? else {
        return Ok(None);
    };
    let mut pair = Pair::begin(&first)?;
    let same = |record: &io::Result<Record>| record.as_ref().is_ok_and(|record| record.key == first.key);
    while let Some(record) = records.next_if(same) {
        pair.add(&record?)?;
    }
    Ok(Some(pair))
}
