//! The folder of a cache: who may write it, and the files in it.

use std::fs::{self, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How the names of its files end.
const EXTENSION: &str = "nephoscope-cache";

/// Files of other policies, or another program, that nobody wrote for so long are dropped.
const OLD: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// Makes the folder if there is none, and checks who can write it.
///
/// # Errors
///
/// When it cannot be made, or others can write it.
pub(super) fn prepare(folder: &Path) -> io::Result<()> {
    match fs::symlink_metadata(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => make(folder)?,
        Err(error) => return Err(error),
        Ok(_) => {}
    }
    let found = fs::symlink_metadata(folder)?;
    if !found.is_dir() {
        return Err(io::Error::other("it is no folder (a link is not followed)"));
    }
    check(&found)
}

#[cfg(unix)]
fn make(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    if let Some(parent) = folder.parent() {
        fs::create_dir_all(parent)?;
    }
    fs::DirBuilder::new().mode(0o700).create(folder)
}

#[cfg(not(unix))]
fn make(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)
}

/// Checks who can write a file of the cache.
///
/// # Errors
///
/// When others can.
pub(super) fn check_file(file: &Path) -> io::Result<()> {
    let found = fs::symlink_metadata(file)?;
    if !found.is_file() {
        return Err(io::Error::other("it is no file"));
    }
    check(&found)
}

#[cfg(unix)]
fn check(found: &Metadata) -> io::Result<()> {
    use std::os::unix::fs::MetadataExt;
    if found.uid() != rustix::process::geteuid().as_raw() {
        return Err(io::Error::other("it belongs to another user, who could plant a pass"));
    }
    if found.mode() & 0o022 != 0 {
        return Err(io::Error::other(
            "others can write it, and could plant a pass (help: `chmod go-w`)",
        ));
    }
    Ok(())
}

#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "elsewhere it can fail")]
fn check(_found: &Metadata) -> io::Result<()> {
    Ok(())
}

/// Returns the files of one kind of scan, sorted.
///
/// # Errors
///
/// When the folder cannot be read.
pub(super) fn segments(folder: &Path, kind: &str) -> io::Result<Vec<PathBuf>> {
    let mut files = files(folder)?;
    files.retain(|file| is_of(file, kind));
    files.sort();
    Ok(files)
}

fn files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder)?.map(|entry| Ok(entry?.path()));
    let files: Vec<PathBuf> = entries.collect::<io::Result<_>>()?;
    let own = |file: &PathBuf| file.extension().is_some_and(|extension| extension == EXTENSION);
    Ok(files.into_iter().filter(own).collect())
}

fn is_of(file: &Path, kind: &str) -> bool {
    let name = file.file_name().and_then(|name| name.to_str());
    name.is_some_and(|name| name.starts_with(kind))
}

/// Returns a new name for a file; two scans at the same time have different ones.
pub(super) fn name(folder: &Path, kind: &str) -> PathBuf {
    let now = std::time::UNIX_EPOCH.elapsed().unwrap_or_default().as_nanos();
    folder.join(format!("{kind}-{now:x}-{:x}.{EXTENSION}", std::process::id()))
}

/// Drops files of other kinds of scans that grew old. What cannot be dropped stays.
pub(super) fn drop_old(folder: &Path, kind: &str) {
    let files = files(folder).unwrap_or_default();
    for file in files.iter().filter(|file| !is_of(file, kind)) {
        let age = fs::metadata(file).and_then(|found| found.modified());
        let age = age.ok().and_then(|written| written.elapsed().ok());
        if age.is_some_and(|age| age > OLD) {
            let _stays = fs::remove_file(file);
        }
    }
}
