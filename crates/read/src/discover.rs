//! From arguments to inputs: files as named, folders walked.

use std::collections::BTreeMap;
use std::path::Path;

use ignore::gitignore::{Gitignore, GitignoreBuilder};
use ignore::{DirEntry, WalkBuilder};
use nephoscope_model::{CoverageGap, Gap, GapScope, Reason};
use thiserror::Error;

use crate::input::Input;

/// Why arguments cannot be turned into inputs.
#[derive(Debug, Error)]
pub enum ReadError {
    /// A named file or folder is not there.
    #[error("`{path}` does not exist")]
    Missing {
        /// As named.
        path: String,
    },
    /// A pattern of what to leave out is malformed.
    #[error("`{pattern}` is no valid ignore pattern: {message}")]
    Pattern {
        /// As given.
        pattern: String,
        /// What is wrong with it.
        message: String,
    },
}

/// What arguments stand for.
#[derive(Debug, Clone, Default)]
pub struct Discovery {
    /// Every input once, sorted by name.
    pub inputs: Vec<Input>,
    /// What could not be looked into, sorted.
    pub gaps: Vec<CoverageGap>,
}

/// Returns the inputs that named arguments (files, folders, `-`) stand for.
///
/// Folders are walked to the bottom, following symbolic links; hidden files are left out, and so is what the
/// patterns `ignore` match (gitignore syntax, relative to the argument). A file that is named is always an input.
///
/// # Errors
///
/// [`ReadError::Missing`] when an argument does not exist, [`ReadError::Pattern`] when a pattern is malformed.
pub fn discover(arguments: &[String], ignore: &[String]) -> Result<Discovery, ReadError> {
    let mut inputs: BTreeMap<String, Input> = BTreeMap::new();
    let mut gaps = Vec::new();
    for argument in arguments {
        if argument == "-" {
            inputs.insert(
                argument.clone(),
                Input {
                    name: argument.clone(),
                    path: None,
                    named: true,
                },
            );
            continue;
        }
        let path = Path::new(argument);
        let found = match std::fs::metadata(path) {
            Ok(found) => Some(found),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Err(ReadError::Missing { path: argument.clone() });
            }
            // There, but not to be looked at: reading it will say why.
            Err(_) => None,
        };
        if found.is_some_and(|found| found.is_dir()) {
            walk(path, &patterns(path, ignore)?, &mut inputs, &mut gaps);
        } else {
            let input = Input {
                name: name_of(path),
                path: Some(path.to_owned()),
                named: true,
            };
            inputs.insert(input.name.clone(), input);
        }
    }
    gaps.sort();
    gaps.dedup();
    Ok(Discovery {
        inputs: inputs.into_values().collect(),
        gaps,
    })
}

fn patterns(root: &Path, ignore: &[String]) -> Result<Gitignore, ReadError> {
    let mut builder = GitignoreBuilder::new(root);
    for pattern in ignore {
        let refused = |error: ignore::Error| ReadError::Pattern {
            pattern: pattern.clone(),
            message: error.to_string(),
        };
        builder.add_line(None, pattern).map_err(refused)?;
    }
    builder.build().map_err(|error| ReadError::Pattern {
        pattern: ignore.join(", "),
        message: error.to_string(),
    })
}

fn walk(root: &Path, patterns: &Gitignore, inputs: &mut BTreeMap<String, Input>, gaps: &mut Vec<CoverageGap>) {
    let patterns = patterns.clone();
    let keep = move |entry: &DirEntry| {
        let folder = entry.file_type().is_some_and(|kind| kind.is_dir());
        entry.depth() == 0 || !patterns.matched(entry.path(), folder).is_ignore()
    };
    let walker = WalkBuilder::new(root)
        .standard_filters(false)
        .hidden(true)
        .follow_links(true)
        .sort_by_file_name(std::ffi::OsStr::cmp)
        .filter_entry(keep)
        .build();
    for entry in walker {
        match entry {
            Ok(entry) => match entry.file_type() {
                Some(kind) if kind.is_file() => {
                    let name = name_of(entry.path());
                    inputs.entry(name.clone()).or_insert_with(|| Input {
                        name,
                        path: Some(entry.path().to_owned()),
                        named: false,
                    });
                }
                Some(kind) if kind.is_dir() => {}
                // A pipe found in a folder would be waited for without end.
                _ => gaps.push(gap(
                    &name_of(entry.path()),
                    Reason::NotRead,
                    "not a regular file".to_owned(),
                    false,
                )),
            },
            Err(error) => gaps.push(trouble(root, &error)),
        }
    }
}

/// Returns the gap for what the walk could not look into.
fn trouble(root: &Path, error: &ignore::Error) -> CoverageGap {
    let mut place = name_of(root);
    let mut reason = Reason::NotRead;
    let mut message = error.to_string();
    let mut inner = error;
    loop {
        match inner {
            ignore::Error::WithPath { path, err } => {
                place = name_of(path);
                message = err.to_string();
                inner = err;
            }
            ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => inner = err,
            ignore::Error::Loop { ancestor, child } => {
                place = name_of(child);
                message = format!("a symbolic link that leads back to `{}`", name_of(ancestor));
                break;
            }
            ignore::Error::Io(error) => {
                match error.kind() {
                    std::io::ErrorKind::PermissionDenied => reason = Reason::Denied,
                    std::io::ErrorKind::NotFound => "a symbolic link to nothing".clone_into(&mut message),
                    _ => {}
                }
                break;
            }
            _ => break,
        }
    }
    gap(&place, reason, format!("cannot be looked into: {message}"), true)
}

fn gap(name: &str, reason: Reason, message: String, incomplete: bool) -> CoverageGap {
    CoverageGap {
        scope: GapScope {
            input: Some(name.to_owned()),
            ..GapScope::default()
        },
        gap: Gap::new(reason),
        message,
        line: None,
        offset: None,
        incomplete,
        accepted_by: None,
    }
}

/// Returns a path for people and reports: `/` between parts, without a leading `./`.
fn name_of(path: &Path) -> String {
    let text = path.to_string_lossy();
    let text = if std::path::MAIN_SEPARATOR == '/' {
        text.into_owned()
    } else {
        text.replace('\\', "/")
    };
    let mut name = text.as_str();
    while let Some(rest) = name.strip_prefix("./").filter(|rest| !rest.is_empty()) {
        name = rest.trim_start_matches('/');
    }
    name.to_owned()
}
