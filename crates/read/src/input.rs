//! What goes in and what comes out.

use std::path::PathBuf;

use nephoscope_model::{CoverageGap, Document, ScopeRead};

/// Bounds that keep a hostile or broken input from taking the machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Decoded bytes of one input.
    pub max_decoded_bytes: u64,
    /// Decoded ÷ stored bytes, once more than 64 MiB were decoded.
    pub max_ratio: u64,
    /// Levels of nesting in one document.
    pub max_depth: usize,
    /// Bytes of one document.
    pub max_document_bytes: u64,
}

impl Default for Limits {
    /// 64 GiB decoded, ratio 1000, 128 levels, 64 MiB a document.
    fn default() -> Self {
        Limits {
            max_decoded_bytes: 64 << 30,
            max_ratio: 1000,
            max_depth: 128,
            max_document_bytes: 64 << 20,
        }
    }
}

/// One file, or standard input.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Input {
    /// Path as given or found, with `/` between parts; `-` for standard input.
    pub name: String,
    /// Where the file is; `None` for standard input.
    pub path: Option<PathBuf>,
    /// Whether it was named by the user, not found in a folder.
    pub named: bool,
}

/// What reading gives, in the order of the input.
#[derive(Debug, Clone)]
pub enum Event {
    /// One native document.
    Document(Document),
    /// Something that was not read.
    Gap(CoverageGap),
    /// A scope that was read in full.
    ScopeRead(ScopeRead),
}
