//! Several runs as one.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::io;

use super::{Run, damaged};

/// A key and what is kept under it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Record {
    /// Bytes by which records are ordered.
    pub key: Vec<u8>,
    /// Any bytes.
    pub value: Vec<u8>,
}

/// Records of several runs in the order of (key, value). Ends after the first error.
pub struct Merge {
    cursors: Vec<Cursor>,
    /// The next record of each run that has one.
    heap: BinaryHeap<Reverse<(Record, usize)>>,
    failed: Option<io::Error>,
}

/// A run, and how far it was read.
struct Cursor {
    run: Run,
    /// The next chunk of a stored run, the next record of one in memory.
    next: usize,
    chunk: Vec<u8>,
    at: usize,
}

impl Merge {
    pub(super) fn of(runs: &[Run]) -> Merge {
        let mut merge = Merge {
            cursors: runs
                .iter()
                .map(|run| Cursor {
                    run: run.clone(),
                    next: 0,
                    chunk: Vec::new(),
                    at: 0,
                })
                .collect(),
            heap: BinaryHeap::with_capacity(runs.len()),
            failed: None,
        };
        (0..runs.len()).for_each(|index| merge.advance(index));
        merge
    }

    fn advance(&mut self, index: usize) {
        match self.cursors.get_mut(index).map(Cursor::next) {
            Some(Ok(Some(record))) => self.heap.push(Reverse((record, index))),
            Some(Err(error)) => self.failed = Some(error),
            Some(Ok(None)) | None => {}
        }
    }
}

impl Iterator for Merge {
    type Item = io::Result<Record>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(error) = self.failed.take() {
            self.heap.clear();
            return Some(Err(error));
        }
        let Reverse((record, index)) = self.heap.pop()?;
        self.advance(index);
        Some(Ok(record))
    }
}

impl Cursor {
    fn next(&mut self) -> io::Result<Option<Record>> {
        match &self.run {
            Run::Held(buffer) => {
                let record = buffer.get(self.next).map(|(key, value)| Record {
                    key: key.to_vec(),
                    value: value.to_vec(),
                });
                self.next += 1;
                Ok(record)
            }
            Run::Stored(scratch, chunks) => {
                if self.at >= self.chunk.len() {
                    let Some(chunk) = chunks.get(self.next) else {
                        return Ok(None);
                    };
                    self.chunk = scratch.read(*chunk)?;
                    self.next += 1;
                    self.at = 0;
                }
                let (key, value) = (self.length()?, self.length()?);
                Ok(Some(Record {
                    key: self.take(key)?.to_vec(),
                    value: self.take(value)?.to_vec(),
                }))
            }
        }
    }

    fn length(&mut self) -> io::Result<usize> {
        let bytes = self.take(size_of::<u64>())?.try_into().map_err(|_| damaged())?;
        usize::try_from(u64::from_le_bytes(bytes)).map_err(|_| damaged())
    }

    fn take(&mut self, length: usize) -> io::Result<&[u8]> {
        let start = self.at;
        self.at = start.checked_add(length).ok_or_else(damaged)?;
        self.chunk.get(start..self.at).ok_or_else(damaged)
    }
}
