//! Sorted runs: keeps more records than memory holds and gives them back in order.
//!
//! Records are collected in a buffer of bounded size. A full buffer is sorted and written, compressed, to a temporary
//! file that has no name and goes with the process; in the end the runs are merged. What fits into the buffer never
//! touches the disk.

mod merge;
mod scratch;

use std::fmt;
use std::io;
use std::sync::Arc;

pub use merge::{Merge, Record};
use scratch::{Chunk, Scratch};
pub(crate) use scratch::{compress, decompress};

/// Bytes of one compressed piece of a run, before compression: what a merge holds of each run.
const CHUNK: usize = 32 << 10;

/// So many runs of one size become one run: a merge holds a chunk of each, and what is merged twice is written twice.
const FAN_IN: usize = 64;

/// Bytes that a scan holds of all that it sorts, before it goes to disk.
#[derive(Debug, Clone, Copy)]
pub struct Budget(pub usize);

impl Default for Budget {
    fn default() -> Self {
        Budget(48 << 20)
    }
}

impl Budget {
    /// Returns the bytes of one of `parts` equal parts.
    pub fn part(self, parts: usize) -> usize {
        self.0 / parts.max(1)
    }
}

/// Takes records in any order.
pub struct Sorter {
    scratch: Arc<Scratch>,
    budget: usize,
    buffer: Buffer,
    /// Runs on disk by level: a run of a higher level was merged from `FAN_IN` of the level below.
    levels: Vec<Vec<Run>>,
}

/// Records in memory: bytes, and where each record stands.
#[derive(Debug, Default)]
struct Buffer {
    bytes: Vec<u8>,
    records: Vec<Span>,
}

#[derive(Debug, Clone, Copy)]
struct Span {
    start: usize,
    key: usize,
    value: usize,
}

/// Records in order, on disk or in memory.
#[derive(Debug, Clone)]
enum Run {
    Stored(Arc<Scratch>, Arc<[Chunk]>),
    Held(Arc<Buffer>),
}

/// Records that can be gone through in order, as often as wanted.
#[derive(Default, Clone)]
pub struct Sorted {
    runs: Vec<Run>,
}

/// Returns sorters that share `budget` bytes of memory and one temporary file.
pub fn sorters(count: usize, budget: usize) -> Vec<Sorter> {
    let scratch = Arc::new(Scratch::default());
    (0..count)
        .map(|_| Sorter {
            scratch: Arc::clone(&scratch),
            budget: budget.checked_div(count).unwrap_or_default(),
            buffer: Buffer::default(),
            levels: Vec::new(),
        })
        .collect()
}

impl Sorter {
    /// Returns a sorter that holds at most `budget` bytes, and the largest record, in memory; of 0 nothing is held.
    pub fn new(budget: usize) -> Sorter {
        Sorter {
            scratch: Arc::new(Scratch::default()),
            budget,
            buffer: Buffer::default(),
            levels: Vec::new(),
        }
    }

    /// Takes a record.
    ///
    /// # Errors
    ///
    /// When the temporary file cannot be written.
    pub fn push(&mut self, key: &[u8], value: &[u8]) -> io::Result<()> {
        let added = key.len() + value.len() + size_of::<Span>();
        if !self.buffer.records.is_empty() && self.buffer.size() + added > self.budget {
            self.spill()?;
        }
        if self.buffer.bytes.capacity() == 0 {
            // At once: growing copies, and takes up to twice as much. What is not used costs nothing.
            self.buffer.bytes.reserve_exact(self.budget);
        }
        self.buffer.push(key, value);
        Ok(())
    }

    fn spill(&mut self) -> io::Result<()> {
        let buffer = self.buffer.take_sorted();
        let mut writer = Writer::new(&self.scratch);
        for (key, value) in buffer.iter() {
            writer.push(key, value)?;
        }
        // The buffer is used again: its room is what the budget is for.
        self.buffer = buffer;
        self.buffer.clear();
        let mut run = Run::Stored(Arc::clone(&self.scratch), writer.finish()?);
        for level in 0.. {
            if self.levels.len() <= level {
                self.levels.push(Vec::new());
            }
            let Some(runs) = self.levels.get_mut(level) else { break };
            runs.push(run);
            if runs.len() < FAN_IN {
                break;
            }
            run = merged(std::mem::take(runs), &self.scratch)?;
        }
        Ok(())
    }

    /// Ends the taking of records.
    ///
    /// # Errors
    ///
    /// When the temporary file cannot be read or written.
    pub fn finish(self) -> io::Result<Sorted> {
        Sorted::of([self])
    }
}

impl Sorted {
    /// Brings together what several sorters took.
    ///
    /// # Errors
    ///
    /// When the temporary file cannot be read or written.
    pub fn of(sorters: impl IntoIterator<Item = Sorter>) -> io::Result<Sorted> {
        let mut runs = Vec::new();
        let mut scratch = None;
        for mut sorter in sorters {
            runs.extend(sorter.levels.into_iter().rev().flatten());
            let rest = sorter.buffer.take_sorted();
            if !rest.records.is_empty() {
                runs.push(Run::Held(Arc::new(rest)));
            }
            scratch = Some(sorter.scratch);
        }
        // Many threads make many runs; the small ones, which come last, are merged first.
        while let (true, Some(scratch)) = (runs.len() > FAN_IN, &scratch) {
            let small = runs.split_off(runs.len() - FAN_IN);
            let run = merged(small, scratch)?;
            runs.insert(0, run);
        }
        Ok(Sorted { runs })
    }

    /// Returns the records of both.
    #[must_use]
    pub fn with(mut self, other: Sorted) -> Sorted {
        self.runs.extend(other.runs);
        self
    }

    /// Returns the records in the order of (key, value); each call begins with the first one.
    pub fn iter(&self) -> Merge {
        Merge::of(&self.runs)
    }
}

impl fmt::Debug for Sorted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sorted({} runs)", self.runs.len())
    }
}

/// What comes back from a temporary file is not what was written.
pub fn damaged() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "the temporary file is damaged")
}

fn merged(runs: Vec<Run>, scratch: &Arc<Scratch>) -> io::Result<Run> {
    let mut writer = Writer::new(scratch);
    for record in Merge::of(&runs) {
        let Record { key, value } = record?;
        writer.push(&key, &value)?;
    }
    Ok(Run::Stored(Arc::clone(scratch), writer.finish()?))
}

impl Buffer {
    fn push(&mut self, key: &[u8], value: &[u8]) {
        self.records.push(Span {
            start: self.bytes.len(),
            key: key.len(),
            value: value.len(),
        });
        self.bytes.extend_from_slice(key);
        self.bytes.extend_from_slice(value);
    }

    fn size(&self) -> usize {
        self.bytes.len() + self.records.len() * size_of::<Span>()
    }

    fn clear(&mut self) {
        self.bytes.clear();
        self.records.clear();
    }

    fn take_sorted(&mut self) -> Buffer {
        let mut buffer = std::mem::take(self);
        let bytes = std::mem::take(&mut buffer.bytes);
        buffer
            .records
            .sort_unstable_by(|a, b| a.parts(&bytes).cmp(&b.parts(&bytes)));
        buffer.bytes = bytes;
        buffer
    }

    fn get(&self, index: usize) -> Option<(&[u8], &[u8])> {
        self.records.get(index).map(|span| span.parts(&self.bytes))
    }

    fn iter(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        self.records.iter().map(|span| span.parts(&self.bytes))
    }
}

impl Span {
    fn parts(self, bytes: &[u8]) -> (&[u8], &[u8]) {
        let value = self.start + self.key;
        // INVARIANT: a span lies inside of the bytes of its buffer.
        (
            bytes.get(self.start..value).unwrap_or_default(),
            bytes.get(value..value + self.value).unwrap_or_default(),
        )
    }
}

/// Writes one run.
struct Writer<'s> {
    scratch: &'s Scratch,
    chunk: Vec<u8>,
    chunks: Vec<Chunk>,
}

impl<'s> Writer<'s> {
    fn new(scratch: &'s Scratch) -> Self {
        Writer {
            scratch,
            chunk: Vec::with_capacity(CHUNK),
            chunks: Vec::new(),
        }
    }

    fn push(&mut self, key: &[u8], value: &[u8]) -> io::Result<()> {
        for part in [key, value] {
            self.chunk.extend((part.len() as u64).to_le_bytes());
        }
        self.chunk.extend_from_slice(key);
        self.chunk.extend_from_slice(value);
        if self.chunk.len() >= CHUNK {
            self.chunks.push(self.scratch.write(&self.chunk)?);
            self.chunk.clear();
        }
        Ok(())
    }

    fn finish(mut self) -> io::Result<Arc<[Chunk]>> {
        if !self.chunk.is_empty() {
            self.chunks.push(self.scratch.write(&self.chunk)?);
        }
        Ok(self.chunks.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers in an order that is not theirs.
    fn scattered(count: u64) -> impl Iterator<Item = u64> {
        (0..count).map(move |index| index.wrapping_mul(7_919) % count)
    }

    fn fill(sorters: &mut [Sorter], count: u64) {
        let threads = sorters.len() as u64;
        for number in scattered(count) {
            let sorter = &mut sorters[usize::try_from(number % threads).unwrap()];
            sorter.push(&number.to_be_bytes(), &[7; 100]).unwrap();
        }
    }

    fn numbers(sorted: &Sorted) -> Vec<u64> {
        sorted
            .iter()
            .map(|record| u64::from_be_bytes(record.unwrap().key.try_into().unwrap()))
            .collect()
    }

    #[test]
    fn records_come_in_order_from_memory_from_disk_and_from_many_threads() {
        const MIB: usize = 1 << 20;
        for (threads, count, budget) in [
            (1, 100, MIB),
            (1, 50_000, MIB),
            (3, 50_000, MIB),
            (80, 99_991, MIB),
            (2, 999, 0),
        ] {
            let mut sorters = sorters(threads, budget);
            fill(&mut sorters, count);
            let stored = sorters.iter().any(|sorter| !sorter.levels.is_empty());
            assert_eq!(stored, count > 100);
            let sorted = Sorted::of(sorters).unwrap();
            let expected: Vec<u64> = (0..count).collect();
            assert!(numbers(&sorted) == expected, "{threads} threads, {count} records");
            assert!(numbers(&sorted) == expected, "the second time");
        }
    }

    #[test]
    fn many_runs_become_few() {
        let mut sorter = Sorter::new(CHUNK);
        fill(std::slice::from_mut(&mut sorter), 120_000);
        assert!(sorter.levels.len() > 1 && sorter.levels.iter().all(|level| level.len() < FAN_IN));
        assert!(sorter.buffer.size() <= sorter.budget);
    }

    #[test]
    fn a_record_larger_than_the_budget_is_kept() {
        let mut sorter = Sorter::new(CHUNK);
        let large = vec![1; 3 * CHUNK];
        sorter.push(b"b", &large).unwrap();
        sorter.push(b"a", &[]).unwrap();
        sorter.push(b"", b"no key").unwrap();
        let records: Vec<Record> = sorter.finish().unwrap().iter().map(Result::unwrap).collect();
        let shown: Vec<_> = records
            .iter()
            .map(|record| (record.key.as_slice(), record.value.len()))
            .collect();
        assert_eq!(shown, [(&b""[..], 6), (b"a", 0), (b"b", large.len())]);
    }
}
