//! What came of documents in earlier scans, by their bytes: a document that stands alone and did not change is not judged
//! again.
//!
//! Only documents whose verdicts depend on nothing but themselves, the policies and this program are kept; see
//! [`Desk::note`]. An entry's key is the SHA-256 of the document: whoever writes what is scanned must not find two
//! documents with one key. It protects from nobody who can write the folder: the checksums find damage, not malice.

mod desk;
mod entry;
mod folder;
mod segment;

use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use nephoscope_model::{Document, digest};
use sha2::{Digest, Sha256};

use crate::command::tell;
use segment::{Builder, Segment};

pub use desk::{Came, Desk};

/// More files of one scan's kind than this are made one.
const MOST_SEGMENTS: usize = 8;

/// What a scan did not use is kept up to this many times what it used: scans of several inputs may share a folder.
const UNUSED: usize = 4;

/// Digest of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key([u8; 16]);

impl Key {
    /// Returns the first half of the SHA-256 over all of a document but where it stands.
    pub fn of(document: &Document) -> Key {
        let observed = document.observed_at.map(jiff::Timestamp::as_nanosecond);
        let head = format!(
            "{} {:?} {observed:?} {}",
            document.dialect.as_str(),
            document.state,
            document.native_type
        );
        let mut hash = Sha256::new();
        // The length keeps head and body apart.
        hash.update((head.len() as u64).to_le_bytes());
        hash.update(head.as_bytes());
        hash.update(document.body.get().as_bytes());
        let mut half = [0; 16];
        half.iter_mut()
            .zip(hash.finalize())
            .for_each(|(byte, found)| *byte = found);
        Key(half)
    }
}

/// What earlier scans of this kind came to, and what this one adds.
pub struct Cache {
    folder: PathBuf,
    /// Digest of all that decides what comes of a document besides itself.
    kind: String,
    segments: Vec<Segment>,
    fresh: Mutex<Fresh>,
    /// A part could not be read, which was told.
    damaged: AtomicBool,
}

/// What this scan adds.
#[derive(Default)]
enum Fresh {
    #[default]
    Nothing,
    Some(Box<Builder>),
    /// It cannot be written, which was told.
    Failed,
}

impl Cache {
    /// Opens the cache in a folder, which is made if there is none, for scans by `judged_by`: the digest of the policies and
    /// all settings that change an outcome. When the folder is not to be trusted, or cannot be used, a warning says so and there is no cache.
    pub fn open<'a>(folder: &Path, judged_by: impl IntoIterator<Item = &'a str>) -> Option<Cache> {
        let opened = folder::prepare(folder).and_then(|()| Cache::read(folder, judged_by));
        opened
            .inspect_err(|error| {
                tell(&format!(
                    "warning: the cache `{}` is not used: {error}",
                    folder.display()
                ))
            })
            .ok()
    }

    fn read<'a>(folder: &Path, judged_by: impl IntoIterator<Item = &'a str>) -> io::Result<Cache> {
        let judged_by = digest(judged_by);
        let kind = digest(["cache 2", env!("CARGO_PKG_VERSION"), &program()?, &judged_by]);
        let mut segments = Vec::new();
        for file in folder::segments(folder, &kind)? {
            let opened = folder::check_file(&file).and_then(|()| Segment::open(&file, &kind));
            match opened {
                Ok(segment) => segments.push(segment),
                Err(error) => tell(&format!(
                    "warning: `{}` of the cache is not used: {error}",
                    file.display()
                )),
            }
        }
        Ok(Cache {
            folder: folder.to_owned(),
            kind,
            segments,
            fresh: Mutex::default(),
            damaged: AtomicBool::new(false),
        })
    }

    /// Adds an entry. What cannot be written is told once, and left.
    fn add(&self, key: Key, write: impl FnOnce(&mut Builder) -> io::Result<Vec<u8>>) {
        let mut fresh = self.fresh.lock().unwrap_or_else(PoisonError::into_inner);
        if matches!(*fresh, Fresh::Nothing) {
            *fresh = self
                .told(Builder::new(&self.folder))
                .map_or(Fresh::Failed, |builder| Fresh::Some(Box::new(builder)));
        }
        let Fresh::Some(builder) = &mut *fresh else { return };
        let added = write(builder).and_then(|entry| builder.add(key, &entry));
        if self.told(added).is_none() {
            *fresh = Fresh::Failed;
        }
    }

    fn told<T>(&self, result: io::Result<T>) -> Option<T> {
        result
            .inspect_err(|error| {
                tell(&format!(
                    "warning: the cache `{}` is not written: {error}",
                    self.folder.display()
                ))
            })
            .ok()
    }

    /// Notes that a part cannot be read.
    fn damaged(&self, segment: &Segment, error: &io::Error) {
        if !self.damaged.swap(true, Ordering::Relaxed) {
            tell(&format!(
                "warning: `{}` of the cache is damaged: {error}",
                segment.path().display()
            ));
        }
    }

    /// Writes what this scan added, and drops what grew old. Returns how many entries were used and how many are new.
    pub fn close(self) -> (usize, usize) {
        let fresh = self.fresh.lock().map(|mut fresh| std::mem::take(&mut *fresh));
        let fresh = fresh.unwrap_or_default();
        let failed = matches!(fresh, Fresh::Failed);
        let builder = match fresh {
            Fresh::Some(builder) => Some(*builder),
            Fresh::Nothing | Fresh::Failed => None,
        };
        let added = builder.as_ref().map_or(0, Builder::len);
        let used: usize = self.segments.iter().map(Segment::used).sum();
        if failed {
            return (used, 0);
        }
        let held: usize = self.segments.iter().map(Segment::len).sum();
        let too_old = held + added > (used + added).saturating_mul(UNUSED);
        let damaged = self.damaged.load(Ordering::Relaxed);
        let result = if too_old || damaged || self.segments.len() >= MOST_SEGMENTS {
            self.rewrite(builder, !too_old)
        } else {
            builder.map_or(Ok(()), |builder| {
                builder.finish(&self.kind, &folder::name(&self.folder, &self.kind))
            })
        };
        self.told(result);
        folder::drop_old(&self.folder, &self.kind);
        (used, added)
    }

    /// Makes one file of all: of what was used, and with `all` of the rest too.
    fn rewrite(&self, builder: Option<Builder>, all: bool) -> io::Result<()> {
        let mut builder = builder.map_or_else(|| Builder::new(&self.folder), Ok)?;
        for segment in &self.segments {
            segment.copy_to(&mut builder, all)?;
        }
        builder.finish(&self.kind, &folder::name(&self.folder, &self.kind))?;
        for segment in &self.segments {
            std::fs::remove_file(segment.path())?;
        }
        Ok(())
    }
}

/// Returns the digest of this program's file: mappings, engine and policies are in it.
fn program() -> io::Result<String> {
    let mut file = std::fs::File::open(std::env::current_exe()?)?;
    let mut hash = xxhash_rust::xxh3::Xxh3::new();
    let mut buffer = vec![0; 1 << 20];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(format!("{:032x}", hash.digest128())),
            count => hash.update(buffer.get(..count).unwrap_or_default()),
        }
    }
}
