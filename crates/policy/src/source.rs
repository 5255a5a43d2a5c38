//! Policy files from a folder.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use crate::constraint;
use crate::problem::LoadError;
use crate::signature::{self, Signature, Verification};

/// Most bytes that one folder or bundle may hold.
pub(crate) const MAX_BYTES: u64 = 64 << 20;
/// Most entries that one folder or bundle may hold.
pub(crate) const MAX_ENTRIES: usize = 10_000;
/// Deepest folder below the root.
const MAX_DEPTH: usize = 32;

/// One Rego file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SourceFile {
    /// Path relative to its root, with `/` between parts.
    pub path: String,
    /// The text.
    pub text: String,
}

impl SourceFile {
    /// Returns whether it holds tests, by its name.
    pub fn is_test(&self) -> bool {
        self.path.ends_with("_test.rego")
    }
}

/// Policies that came from one place.
#[derive(Debug, Clone, Default)]
pub struct Root {
    /// Name for people: the folder, the bundle file, or `built-in`.
    pub name: String,
    /// The Rego files, sorted by path.
    pub files: Vec<SourceFile>,
    /// The documents `data.json` and `data.yaml`, each under the folders it lies in.
    pub data: Map<String, Value>,
    /// YAML files with the templates and constraints of a Config Validator library, sorted by path; then `files` are its helpers.
    pub constraints: Vec<SourceFile>,
    /// Its policies are conftest packages, which judge documents as they stand.
    pub raw: bool,
    /// The shipped pack: held to stricter rules.
    pub trusted: bool,
    /// Its policies run in this process, also where a host is given. For a policy that needs packages of several roots, all
    /// of them have to say so.
    pub in_process: bool,
    /// What is known of its signature.
    pub signature: Signature,
    /// SHA-256 of the documents `data.json` and `data.yaml` and of a bundle's manifest, by path.
    pub documents: BTreeMap<String, String>,
}

impl Root {
    /// Returns the SHA-256 of every file that was read, by path.
    pub fn digests(&self) -> BTreeMap<String, String> {
        let files = self.files.iter();
        let files = files.map(|file| (file.path.clone(), sha256(file.text.as_bytes())));
        files.chain(self.documents.clone()).collect()
    }
}

/// Returns the SHA-256 of bytes in hexadecimal.
pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Reads the Rego files and data documents of a folder and the folders below it.
///
/// `data.json`, `data.yaml` and `data.yml` are mounted under the names of the folders they lie in, as OPA does
/// with a bundle. Names that begin with a dot are skipped. A symbolic link is not followed: what it shows
/// inside the folder is read at its own place, one that leads outside is an error.
///
/// With `verification` the folder must hold a `.signatures.json` that names every file in it, also those that are not
/// loaded, below the folder or with [`Verification::folder`] before them.
///
/// # Errors
///
/// [`LoadError`] when something cannot be read, is no UTF-8, leads outside, is not what was signed, or passes a limit
/// (64 MiB, 10,000 entries, 32 levels), or when there is no policy.
pub fn read_folder(path: &Path, verification: Option<&Verification>) -> Result<Root, LoadError> {
    let real = fs::canonicalize(path).map_err(|source| io(path, source))?;
    let mut collector = Collector::new(path, verification);
    walk(&real, &real, "", false, &mut collector)?;
    collector.finish(true).map(|(root, _)| root)
}

fn io(path: &Path, source: std::io::Error) -> LoadError {
    LoadError::Io {
        path: path.to_owned(),
        source,
    }
}

/// Gathers what lies in `folder`; `hidden` below a name that begins with a dot, where nothing is loaded.
fn walk(root: &Path, folder: &Path, prefix: &str, hidden: bool, out: &mut Collector) -> Result<(), LoadError> {
    if prefix.matches('/').count() > MAX_DEPTH {
        return Err(out.too_large(format!("`{prefix}` lies deeper than {MAX_DEPTH} folders")));
    }
    let mut entries = Vec::new();
    for entry in fs::read_dir(folder).map_err(|source| io(folder, source))? {
        entries.push(entry.map_err(|source| io(folder, source))?);
    }
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let path = entry.path();
        let Some(name) = entry.file_name().to_str().map(str::to_owned) else {
            return Err(out.invalid(format!("the name `{}` is no UTF-8", path.display())));
        };
        let relative = format!("{prefix}{name}");
        let hidden = hidden || name.starts_with('.');
        // A signature is of everything in the folder.
        if hidden && !out.verifies() && relative != signature::FILE_NAME {
            continue;
        }
        out.count_entry()?;
        let kind = entry.file_type().map_err(|source| io(&path, source))?;
        if kind.is_symlink() {
            let inside = fs::canonicalize(&path).is_ok_and(|target| target.starts_with(root));
            if !inside {
                return Err(out.invalid(format!("the link `{relative}` leads outside")));
            }
        } else if kind.is_dir() {
            walk(root, &path, &format!("{relative}/"), hidden, out)?;
        } else if kind.is_file() && out.takes(&relative) {
            let size = entry.metadata().map_err(|source| io(&path, source))?.len();
            out.count_bytes(size)?;
            let bytes = fs::read(&path).map_err(|source| io(&path, source))?;
            out.take(relative, bytes, !hidden)?;
        }
    }
    Ok(())
}

/// Returns whether a file of this name is read.
pub(crate) fn wanted(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    path.ends_with(".rego") || matches!(name, "data.json" | "data.yaml" | "data.yml")
}

/// Gathers the files of one folder or bundle under limits. Nothing in them is looked at before all are there and,
/// where that is asked for, their signature was found to hold.
pub(crate) struct Collector<'v> {
    path: PathBuf,
    verification: Option<&'v Verification>,
    entries: usize,
    bytes: u64,
    files: Vec<Gathered>,
    signatures: Option<Vec<u8>>,
    root: Root,
}

struct Gathered {
    path: String,
    bytes: Vec<u8>,
    /// Its place does not keep it from being loaded.
    loaded: bool,
}

/// Name of a bundle's description of itself.
pub(crate) const MANIFEST: &str = ".manifest";

impl<'v> Collector<'v> {
    pub(crate) fn new(path: &Path, verification: Option<&'v Verification>) -> Self {
        Collector {
            path: path.to_owned(),
            verification,
            entries: 0,
            bytes: 0,
            files: Vec::new(),
            signatures: None,
            root: Root {
                name: path.display().to_string(),
                ..Root::default()
            },
        }
    }

    pub(crate) fn invalid(&self, message: String) -> LoadError {
        LoadError::Invalid {
            path: self.path.clone(),
            message,
        }
    }

    pub(crate) fn too_large(&self, message: String) -> LoadError {
        LoadError::TooLarge {
            path: self.path.clone(),
            message,
        }
    }

    pub(crate) fn count_entry(&mut self) -> Result<(), LoadError> {
        self.entries += 1;
        if self.entries > MAX_ENTRIES {
            return Err(self.too_large(format!("more than {MAX_ENTRIES} entries")));
        }
        Ok(())
    }

    pub(crate) fn count_bytes(&mut self, bytes: u64) -> Result<(), LoadError> {
        self.bytes = self.bytes.saturating_add(bytes);
        if self.bytes > MAX_BYTES {
            return Err(self.too_large(format!("more than {} MiB", MAX_BYTES >> 20)));
        }
        Ok(())
    }

    /// Returns whether a signature is asked for, which is of every file.
    pub(crate) fn verifies(&self) -> bool {
        self.verification.is_some()
    }

    /// Returns whether a file of this name is to be given to [`Collector::take`].
    pub(crate) fn takes(&self, path: &str) -> bool {
        self.verifies() || wanted(path) || is_signatures(path) || constraint::may_hold(path)
    }

    /// Takes one file; with `loaded` its name decides whether it is loaded.
    pub(crate) fn take(&mut self, path: String, bytes: Vec<u8>, loaded: bool) -> Result<(), LoadError> {
        if !is_signatures(&path) {
            self.files.push(Gathered { path, bytes, loaded });
            return Ok(());
        }
        // OPA takes the file by its name wherever it lies, so of two nobody could tell which one counts.
        match self.signatures.replace(bytes) {
            None => Ok(()),
            Some(_) => Err(self.unsigned(format!("there are two `{}`", signature::FILE_NAME))),
        }
    }

    fn unsigned(&self, message: String) -> LoadError {
        LoadError::Signature {
            path: self.path.clone(),
            message,
        }
    }

    fn verified(&self, folder: bool) -> Result<Signature, LoadError> {
        match (self.verification, &self.signatures) {
            (None, None) => Ok(Signature::Absent),
            (None, Some(_)) => Ok(Signature::Unchecked),
            (Some(_), None) => Err(self.unsigned(format!("it is not signed: there is no `{}`", signature::FILE_NAME))),
            (Some(verification), Some(signatures)) => {
                let files = self
                    .files
                    .iter()
                    .map(|file| (file.path.as_str(), file.bytes.as_slice()));
                signature::verify(signatures, files, folder, verification).map_err(|why| self.unsigned(why))?;
                Ok(Signature::Verified)
            }
        }
    }

    /// Loads one file for which [`wanted`] holds.
    fn add(&mut self, path: String, bytes: Vec<u8>) -> Result<(), LoadError> {
        let text = String::from_utf8(bytes).map_err(|_| self.invalid(format!("`{path}` is no UTF-8 text")))?;
        if path.ends_with(".rego") {
            self.root.files.push(SourceFile { path, text });
            return Ok(());
        }
        let document = parse_data(&path, &text).map_err(|message| self.invalid(format!("`{path}`: {message}")))?;
        let Value::Object(mut map) = document else {
            return Err(self.invalid(format!("`{path}`: a data document is an object")));
        };
        for folder in path.split('/').rev().skip(1) {
            map = Map::from_iter([(folder.to_owned(), Value::Object(map))]);
        }
        merge(&mut self.root.data, map, "data")
            .map_err(|place| self.invalid(format!("`{path}`: `{place}` is given by another data document too")))
    }

    /// Returns the root with its files sorted, and the manifest.
    ///
    /// `folder`: the files come from one, see [`signature::verify`].
    pub(crate) fn finish(mut self, folder: bool) -> Result<(Root, Option<Vec<u8>>), LoadError> {
        self.root.signature = self.verified(folder)?;
        let mut manifest = None;
        if (self.files.iter()).any(|file| file.loaded && constraint::holds(&file.path, &file.bytes)) {
            return self.library().map(|root| (root, None));
        }
        for file in std::mem::take(&mut self.files) {
            if file.loaded && !file.path.ends_with(".rego") && (file.path == MANIFEST || wanted(&file.path)) {
                let digest = sha256(&file.bytes);
                self.root.documents.insert(file.path.clone(), digest);
            }
            if file.path == MANIFEST {
                manifest = Some(file.bytes);
            } else if file.loaded && wanted(&file.path) {
                self.add(file.path, file.bytes)?;
            }
        }
        if !self.root.files.iter().any(|file| !file.is_test()) {
            return Err(LoadError::Empty { path: self.path });
        }
        self.root.files.sort();
        Ok((self.root, manifest))
    }
}

impl Collector<'_> {
    /// Returns the root of a Config Validator library.
    fn library(mut self) -> Result<Root, LoadError> {
        let mut files = Vec::new();
        for file in std::mem::take(&mut self.files) {
            if file.loaded && (constraint::may_hold(&file.path) || file.path.ends_with(".rego")) {
                let text = String::from_utf8(file.bytes);
                let text = text.map_err(|_| self.invalid(format!("`{}` is no UTF-8 text", file.path)))?;
                files.push(SourceFile { path: file.path, text });
            }
        }
        let library = constraint::take(files).map_err(|path| {
            let message = format!("it holds constraint templates, and `{path}`, which is a policy of another shape");
            self.invalid(format!("{message}\nhelp: give each shape a folder of its own"))
        })?;
        let digests = library.documents.iter();
        let digests = digests.map(|file| (file.path.clone(), sha256(file.text.as_bytes())));
        self.root.documents = digests.collect();
        self.root.constraints = library.documents;
        self.root.files = library.helpers;
        Ok(self.root)
    }
}

fn is_signatures(path: &str) -> bool {
    path.rsplit('/').next() == Some(signature::FILE_NAME)
}

fn parse_data(path: &str, text: &str) -> Result<Value, String> {
    if path.ends_with(".json") {
        serde_json::from_str(text).map_err(|error| error.to_string())
    } else {
        serde_saphyr::from_str(text).map_err(|error| error.without_snippet().to_string())
    }
}

/// Merges objects; returns the path at which both sides give a value.
pub(crate) fn merge(into: &mut Map<String, Value>, from: Map<String, Value>, path: &str) -> Result<(), String> {
    for (key, value) in from {
        match (into.get_mut(&key), value) {
            (None, value) => {
                into.insert(key, value);
            }
            (Some(Value::Object(left)), Value::Object(right)) => merge(left, right, &format!("{path}.{key}"))?,
            (Some(_), _) => return Err(format!("{path}.{key}")),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const POLICY: &str = "package a.b\n";

    #[test]
    fn files_are_sorted_and_data_is_mounted_under_its_folders() {
        let folder = tempfile::tempdir().unwrap();
        let inner = folder.path().join("b/c");
        fs::create_dir_all(&inner).unwrap();
        fs::write(folder.path().join("z.rego"), POLICY).unwrap();
        fs::write(inner.join("a.rego"), POLICY).unwrap();
        fs::write(inner.join("data.json"), r#"{"x": 1}"#).unwrap();
        fs::write(folder.path().join("b/data.yaml"), "c:\n  y: [2]\n").unwrap();
        fs::write(folder.path().join("notes.txt"), [0xff]).unwrap();
        fs::create_dir(folder.path().join(".git")).unwrap();
        fs::write(folder.path().join(".git/x.rego"), "nonsense").unwrap();
        let root = read_folder(folder.path(), None).unwrap();
        let paths: Vec<_> = root.files.iter().map(|file| file.path.as_str()).collect();
        assert_eq!(paths, ["b/c/a.rego", "z.rego"]);
        assert_eq!(
            Value::Object(root.data),
            serde_json::json!({"b": {"c": {"x": 1, "y": [2]}}})
        );
    }

    #[test]
    fn the_same_data_path_twice_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("a.rego"), POLICY).unwrap();
        fs::write(folder.path().join("data.json"), r#"{"x": 1}"#).unwrap();
        fs::write(folder.path().join("data.yaml"), "x: 2").unwrap();
        let error = read_folder(folder.path(), None).unwrap_err().to_string();
        assert!(
            error.ends_with("`data.yaml`: `data.x` is given by another data document too"),
            "{error}"
        );
    }

    #[test]
    fn nothing_to_load_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("a_test.rego"), POLICY).unwrap();
        assert!(matches!(read_folder(folder.path(), None), Err(LoadError::Empty { .. })));
        assert!(matches!(
            read_folder(&folder.path().join("none"), None),
            Err(LoadError::Io { .. })
        ));
    }

    #[cfg(unix)]
    #[test]
    fn a_link_that_leads_outside_is_an_error() {
        let outside = tempfile::tempdir().unwrap();
        fs::write(outside.path().join("evil.rego"), POLICY).unwrap();
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("a.rego"), POLICY).unwrap();
        std::os::unix::fs::symlink(folder.path().join("a.rego"), folder.path().join("same.rego")).unwrap();
        assert_eq!(read_folder(folder.path(), None).unwrap().files.len(), 1);
        std::os::unix::fs::symlink(outside.path(), folder.path().join("lib")).unwrap();
        let error = read_folder(folder.path(), None).unwrap_err().to_string();
        assert!(error.ends_with("the link `lib` leads outside"), "{error}");
    }
}
