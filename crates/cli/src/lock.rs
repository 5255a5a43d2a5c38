//! `nephoscope.lock`: which policies a project judges by, by digest, so that none changes unseen.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

use anyhow::{Context, Result, bail};
use nephoscope_policy::Root;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::args::PolicyArgs;
use crate::config::Loaded;
use crate::output::write_file;

/// Name of the lock file.
pub const FILE_NAME: &str = "nephoscope.lock";

/// Name and version of the file's shape.
const SCHEMA: &str = "nephoscope/lock/1";

/// The lock file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LockFile {
    /// Name and version of this shape.
    #[schemars(extend("const" = SCHEMA))]
    schema: String,
    /// Every source of policies, sorted by name.
    policies: Vec<LockedSource>,
}

/// One folder, bundle, or the built-in pack.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LockedSource {
    /// Its name as it is given to `-p` or in `nephoscope.yaml`; `builtin` is the built-in pack.
    source: String,
    /// Version of the program that the built-in pack is part of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    version: Option<String>,
    /// SHA-256 over the sorted lines `DIGEST  PATH` of its files.
    digest: String,
    /// SHA-256 of every file that is read of it, by path; left out for the built-in pack.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    files: BTreeMap<String, String>,
}

impl LockFile {
    /// Returns the lock of sources, each with its name as given.
    pub fn of(sources: &[(String, Root)]) -> LockFile {
        let mut policies: Vec<LockedSource> = sources.iter().map(|(name, root)| locked(name, root)).collect();
        policies.sort();
        policies.dedup();
        LockFile {
            schema: SCHEMA.to_owned(),
            policies,
        }
    }

    /// Reads a lock file.
    ///
    /// # Errors
    ///
    /// When it cannot be read, or is no lock file of this version.
    pub fn read(path: &Path) -> Result<LockFile> {
        let shown = path.display();
        let text = match std::fs::read(path) {
            Ok(text) => text,
            Err(error) => {
                bail!("cannot read the lock file `{shown}`: {error}\nhelp: `nephoscope policy lock` writes it")
            }
        };
        let file: LockFile = serde_json::from_slice(&text).with_context(|| format!("`{shown}` is no lock file"))?;
        if file.schema != SCHEMA {
            bail!(
                "`{shown}` has the schema `{}`, only `{SCHEMA}` can be read",
                file.schema
            );
        }
        Ok(file)
    }

    /// Writes it: equal sources give equal bytes.
    ///
    /// # Errors
    ///
    /// When the file cannot be written.
    pub fn write(&self, path: &Path) -> Result<()> {
        let text = self.text()?;
        write_file(path, |out| Ok(write!(out, "{text}")?))
    }

    /// Returns the text of the file.
    ///
    /// # Errors
    ///
    /// Never: it holds texts only.
    pub fn text(&self) -> Result<String> {
        Ok(format!("{}\n", serde_json::to_string_pretty(self)?))
    }

    /// Returns how many sources it holds.
    pub fn len(&self) -> usize {
        self.policies.len()
    }

    /// Returns whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.policies.is_empty()
    }

    /// Returns one line for each source that is not as locked, sorted by source.
    fn differences(&self, found: &LockFile) -> Vec<String> {
        let by_name = |file: &'_ LockFile| -> BTreeMap<String, LockedSource> {
            let sources = file.policies.iter();
            sources.map(|source| (source.source.clone(), source.clone())).collect()
        };
        let (locked, found) = (by_name(self), by_name(found));
        let differs = found.iter().filter_map(|(name, source)| match locked.get(name) {
            None => Some((name, "is not locked".to_owned())),
            Some(locked) => (locked.digest != source.digest).then(|| (name, changes(locked, source))),
        });
        let gone = locked.keys().filter(|name| !found.contains_key(*name));
        let gone = gone.map(|name| (name, "is locked, but not loaded".to_owned()));
        let lines: BTreeMap<&String, String> = differs.chain(gone).collect();
        lines
            .into_iter()
            .map(|(name, what)| format!("`{name}` {what}"))
            .collect()
    }
}

/// Refuses sources that are not those of the lock file.
///
/// # Errors
///
/// Names every source and file that differs; when the lock file cannot be read.
pub fn check(path: &Path, sources: &[(String, Root)]) -> Result<()> {
    let differences = LockFile::read(path)?.differences(&LockFile::of(sources));
    if differences.is_empty() {
        return Ok(());
    }
    bail!(
        "the policies are not those of `{}`:\n{}\nhelp: look at what changed, then `nephoscope policy lock` locks it",
        path.display(),
        differences.join("\n")
    )
}

/// Returns the lock file that `--locked` asks for.
pub fn asked(args: &PolicyArgs, loaded: &Loaded) -> Option<PathBuf> {
    let asked = args.locked.as_ref()?;
    Some(asked.clone().unwrap_or_else(|| loaded.folder.join(FILE_NAME)))
}

/// Returns the lock file that a scan keeps to without being asked: the one beside the configuration, when it is the
/// configuration that says which policies are loaded.
pub fn beside(args: &PolicyArgs, loaded: &Loaded) -> Option<PathBuf> {
    loaded.file.as_ref().filter(|_| args.policy.is_empty())?;
    Some(loaded.folder.join(FILE_NAME)).filter(|path| path.exists())
}

fn locked(name: &str, root: &Root) -> LockedSource {
    let files = root.digests();
    let lines: String = files
        .iter()
        .map(|(path, digest)| format!("{digest}  {path}\n"))
        .collect();
    LockedSource {
        source: plain(name),
        version: root.trusted.then(|| env!("CARGO_PKG_VERSION").to_owned()),
        digest: nephoscope_policy::sha256(lines.as_bytes()),
        files: if root.trusted { BTreeMap::new() } else { files },
    }
}

/// Returns one spelling of a path as it may be given: `./a//b/` is `a/b`.
fn plain(name: &str) -> String {
    let parts = Path::new(name).components().filter(|part| *part != Component::CurDir);
    let path: PathBuf = parts.collect();
    path.to_string_lossy().replace('\\', "/")
}

/// Says what differs between a source as locked and as found.
fn changes(locked: &LockedSource, found: &LockedSource) -> String {
    if locked.version != found.version {
        let version = |source: &LockedSource| source.version.clone().unwrap_or_else(|| "no version".to_owned());
        return format!("is of version {}, locked is {}", version(found), version(locked));
    }
    let differs = found
        .files
        .iter()
        .filter_map(|(path, digest)| match locked.files.get(path) {
            None => Some((path, "is new")),
            Some(other) => (other != digest).then_some((path, "changed")),
        });
    let gone = locked.files.keys().filter(|path| !found.files.contains_key(*path));
    let changes: BTreeMap<&String, &str> = differs.chain(gone.map(|path| (path, "is gone"))).collect();
    if changes.is_empty() {
        return "has another digest".to_owned();
    }
    let changes: Vec<String> = changes.iter().map(|(path, what)| format!("`{path}` {what}")).collect();
    format!("differs: {}", changes.join(", "))
}

#[cfg(test)]
mod tests {
    use nephoscope_policy::SourceFile;

    use super::*;

    fn root(files: &[(&str, &str)]) -> Root {
        let files = files.iter().map(|(path, text)| SourceFile {
            path: (*path).to_owned(),
            text: (*text).to_owned(),
        });
        Root {
            files: files.collect(),
            ..Root::default()
        }
    }

    fn lock(sources: &[(&str, Root)]) -> LockFile {
        let sources: Vec<(String, Root)> = (sources.iter())
            .map(|(name, root)| ((*name).to_owned(), root.clone()))
            .collect();
        LockFile::of(&sources)
    }

    #[test]
    fn order_and_spelling_change_nothing() {
        let (a, b) = (root(&[("a.rego", "1"), ("b.rego", "2")]), root(&[("c.rego", "3")]));
        let one = lock(&[("a", a.clone()), ("./b/", b.clone())]);
        let other = lock(&[("b", b), ("a//", a.clone()), ("a", a)]);
        assert_eq!(one, other);
        assert!(one.differences(&other).is_empty());
    }

    #[test]
    fn what_changed_is_named() {
        let locked = lock(&[
            ("a", root(&[("a.rego", "1"), ("b.rego", "2"), ("c.rego", "3")])),
            ("gone", root(&[("a.rego", "1")])),
        ]);
        let found = lock(&[
            ("a", root(&[("a.rego", "1"), ("b.rego", "x"), ("d.rego", "3")])),
            ("new", root(&[("a.rego", "1")])),
        ]);
        assert_eq!(
            locked.differences(&found),
            [
                "`a` differs: `b.rego` changed, `c.rego` is gone, `d.rego` is new",
                "`gone` is locked, but not loaded",
                "`new` is not locked",
            ]
        );
    }

    #[test]
    fn the_pack_is_locked_by_version_and_digest() {
        let mut pack = root(&[("a.rego", "1")]);
        pack.trusted = true;
        let mut locked = lock(&[("builtin", pack)]);
        let found = locked.clone();
        locked.policies[0].digest = "0".into();
        assert_eq!(locked.differences(&found), ["`builtin` has another digest"]);
        locked.policies[0].version = Some("0.0.1".into());
        let version = env!("CARGO_PKG_VERSION");
        assert_eq!(
            locked.differences(&found),
            [format!("`builtin` is of version {version}, locked is 0.0.1")]
        );
    }
}
