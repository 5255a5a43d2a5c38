//! `nephoscope policy lock`.

use std::path::Path;

use anyhow::Result;

use crate::args::{LockArgs, PolicyArgs};
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
pub(super) fn run(args: &LockArgs, loaded: &Loaded) -> Result<u8> {
    let policies = PolicyArgs {
        policy: args.policy.clone(),
        trust: args.trust.clone(),
        ..PolicyArgs::default()
    };
    let lock = LockFile::of(&policies::sources(&policies, loaded)?);
    if args.output.as_deref() == Some(Path::new("-")) {
        print(&lock.text()?)?;
        return Ok(exit::CLEAN);
    }
    let path = (args.output.clone()).unwrap_or_else(|| loaded.folder.join(FILE_NAME));
    lock.write(&path)?;
    let count = lock.len();
    let sources = if count == 1 { "source" } else { "sources" };
    print(&format!("wrote {}: {count} {sources} of policies\n", path.display()))?;
    Ok(exit::CLEAN)
}
