//! What came of every resource, so that versions can be told apart and everything is counted once.
//!
//! Each thread enters what it judged in any order; what is entered is sorted by resource, beyond a bounded amount on
//! disk, and of each resource the newest version counts. Findings are sorted once, in the order of reports; those of versions that
//! do not count are passed over.

mod replaced;

use std::cmp::{Ordering, Reverse};
use std::collections::HashMap;
use std::hash::Hash;
use std::io;
use std::sync::Arc;

use ahash::RandomState;
use jiff::Timestamp;
use nephoscope_model::{CoverageGap, Finding, Outcome, Provider, ResourceKey, digest_bytes};
use serde::{Deserialize, Serialize};

use crate::packed::{self, Packed};
use crate::runs::{Record, Sorted, Sorter, damaged};
use replaced::Ticket;
pub use replaced::{Live, Replaced, unbound};

/// Digest of a resource key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Seen(u128);

impl Seen {
    /// Returns the digest of `key`.
    pub fn of(key: &ResourceKey) -> Seen {
        Seen::from_bytes(digest_bytes([key.0.as_str()]))
    }

    /// Returns the digest that was given as bytes.
    pub fn from_bytes(bytes: [u8; 16]) -> Seen {
        Seen(u128::from_be_bytes(bytes))
    }

    /// Returns it as bytes.
    pub fn bytes(self) -> [u8; 16] {
        self.0.to_be_bytes()
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
    /// JSON Pointer into what stands there.
    pub pointer: String,
}

/// Where a resource counts.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
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
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Fate {
    /// Judged: one outcome for each policy of its kind, by the policy's index, ascending.
    Judged(Vec<(u32, Outcome)>),
    /// What policies say that judge its documents as they are written: beside what became of the resource, which is entered
    /// too and counts.
    Beside(Vec<(u32, Outcome)>),
    /// No loaded policy judges its kind.
    Unjudged,
    /// Left out by a selection of the command line.
    Filtered,
    /// It is gone.
    Deleted,
}

impl Fate {
    /// Returns the outcome under each policy of its kind, by the policy's index; none where it was not judged.
    pub fn outcomes(&self) -> &[(u32, Outcome)] {
        match self {
            Fate::Judged(outcomes) | Fate::Beside(outcomes) => outcomes,
            Fate::Unjudged | Fate::Filtered | Fate::Deleted => &[],
        }
    }

    /// Returns whether the outcome under a policy is known: judged without `unknown` and `error`, or the resource is gone.
    pub fn is_evaluated(&self, policy: u32) -> bool {
        match self {
            Fate::Judged(outcomes) | Fate::Beside(outcomes) => outcomes
                .iter()
                .any(|(index, outcome)| *index == policy && !matches!(outcome, Outcome::Unknown | Outcome::Error)),
            Fate::Deleted => true,
            Fate::Unjudged | Fate::Filtered => false,
        }
    }
}

/// What one thread enters.
pub struct Page {
    sorters: Sorters,
    names: Names,
    number: u32,
    /// How many entries there are.
    entered: u32,
    /// The bytes of one finding.
    bytes: Vec<u8>,
}

/// What a page keeps beyond a bounded amount on disk.
pub struct Sorters {
    /// Entries, by resource.
    pub entries: Sorter,
    /// Findings, in the order of reports.
    pub findings: Sorter,
}

/// What entries name by number.
#[derive(Default)]
struct Names {
    files: Interner<Arc<str>>,
    scopes: Interner<Scope>,
    fates: Interner<Fate>,
}

/// A version and what came of it, in as few bytes as may be: there is one for every resource seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Entry {
    /// Nanoseconds; what has no time is older than anything.
    observed: i128,
    state: u64,
    content: u64,
    offset: u64,
    page: u32,
    number: u32,
    file: u32,
    scope: u32,
    fate: u32,
}

const ENTRY: usize = 16 + 3 * 8 + 5 * 4;

/// What only some entries have.
#[derive(Default, Serialize, Deserialize)]
struct Rest {
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pointer: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    gap: Option<CoverageGap>,
}

impl Page {
    /// Returns an empty page; no two of a ledger have one number.
    pub fn new(number: u32, sorters: Sorters) -> Page {
        Page {
            sorters,
            names: Names::default(),
            number,
            entered: 0,
            bytes: Vec::new(),
        }
    }

    /// Enters one version of a resource: where it counts, what became of it, and what is to be told if it is the newest.
    ///
    /// # Errors
    ///
    /// When the temporary file cannot be written.
    pub fn enter(
        &mut self,
        seen: Seen,
        version: Version,
        scope: Scope,
        fate: Fate,
        findings: Vec<Finding>,
        gap: Option<CoverageGap>,
    ) -> io::Result<()> {
        let beside = matches!(fate, Fate::Beside(_));
        let (scope, fate) = (self.names.scopes.intern(scope), self.names.fates.intern(fate));
        let mut packed = Vec::new();
        findings
            .iter()
            .try_for_each(|finding| packed::pack(finding, &mut packed))?;
        self.push(seen, beside, version, (scope, fate), gap, &packed)
    }

    /// Returns the number that this page has for a scope.
    pub fn scope(&mut self, scope: &Scope) -> u32 {
        self.names.scopes.intern(scope.clone())
    }

    /// Returns the number that this page has for a fate.
    pub fn fate(&mut self, fate: &Fate) -> u32 {
        self.names.fates.intern(fate.clone())
    }

    /// As [`Page::enter`], with the page's own numbers and findings that are packed, one after another; nothing else is to be told.
    ///
    /// # Errors
    ///
    /// When the temporary file cannot be written.
    pub fn enter_packed(
        &mut self,
        seen: Seen,
        version: Version,
        scope: u32,
        fate: u32,
        findings: &[u8],
    ) -> io::Result<()> {
        self.push(seen, false, version, (scope, fate), None, findings)
    }

    fn push(
        &mut self,
        seen: Seen,
        beside: bool,
        version: Version,
        (scope, fate): (u32, u32),
        gap: Option<CoverageGap>,
        mut findings: &[u8],
    ) -> io::Result<()> {
        let mut key = seen.bytes().to_vec();
        // What stands beside is no version of the resource.
        key.extend(beside.then_some(1));
        let entry = Entry {
            observed: version.observed_at.map_or(i128::MIN, Timestamp::as_nanosecond),
            state: version.state,
            content: version.content,
            offset: version.offset,
            page: self.number,
            number: self.entered,
            file: self.names.files.intern(version.file),
            scope,
            fate,
        };
        let ticket = Ticket {
            page: entry.page,
            number: entry.number,
            scope,
        };
        // Four billion entries of one thread are not to be had.
        self.entered = self.entered.checked_add(1).ok_or(io::ErrorKind::OutOfMemory)?;
        let rest = Rest {
            pointer: version.pointer,
            gap,
        };
        let mut value = entry.bytes();
        if !rest.pointer.is_empty() || rest.gap.is_some() {
            serde_json::to_writer(&mut value, &rest)?;
        }
        self.sorters.entries.push(&key, &value)?;
        while !findings.is_empty() {
            let finding = Packed::read(&mut findings)?;
            self.bytes.clear();
            let order = finding.write_rest(&mut self.bytes);
            ticket.write(&mut self.bytes);
            self.sorters.findings.push(order, &self.bytes)?;
        }
        Ok(())
    }
}

/// What all threads entered.
pub struct Ledger {
    entries: Sorted,
    findings: Sorted,
    pages: Vec<Names>,
}

/// What came of the newest version of one resource.
pub struct Settled<'l> {
    /// Which resource.
    pub seen: Seen,
    /// Where it counts.
    pub scope: &'l Scope,
    /// What became of it.
    pub fate: &'l Fate,
    /// Why it could not be understood.
    pub gap: Option<CoverageGap>,
}

impl Ledger {
    /// Brings pages together; their order changes nothing.
    ///
    /// # Errors
    ///
    /// When the temporary file cannot be read or written.
    pub fn of(mut pages: Vec<Page>) -> io::Result<Ledger> {
        pages.sort_by_key(|page| page.number);
        let (sorters, pages): (Vec<_>, _) = pages.into_iter().map(|page| (page.sorters, page.names)).unzip();
        let (entries, findings): (Vec<_>, Vec<_>) = sorters
            .into_iter()
            .map(|sorters| (sorters.entries, sorters.findings))
            .unzip();
        Ok(Ledger {
            entries: Sorted::of(entries)?,
            findings: Sorted::of(findings)?,
            pages,
        })
    }

    /// Gives the newest version of each resource, and what stands beside it, in an order that says nothing, and returns the versions
    /// that it replaced.
    ///
    /// # Errors
    ///
    /// When the temporary file cannot be read, and what `each` returns.
    pub fn settle<'l>(&'l self, mut each: impl FnMut(Settled<'l>) -> io::Result<()>) -> io::Result<Replaced> {
        let mut replaced = Replaced::default();
        let mut newest: Option<Record> = None;
        for record in self.entries.iter() {
            let record = record?;
            match &mut newest {
                Some(held) if held.key == record.key => {
                    let older = match self.cmp(&record, held)? {
                        Ordering::Greater => std::mem::replace(held, record),
                        _ => record,
                    };
                    let (entry, _) = Entry::read(&older.value)?;
                    replaced.add(entry.page, entry.number);
                }
                held => {
                    if let Some(done) = held.replace(record) {
                        each(self.settled(&done)?)?;
                    }
                }
            }
        }
        if let Some(done) = newest {
            each(self.settled(&done)?)?;
        }
        Ok(replaced)
    }

    fn settled(&self, record: &Record) -> io::Result<Settled<'_>> {
        let (entry, rest) = Entry::read(&record.value)?;
        let key = *record.key.first_chunk::<16>().ok_or_else(damaged)?;
        let names = self.pages.get(entry.page as usize).ok_or_else(damaged)?;
        let Rest { gap, .. } = Rest::read(rest)?;
        Ok(Settled {
            seen: Seen(u128::from_be_bytes(key)),
            scope: names.scopes.get(entry.scope).ok_or_else(damaged)?,
            fate: names.fates.get(entry.fate).ok_or_else(damaged)?,
            gap,
        })
    }

    /// Returns the findings of the versions that count, in the order of reports; `replaced` is what [`Ledger::settle`] returned.
    pub fn live(&self, replaced: &Replaced) -> impl Iterator<Item = io::Result<Live<'_>>> {
        self.findings.iter().filter_map(|record| {
            let live = |record: Record| {
                let ticket = Ticket::read(&record.value)?;
                if replaced.holds(ticket.page, ticket.number) {
                    return Ok(None);
                }
                let names = self.pages.get(ticket.page as usize).ok_or_else(damaged)?;
                let scope = names.scopes.get(ticket.scope).ok_or_else(damaged)?;
                Ok(Some(Live { scope, record }))
            };
            record.and_then(live).transpose()
        })
    }

    /// As [`Ledger::live`], whole.
    pub fn findings(&self, replaced: &Replaced) -> impl Iterator<Item = io::Result<Finding>> {
        self.live(replaced)
            .map(|live| Packed::read(&mut live?.record.value.as_slice())?.finding())
    }

    /// Returns all findings in the order of reports, those of replaced versions among them: see [`Replaced::has`].
    pub fn all_findings(&self) -> Sorted {
        self.findings.clone()
    }

    /// Orders by time, then the provider's number, then content; of equal documents the first by place counts.
    fn cmp(&self, a: &Record, b: &Record) -> io::Result<Ordering> {
        let ((a, a_rest), (b, b_rest)) = (Entry::read(&a.value)?, Entry::read(&b.value)?);
        let rank = |entry: &Entry| (entry.observed, entry.state, entry.content);
        let by_content = rank(&a).cmp(&rank(&b));
        if by_content != Ordering::Equal {
            return Ok(by_content);
        }
        let place = |entry: &Entry, rest: &[u8]| -> io::Result<_> {
            let names = self.pages.get(entry.page as usize).ok_or_else(damaged)?;
            let file = names.files.get(entry.file).ok_or_else(damaged)?;
            Ok(Reverse((file.clone(), entry.offset, Rest::read(rest)?.pointer)))
        };
        Ok(place(&a, a_rest)?.cmp(&place(&b, b_rest)?))
    }
}

impl Rest {
    fn read(bytes: &[u8]) -> io::Result<Rest> {
        match bytes {
            [] => Ok(Rest::default()),
            bytes => Ok(serde_json::from_slice(bytes)?),
        }
    }
}

impl Entry {
    fn bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(ENTRY);
        bytes.extend(self.observed.to_le_bytes());
        for number in [self.state, self.content, self.offset] {
            bytes.extend(number.to_le_bytes());
        }
        for number in [self.page, self.number, self.file, self.scope, self.fate] {
            bytes.extend(number.to_le_bytes());
        }
        bytes
    }

    /// Returns the entry and what follows it.
    fn read(bytes: &[u8]) -> io::Result<(Entry, &[u8])> {
        fn take<'b, const N: usize>(bytes: &mut &'b [u8]) -> io::Result<[u8; N]> {
            let (first, rest): (&'b [u8; N], _) = bytes.split_first_chunk().ok_or_else(damaged)?;
            *bytes = rest;
            Ok(*first)
        }
        let mut rest = bytes;
        let entry = Entry {
            observed: i128::from_le_bytes(take(&mut rest)?),
            state: u64::from_le_bytes(take(&mut rest)?),
            content: u64::from_le_bytes(take(&mut rest)?),
            offset: u64::from_le_bytes(take(&mut rest)?),
            page: u32::from_le_bytes(take(&mut rest)?),
            number: u32::from_le_bytes(take(&mut rest)?),
            file: u32::from_le_bytes(take(&mut rest)?),
            scope: u32::from_le_bytes(take(&mut rest)?),
            fate: u32::from_le_bytes(take(&mut rest)?),
        };
        Ok((entry, rest))
    }
}

/// Gives equal values one number.
struct Interner<T> {
    numbers: HashMap<T, u32, RandomState>,
    values: Vec<T>,
}

impl<T> Default for Interner<T> {
    fn default() -> Self {
        Interner {
            numbers: HashMap::default(),
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

    fn get(&self, number: u32) -> Option<&T> {
        self.values.get(number as usize)
    }
}

#[cfg(test)]
mod tests;
