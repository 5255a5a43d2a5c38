//! Policy files from an OPA bundle: a gzipped tar with an optional `.manifest`.
//!
//! Source: Open Policy Agent documentation, "Bundles", file format, read 2026-11-23. Read in memory: nothing
//! is ever written, and an entry that would land outside when unpacked is refused all the same.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::Read;
use std::path::Path;

use flate2::read::MultiGzDecoder;
use serde::Deserialize;
use serde_json::Value;
use tar::EntryType;

use crate::problem::LoadError;
use crate::signature::Verification;
use crate::source::{Collector, MANIFEST, MAX_BYTES, Root, SourceFile};

/// Most decoded bytes for each byte of the file; small files may unpack to [`FREE_BYTES`] in any case.
const MAX_RATIO: u64 = 100;
/// Below this size the ratio is not looked at: padding alone makes a small tar shrink a hundredfold.
const FREE_BYTES: u64 = 1 << 20;

#[derive(Deserialize)]
struct Manifest {
    #[serde(default)]
    revision: Option<String>,
    #[serde(default)]
    roots: Option<Vec<String>>,
    #[serde(default)]
    rego_version: Option<u8>,
}

/// Reads an OPA bundle (`.tar.gz`). With `verification` it must hold a `.signatures.json` that names every file in it.
///
/// # Errors
///
/// [`LoadError`] when the file cannot be read or ends early, when an entry has a path that is absolute or
/// climbs, is a link or device, comes twice or differs from another only by case, when something is not what was
/// signed or lies outside the manifest's roots, when a limit is passed (64 MiB unpacked, 10,000 entries, 100:1), or when
/// there is no policy.
pub fn read_bundle(path: &Path, verification: Option<&Verification>) -> Result<Root, LoadError> {
    let file = File::open(path).map_err(|source| io(path, source))?;
    let packed = file.metadata().map_err(|source| io(path, source))?.len();
    let allowed = packed.saturating_mul(MAX_RATIO).clamp(FREE_BYTES, MAX_BYTES);
    let decoder = Limited {
        inner: MultiGzDecoder::new(file),
        left: allowed,
        passed: false,
    };
    let mut archive = tar::Archive::new(decoder);
    let mut collector = Collector::new(path, verification);
    let mut seen = BTreeMap::new();
    let read = read_entries(&mut archive, &mut collector, &mut seen);
    let mut decoder = archive.into_inner();
    let read = read.and_then(|()| {
        // The tar ends before the gzip stream does; a cut stream or a bomb may lie behind its last entry.
        std::io::copy(&mut decoder, &mut std::io::sink()).map_err(|source| io(path, source))?;
        Ok(())
    });
    if decoder.passed {
        return Err(collector.too_large(format!(
            "more than {} MiB unpacked, or more than {MAX_RATIO} times its size",
            MAX_BYTES >> 20
        )));
    }
    read?;
    let (mut root, manifest) = collector.finish(false)?;
    if let Some(manifest) = manifest {
        let manifest = serde_json::from_slice(&manifest).map_err(|error| LoadError::Invalid {
            path: path.to_owned(),
            message: format!("`{MANIFEST}`: {error}"),
        })?;
        apply_manifest(path, &manifest, &mut root)?;
    }
    Ok(root)
}

fn io(path: &Path, source: std::io::Error) -> LoadError {
    LoadError::Io {
        path: path.to_owned(),
        source,
    }
}

fn read_entries(
    archive: &mut tar::Archive<impl Read>,
    collector: &mut Collector<'_>,
    seen: &mut BTreeMap<String, String>,
) -> Result<(), LoadError> {
    let broken =
        |collector: &Collector<'_>, error: std::io::Error| collector.invalid(format!("no whole tar.gz: {error}"));
    let mut absolute = None;
    let entries = archive.entries().map_err(|error| broken(collector, error))?;
    for entry in entries {
        let mut entry = entry.map_err(|error| broken(collector, error))?;
        collector.count_entry()?;
        let bytes = entry.path_bytes().into_owned();
        let Ok(raw) = String::from_utf8(bytes) else {
            return Err(collector.invalid("the name of an entry is no UTF-8".into()));
        };
        let kind = entry.header().entry_type();
        let name = clean(&raw).ok_or_else(|| collector.invalid(format!("the entry `{raw}` leads outside")))?;
        match kind {
            EntryType::XGlobalHeader => continue,
            EntryType::Regular | EntryType::Continuous | EntryType::Directory => {}
            EntryType::Symlink | EntryType::Link => {
                return Err(collector.invalid(format!("the entry `{raw}` is a link")));
            }
            _ => return Err(collector.invalid(format!("the entry `{raw}` is no file"))),
        }
        // `opa build` writes every path with a leading slash, other tools none; a mix hides an absolute path.
        if *absolute.get_or_insert(raw.starts_with('/')) != raw.starts_with('/') {
            return Err(collector.invalid(format!("the entry `{raw}`: absolute and relative paths are mixed")));
        }
        if kind == EntryType::Directory {
            continue;
        }
        if let Some(other) = seen.insert(name.to_lowercase(), name.clone()) {
            let why = if other == name {
                "comes twice"
            } else {
                "differs from another only by case"
            };
            return Err(collector.invalid(format!("the entry `{raw}` {why}")));
        }
        collector.count_bytes(entry.size())?;
        if name == "patch.json" {
            return Err(collector.invalid("`patch.json`: delta bundles are not supported".into()));
        } else if name == MANIFEST || collector.takes(&name) {
            let mut content = Vec::new();
            entry
                .read_to_end(&mut content)
                .map_err(|error| broken(collector, error))?;
            if content.len() as u64 != entry.size() {
                return Err(collector.invalid(format!("the entry `{raw}` ends early")));
            }
            collector.take(name, content, true)?;
        }
    }
    Ok(())
}

/// Returns the path without a leading `/` or `./`, or `None` when it could lead outside.
///
/// `opa build` writes entries as `/a/b.rego`, so one leading slash means the bundle's root.
fn clean(raw: &str) -> Option<String> {
    let path = raw.strip_prefix("./").or_else(|| raw.strip_prefix('/')).unwrap_or(raw);
    let path = path.trim_end_matches('/');
    if raw.contains(['\\', '\0']) || path.starts_with('/') {
        return None;
    }
    // A drive letter or an alternate stream would be absolute on Windows.
    let bad = |part: &str| part.is_empty() || part == "." || part == ".." || part.contains(':');
    if !path.is_empty() && path.split('/').any(bad) {
        return None;
    }
    Some(path.to_owned())
}

fn apply_manifest(path: &Path, manifest: &Manifest, root: &mut Root) -> Result<(), LoadError> {
    let invalid = |message: String| LoadError::Invalid {
        path: path.to_owned(),
        message,
    };
    if let Some(version) = manifest.rego_version
        && version != 1
    {
        return Err(invalid(format!(
            "`.manifest`: rego_version {version} is not supported, only 1"
        )));
    }
    if let Some(revision) = manifest.revision.as_deref().filter(|text| !text.is_empty()) {
        root.name = format!("{} ({revision})", root.name);
    }
    // Without roots, or with the root "", the bundle owns everything.
    let Some(roots) = manifest
        .roots
        .as_ref()
        .filter(|roots| !roots.iter().any(String::is_empty))
    else {
        return Ok(());
    };
    let roots: BTreeSet<&str> = roots.iter().map(|root| root.trim_matches('/')).collect();
    let owned = |place: &str| {
        roots
            .iter()
            .any(|root| place == *root || place.starts_with(&format!("{root}/")))
    };
    for file in &root.files {
        let package = package_path(file);
        if !owned(&package) {
            return Err(invalid(format!(
                "`{}`: package `{}` lies outside the manifest's roots",
                file.path,
                package.replace('/', ".")
            )));
        }
    }
    for (key, value) in &root.data {
        stays_inside(key, value, &roots)
            .map_err(|place| invalid(format!("data `{place}` lies outside the manifest's roots")))?;
    }
    Ok(())
}

/// Walks down as long as `place` lies above a root; returns the first place that is in none.
fn stays_inside(place: &str, value: &Value, roots: &BTreeSet<&str>) -> Result<(), String> {
    let below = |root: &str| place == root || place.starts_with(&format!("{root}/"));
    let above = |root: &str| root.starts_with(&format!("{place}/"));
    if roots.iter().any(|root| below(root)) {
        return Ok(());
    }
    match value {
        Value::Object(map) if roots.iter().any(|root| above(root)) => map
            .iter()
            .try_for_each(|(key, child)| stays_inside(&format!("{place}/{key}"), child, roots)),
        _ => Err(place.to_owned()),
    }
}

/// Returns the package of a file with `/` between parts, "" where it states none (parsing says so later).
fn package_path(file: &SourceFile) -> String {
    let line = file
        .text
        .lines()
        .map(str::trim)
        .find_map(|line| line.strip_prefix("package "));
    let name = line.unwrap_or("").split(['#', ' ', ';']).next().unwrap_or("");
    name.replace("[\"", "/").replace("\"]", "").replace('.', "/")
}

/// Ends the stream with an error once more than allowed was read.
struct Limited<R> {
    inner: R,
    left: u64,
    passed: bool,
}

impl<R: Read> Read for Limited<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.inner.read(buffer)?;
        match self.left.checked_sub(count as u64) {
            Some(left) => self.left = left,
            None => {
                self.passed = true;
                return Err(std::io::Error::other("too large"));
            }
        }
        Ok(count)
    }
}

#[cfg(test)]
mod tests;
