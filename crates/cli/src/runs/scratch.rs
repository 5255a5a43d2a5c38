//! The temporary file of sorted runs.

use std::cell::RefCell;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::sync::{Mutex, PoisonError};

use zstd::bulk::{Compressor, Decompressor};

/// A compressed piece of a run.
#[derive(Debug, Clone, Copy)]
pub(super) struct Chunk {
    offset: u64,
    stored: usize,
    length: usize,
}

/// A file that is made when it is first written, that nobody else can open, and that is gone when the process ends in
/// whatever way.
#[derive(Debug, Default)]
pub(super) struct Scratch(Mutex<Option<File>>);

/// Speed counts: what is written is read back once and gone.
const LEVEL: i32 = -5;

thread_local! {
    // Setting one up costs a tenth of what it does with a chunk.
    static COMPRESSOR: RefCell<Option<Compressor<'static>>> = const { RefCell::new(None) };
    static DECOMPRESSOR: RefCell<Option<Decompressor<'static>>> = const { RefCell::new(None) };
}

/// Compresses fast.
pub(crate) fn compress(bytes: &[u8]) -> io::Result<Vec<u8>> {
    COMPRESSOR.with_borrow_mut(|own| match own {
        Some(own) => own.compress(bytes),
        none => none.insert(Compressor::new(LEVEL)?).compress(bytes),
    })
}

/// Returns the `length` bytes that were compressed.
pub(crate) fn decompress(bytes: &[u8], length: usize) -> io::Result<Vec<u8>> {
    DECOMPRESSOR.with_borrow_mut(|own| match own {
        Some(own) => own.decompress(bytes, length),
        none => none.insert(Decompressor::new()?).decompress(bytes, length),
    })
}

impl Scratch {
    pub(super) fn write(&self, bytes: &[u8]) -> io::Result<Chunk> {
        let packed = compress(bytes)?;
        let mut file = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let file = match &mut *file {
            Some(file) => file,
            none => none.insert(tempfile::tempfile().map_err(told)?),
        };
        let offset = file.seek(SeekFrom::End(0))?;
        file.write_all(&packed).map_err(told)?;
        Ok(Chunk {
            offset,
            stored: packed.len(),
            length: bytes.len(),
        })
    }

    pub(super) fn read(&self, chunk: Chunk) -> io::Result<Vec<u8>> {
        let mut packed = vec![0; chunk.stored];
        {
            let mut file = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            // INVARIANT: a chunk is given out only after it was written.
            let file = file.as_mut().ok_or(io::ErrorKind::NotFound)?;
            file.seek(SeekFrom::Start(chunk.offset))?;
            file.read_exact(&mut packed).map_err(told)?;
        }
        decompress(&packed, chunk.length)
    }
}

/// Says what the error is about: its own text names no file.
fn told(error: io::Error) -> io::Error {
    let folder = std::env::temp_dir();
    io::Error::new(
        error.kind(),
        format!(
            "cannot keep what does not fit into memory in a temporary file in `{}`: {error}\nhelp: set TMPDIR to a folder \
             with room",
            folder.display()
        ),
    )
}
