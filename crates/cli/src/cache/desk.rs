//! One thread's place at the cache.

use std::io;

use jiff::Timestamp;
use nephoscope_model::{Document, Finding};

use super::entry::{self, Entry, Standing};
use super::segment::Spot;
use super::{Cache, Key};
use crate::ledger::{Fate, Page, Scope, Seen, Version};

/// So many chunks a thread holds: documents come nearly in the order of the scan that noted them.
const HELD: usize = 3;

/// The page's number for each of a segment's, where it has one.
type Numbers = Vec<Option<u32>>;

/// One thread's place at the cache.
pub struct Desk<'c> {
    cache: &'c Cache,
    /// Chunks that were read last, the newest at the end: segment, chunk, bytes.
    held: Vec<(usize, u32, Vec<u8>)>,
    /// The page's numbers of each segment's scopes and fates.
    numbers: Vec<(Numbers, Numbers)>,
}

impl<'c> Desk<'c> {
    /// Returns a place for one thread, which enters in one page only.
    pub fn new(cache: &'c Cache) -> Desk<'c> {
        Desk {
            cache,
            held: Vec::new(),
            numbers: cache.segments.iter().map(|_| (Vec::new(), Vec::new())).collect(),
        }
    }

    /// Enters in `page` what came of a document in an earlier scan, unless it is newer than `as_of`, and gives what it tells others to
    /// `lend`, which returns whether that could be read; returns whether anything is known.
    ///
    /// # Errors
    ///
    /// When the page cannot be written.
    pub fn recall(
        &mut self,
        key: Key,
        document: &Document,
        as_of: Timestamp,
        page: &mut Page,
        lend: impl FnOnce(&[u8]) -> bool,
    ) -> io::Result<bool> {
        let cache = self.cache;
        let Some(begin) = document.begin else {
            return Ok(false);
        };
        let mut segments = (0..).zip(&cache.segments);
        let found = segments.find_map(|(number, segment)| Some((number, segment, segment.find(key)?)));
        let Some((number, segment, spot)) = found else {
            return Ok(false);
        };
        let standing = Standing {
            origin: &document.origin,
            begin,
        };
        let known = match self.known(number, spot, standing) {
            Ok(known) => known,
            Err(error) => {
                cache.damaged(segment, &error);
                return Ok(false);
            }
        };
        let Some(observed) = known.observed.filter(|observed| observed.is_none_or(|at| at <= as_of)) else {
            return Ok(false);
        };
        let Some((scopes, fates)) = self.numbers.get_mut(number) else {
            return Ok(false);
        };
        let tables = segment.tables();
        let scope = numbered(scopes, known.scope, || Some(page.scope(tables.scope(known.scope)?)));
        let fate = numbered(fates, known.fate, || Some(page.fate(tables.fate(known.fate)?)));
        let (Some(scope), Some(fate)) = (scope, fate) else {
            return Ok(false);
        };
        if !known.loan.is_empty() && !lend(&known.loan) {
            return Ok(false);
        }
        segment.note_use(spot);
        let version = Version {
            observed_at: observed,
            state: known.state,
            content: known.content,
            file: std::sync::Arc::clone(&document.origin.file),
            offset: document.origin.offset,
            pointer: String::new(),
        };
        page.enter_packed(Seen::from_bytes(known.seen), version, scope, fate, &known.findings)?;
        Ok(true)
    }

    fn known(&mut self, segment: usize, spot: Spot, standing: Standing<'_>) -> io::Result<Known> {
        let chunk = self.chunk(segment, spot.chunk)?;
        let entry = Entry::at(chunk, spot.offset)?;
        let mut findings = Vec::new();
        entry.unpack(standing, &mut findings)?;
        let observed = match entry.observed {
            i128::MIN => Some(None),
            nanos => Timestamp::from_nanosecond(nanos).ok().map(Some),
        };
        Ok(Known {
            seen: entry.seen,
            observed,
            state: entry.state,
            content: entry.content,
            scope: entry.scope,
            fate: entry.fate,
            loan: entry.loan.to_vec(),
            findings,
        })
    }

    fn chunk(&mut self, segment: usize, chunk: u32) -> io::Result<&[u8]> {
        let held = self.held.iter().position(|held| (held.0, held.1) == (segment, chunk));
        let held = match held {
            Some(held) => held,
            None => {
                let bytes = self.cache.segments.get(segment).map(|segment| segment.chunk(chunk));
                if self.held.len() >= HELD {
                    self.held.remove(0);
                }
                self.held.push((segment, chunk, bytes.transpose()?.unwrap_or_default()));
                self.held.len() - 1
            }
        };
        Ok(self.held.get(held).map_or(&[], |(_, _, bytes)| bytes))
    }

    /// Notes what came of a document that stands alone, of which nothing is unclear, and whose policies do not ask for the
    /// time: nothing but its bytes decided it.
    pub fn note(&self, key: Key, document: &Document, came: &Came<'_>) {
        let Some(begin) = document.begin else { return };
        let standing = Standing {
            origin: &document.origin,
            begin,
        };
        let mut kept = Vec::new();
        for finding in came.findings {
            // What cannot be told again is judged again.
            if !matches!(entry::keep(finding, standing, &mut kept), Ok(true)) {
                return;
            }
        }
        self.cache.add(key, |builder| {
            let numbers = (builder.scope(came.scope), builder.fate(came.fate));
            Ok(Entry::new(came.seen, came.version, numbers, &came.loan, &kept).bytes())
        });
    }
}

/// What came of a document.
pub struct Came<'a> {
    /// Which resource it is about.
    pub seen: Seen,
    /// Which version of it.
    pub version: &'a Version,
    /// Where it counts.
    pub scope: &'a Scope,
    /// What became of it.
    pub fate: &'a Fate,
    /// What it tells others, or nothing.
    pub loan: Vec<u8>,
    /// What was found.
    pub findings: &'a [Finding],
}

/// What is known of a document, told of where it stands now.
struct Known {
    seen: [u8; 16],
    /// `None` when it is no time.
    observed: Option<Option<Timestamp>>,
    state: u64,
    content: u64,
    scope: u32,
    fate: u32,
    loan: Vec<u8>,
    findings: Vec<u8>,
}

/// Returns a number of the page for one of the segment.
fn numbered(numbers: &mut Numbers, number: u32, new: impl FnOnce() -> Option<u32>) -> Option<u32> {
    let index = number as usize;
    if let Some(Some(known)) = numbers.get(index) {
        return Some(*known);
    }
    let known = new()?;
    if numbers.len() <= index {
        numbers.resize(index + 1, None);
    }
    if let Some(slot) = numbers.get_mut(index) {
        *slot = Some(known);
    }
    Some(known)
}
