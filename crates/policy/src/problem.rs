//! Problems of policies: what stops a bundle from loading, each with its place and the way out.

use std::fmt;
use std::path::PathBuf;

use thiserror::Error;

use crate::Problem;

/// Why a folder or bundle file could not be read.
#[derive(Debug, Error)]
pub enum LoadError {
    /// The path does not exist, or the system refused to read it.
    #[error("cannot read `{}`: {source}", path.display())]
    Io {
        /// What was read.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A file holds what it must not.
    #[error("`{}`: {message}", path.display())]
    Invalid {
        /// The folder or bundle.
        path: PathBuf,
        /// What is wrong, with the entry's name.
        message: String,
    },
    /// A limit was passed.
    #[error("`{}`: {message}\nhelp: split the bundle, or leave out files that are no policies", path.display())]
    TooLarge {
        /// The folder or bundle.
        path: PathBuf,
        /// Which limit.
        message: String,
    },
    /// Its signature is asked for, and it has none or one that does not hold.
    #[error("`{}`: {message}", path.display())]
    Signature {
        /// The folder or bundle.
        path: PathBuf,
        /// What is wrong, with the file's name.
        message: String,
    },
    /// There is no policy in it.
    #[error("`{}` holds no policy\nhelp: a policy is a file `*.rego` that is no `*_test.rego`", path.display())]
    Empty {
        /// The folder or bundle.
        path: PathBuf,
    },
}

/// Every problem of every file, sorted by file, line and column. Never empty.
#[derive(Debug, Error)]
pub struct LoadErrors(pub Vec<Problem>);

impl LoadErrors {
    /// Returns `Err` with the problems in order, or `Ok` when there are none.
    pub(crate) fn unless_empty(mut problems: Vec<Problem>) -> Result<(), LoadErrors> {
        if problems.is_empty() {
            return Ok(());
        }
        sort(&mut problems);
        Err(LoadErrors(problems))
    }
}

impl fmt::Display for LoadErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.0.iter().enumerate() {
            if index > 0 {
                writeln!(f)?;
            }
            if problem.line > 0 {
                write!(f, "{problem}")?;
                continue;
            }
            // About a whole file, or about the configuration.
            write!(f, "{}: {} [{}]", problem.file, problem.message, problem.code)?;
            if let Some(help) = &problem.help {
                write!(f, "\nhelp: {help}")?;
            }
        }
        Ok(())
    }
}

/// Sorts by place and takes out what was said twice.
pub(crate) fn sort(problems: &mut Vec<Problem>) {
    problems.sort_by(|a, b| {
        (&a.file, a.line, a.column, a.code, &a.message).cmp(&(&b.file, b.line, b.column, b.code, &b.message))
    });
    problems.dedup_by(|a, b| {
        (&a.file, a.line, a.column, a.code, &a.message) == (&b.file, b.line, b.column, b.code, &b.message)
    });
}

/// Returns a problem; lines and columns count from 1.
pub(crate) fn problem(
    file: &str,
    line: u32,
    column: u32,
    code: &'static str,
    message: impl Into<String>,
    help: impl Into<String>,
) -> Problem {
    Problem {
        file: file.to_owned(),
        line,
        column,
        code,
        message: message.into(),
        help: Some(help.into()),
    }
}
