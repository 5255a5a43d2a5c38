//! `nephoscope policy lock`.

use std::path::Path;

use anyhow::Result;

use crate::args::PolicyArgs;
use crate::assess::exit;
use crate::command::print;
use crate::config::Loaded;
use crate::lock::{FILE_NAME, LockFile};
use crate::policies;

/// Writes the digests of every source of policies in use.
///
/// # Errors
///
/// When a source does not load, or the file cannot be written.
pub(super) fn run(args: &PolicyArgs, loaded: &Loaded, output: Option<&Path>) -> Result<u8> {
    let sources = policies::sources(args, loaded)?;
    let lock = LockFile::of(&sources);
    let path = output.map_or_else(|| loaded.folder.join(FILE_NAME), Path::to_owned);
    lock.write(&path)?;
    let count = lock.len();
    let sources = if count == 1 { "source" } else { "sources" };
    print(&format!("wrote {}: {count} {sources} of policies\n", path.display()))?;
    Ok(exit::CLEAN)
}
