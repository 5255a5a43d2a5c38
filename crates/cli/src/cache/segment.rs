//! One file of a cache, written once: compressed chunks of entries, the scopes and fates that they name, and an index.
//!
//! Numbers are little-endian. After the chunks stand the tables (JSON), the index (key, chunk, offset in it; sorted), the list of chunks (offset,
//! stored bytes, bytes, checksum) and the tail: the kind of scan, the sizes of these three, their checksum, and a mark.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use tempfile::NamedTempFile;
use xxhash_rust::xxh3::xxh3_64;

use super::Key;
use super::entry::{Entry, Tables};
use crate::ledger::{Fate, Scope};
use crate::runs::{compress, decompress};

const MARK: &[u8; 16] = b"nephoscope-cache";

/// Bytes of a chunk before compression: about fifty entries.
const CHUNK: usize = 64 << 10;

const SLOT: usize = 24;
const PLACE: usize = 32;
const TAIL: u64 = 32 + 4 * 8 + 16;

/// Largest list after the chunks that is read.
const MOST: u64 = 4 << 30;

#[derive(Debug, Clone, Copy)]
struct Chunk {
    offset: u64,
    stored: u64,
    length: u64,
    checksum: u64,
}

/// Where an entry stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Spot {
    /// Which chunk.
    pub(super) chunk: u32,
    /// Where in it.
    pub(super) offset: u32,
    /// Its place in the index.
    slot: usize,
}

/// A file to read.
pub(super) struct Segment {
    path: PathBuf,
    file: Mutex<File>,
    index: Vec<u8>,
    chunks: Vec<Chunk>,
    tables: Tables,
    used: Vec<AtomicBool>,
    count: AtomicUsize,
}

#[derive(Default, Serialize, Deserialize)]
struct Names {
    scopes: Vec<Scope>,
    fates: Vec<Fate>,
}

impl Segment {
    /// Opens a file of this kind of scan.
    ///
    /// # Errors
    ///
    /// When it cannot be read, is damaged, or is of another kind.
    pub(super) fn open(path: &Path, kind: &str) -> io::Result<Segment> {
        let mut file = File::open(path)?;
        let size = file.metadata()?.len();
        let start = size.checked_sub(TAIL).ok_or_else(damaged)?;
        let tail = part(&mut file, start, TAIL)?;
        let mut rest = tail.as_slice();
        let (of, tables) = (bytes::<32>(&mut rest)?, number(&mut rest)?);
        let (index, chunks, checksum) = (number(&mut rest)?, number(&mut rest)?, number(&mut rest)?);
        if rest != MARK {
            return Err(damaged());
        }
        if of != kind.as_bytes() {
            return Err(io::Error::other("it is of other policies, or another program"));
        }
        let sizes = [tables, index, chunks];
        let all = sizes.iter().try_fold(0_u64, |sum, size| sum.checked_add(*size));
        let all = all.filter(|all| *all <= start.min(MOST)).ok_or_else(damaged)?;
        let lists = part(&mut file, start - all, all)?;
        if xxh3_64(&lists) != checksum {
            return Err(damaged());
        }
        let cut = |size: u64| usize::try_from(size).map_err(|_| damaged());
        let (tables, rest) = lists.split_at_checked(cut(tables)?).ok_or_else(damaged)?;
        let (index, chunks) = rest.split_at_checked(cut(index)?).ok_or_else(damaged)?;
        let chunks = chunks.chunks_exact(PLACE).map(|mut chunk| {
            Ok(Chunk {
                offset: number(&mut chunk)?,
                stored: number(&mut chunk)?,
                length: number(&mut chunk)?,
                checksum: number(&mut chunk)?,
            })
        });
        let names: Names = serde_json::from_slice(tables)?;
        Ok(Segment {
            path: path.to_owned(),
            chunks: chunks.collect::<io::Result<_>>()?,
            tables: Tables::of(names.scopes, names.fates),
            used: (0..index.len() / SLOT).map(|_| AtomicBool::new(false)).collect(),
            count: AtomicUsize::new(0),
            index: index.to_vec(),
            file: Mutex::new(file),
        })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// How many entries it has.
    pub(super) fn len(&self) -> usize {
        self.used.len()
    }

    /// How many were used.
    pub(super) fn used(&self) -> usize {
        self.count.load(Ordering::Relaxed)
    }

    pub(super) fn tables(&self) -> &Tables {
        &self.tables
    }

    /// Returns where the entry of a key stands.
    pub(super) fn find(&self, key: Key) -> Option<Spot> {
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = usize::midpoint(low, high);
            let (found, spot) = self.slot(middle)?;
            match found.cmp(&key.0) {
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
                std::cmp::Ordering::Equal => return Some(spot),
            }
        }
        None
    }

    fn slot(&self, slot: usize) -> Option<([u8; 16], Spot)> {
        let mut rest = self.index.get(slot * SLOT..(slot + 1) * SLOT)?;
        let key = bytes(&mut rest).ok()?;
        let (chunk, offset) = (bytes(&mut rest).ok()?, bytes(&mut rest).ok()?);
        let spot = Spot {
            chunk: u32::from_le_bytes(chunk),
            offset: u32::from_le_bytes(offset),
            slot,
        };
        Some((key, spot))
    }

    /// Notes that an entry was used.
    pub(super) fn note_use(&self, spot: Spot) {
        if self
            .used
            .get(spot.slot)
            .is_some_and(|used| !used.swap(true, Ordering::Relaxed))
        {
            self.count.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Reads a chunk.
    ///
    /// # Errors
    ///
    /// When it cannot be read, or is damaged.
    pub(super) fn chunk(&self, chunk: u32) -> io::Result<Vec<u8>> {
        let chunk = self.chunks.get(chunk as usize).ok_or_else(damaged)?;
        if chunk.length > 1 << 30 || chunk.stored > 1 << 30 {
            return Err(damaged());
        }
        let packed = {
            let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
            part(&mut file, chunk.offset, chunk.stored)?
        };
        if xxh3_64(&packed) != chunk.checksum {
            return Err(damaged());
        }
        decompress(&packed, usize::try_from(chunk.length).map_err(|_| damaged())?)
    }

    /// Adds its entries to another file: those that were used, or all. Chunks that are damaged are left out.
    ///
    /// # Errors
    ///
    /// When the other cannot be written.
    pub(super) fn copy_to(&self, builder: &mut Builder, all: bool) -> io::Result<()> {
        let slots = (0..self.len()).filter_map(|slot| self.slot(slot));
        let kept = slots.filter(|(_, spot)| {
            let used = self.used.get(spot.slot);
            all || used.is_some_and(|used| used.load(Ordering::Relaxed))
        });
        let mut kept: Vec<([u8; 16], Spot)> = kept.collect();
        // In the order of the file each chunk is read once.
        kept.sort_by_key(|(_, spot)| (spot.chunk, spot.offset));
        let mut held: Option<(u32, Vec<u8>)> = None;
        for (key, spot) in kept {
            if held.as_ref().is_none_or(|(number, _)| *number != spot.chunk) {
                held = Some((spot.chunk, self.chunk(spot.chunk).unwrap_or_default()));
            }
            let chunk = held.as_ref().map_or(&[][..], |(_, chunk)| chunk);
            let Ok(entry) = Entry::at(chunk, spot.offset) else {
                continue;
            };
            let (Some(scope), Some(fate)) = (self.tables.scope(entry.scope), self.tables.fate(entry.fate)) else {
                continue;
            };
            let (scope, fate) = (builder.scope(scope), builder.fate(fate));
            builder.add(Key(key), &Entry { scope, fate, ..entry }.bytes())?;
        }
        Ok(())
    }
}

/// A file that is being written.
pub(super) struct Builder {
    file: NamedTempFile,
    written: u64,
    chunk: Vec<u8>,
    index: Vec<([u8; 16], u32, u32)>,
    chunks: Vec<Chunk>,
    tables: Tables,
}

impl Builder {
    /// Begins a file in a folder, with a name that nobody reads.
    ///
    /// # Errors
    ///
    /// When it cannot be made.
    pub(super) fn new(folder: &Path) -> io::Result<Builder> {
        Ok(Builder {
            file: tempfile::Builder::new().prefix(".tmp-").tempfile_in(folder)?,
            written: 0,
            chunk: Vec::new(),
            index: Vec::new(),
            chunks: Vec::new(),
            tables: Tables::default(),
        })
    }

    /// How many entries it has.
    pub(super) fn len(&self) -> usize {
        self.index.len()
    }

    /// Returns the number of a scope.
    pub(super) fn scope(&mut self, scope: &Scope) -> u32 {
        self.tables.add_scope(scope)
    }

    /// Returns the number of a fate.
    pub(super) fn fate(&mut self, fate: &Fate) -> u32 {
        self.tables.add_fate(fate)
    }

    /// Adds an entry.
    ///
    /// # Errors
    ///
    /// When it cannot be written.
    pub(super) fn add(&mut self, key: Key, entry: &[u8]) -> io::Result<()> {
        let number = |size: usize| u32::try_from(size).map_err(|_| io::Error::other("it is too large"));
        let (chunk, offset) = (number(self.chunks.len())?, number(self.chunk.len())?);
        self.chunk.extend(number(entry.len())?.to_le_bytes());
        self.chunk.extend_from_slice(entry);
        self.index.push((key.0, chunk, offset));
        if self.chunk.len() >= CHUNK {
            self.flush()?;
        }
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        let packed = compress(&self.chunk)?;
        self.file.write_all(&packed)?;
        self.chunks.push(Chunk {
            offset: self.written,
            stored: packed.len() as u64,
            length: self.chunk.len() as u64,
            checksum: xxh3_64(&packed),
        });
        self.written += packed.len() as u64;
        self.chunk.clear();
        Ok(())
    }

    /// Ends the file and gives it its name.
    ///
    /// # Errors
    ///
    /// When it cannot be written.
    pub(super) fn finish(mut self, kind: &str, path: &Path) -> io::Result<()> {
        self.flush()?;
        let (scopes, fates) = self.tables.into_lists();
        let tables = serde_json::to_vec(&Names { scopes, fates })?;
        self.index.sort_unstable();
        // A document that came twice has two equal entries.
        self.index.dedup_by_key(|(key, ..)| *key);
        let mut index = Vec::with_capacity(self.index.len() * SLOT);
        for (key, chunk, offset) in self.index {
            index.extend(key);
            index.extend(chunk.to_le_bytes());
            index.extend(offset.to_le_bytes());
        }
        let mut chunks = Vec::with_capacity(self.chunks.len() * PLACE);
        for chunk in self.chunks {
            for number in [chunk.offset, chunk.stored, chunk.length, chunk.checksum] {
                chunks.extend(number.to_le_bytes());
            }
        }
        let sizes = [&tables, &index, &chunks].map(|list| list.len() as u64);
        let lists = [tables, index, chunks].concat();
        let mut tail = kind.as_bytes().to_vec();
        for number in sizes.into_iter().chain([xxh3_64(&lists)]) {
            tail.extend(number.to_le_bytes());
        }
        tail.extend_from_slice(MARK);
        self.file.write_all(&lists)?;
        self.file.write_all(&tail)?;
        self.file.persist(path).map_err(|error| error.error)?;
        Ok(())
    }
}

fn part(file: &mut File, offset: u64, length: u64) -> io::Result<Vec<u8>> {
    file.seek(SeekFrom::Start(offset))?;
    let mut found = Vec::new();
    file.take(length).read_to_end(&mut found)?;
    if found.len() as u64 == length {
        Ok(found)
    } else {
        Err(damaged())
    }
}

fn bytes<const N: usize>(rest: &mut &[u8]) -> io::Result<[u8; N]> {
    let (first, others) = rest.split_first_chunk().ok_or_else(damaged)?;
    *rest = others;
    Ok(*first)
}

fn number(rest: &mut &[u8]) -> io::Result<u64> {
    bytes(rest).map(u64::from_le_bytes)
}
/// What stands in the file is not what was written.
pub(super) fn damaged() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "its bytes are not those that were written")
}
