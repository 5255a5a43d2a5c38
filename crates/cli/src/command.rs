//! The commands: each returns its exit code.

mod completions;
mod lint_sarif;
mod policy;
mod scan;

use std::io::Write;

use anyhow::Result;

use crate::args::{Cli, Command};
use crate::assess::exit;
use crate::schema;

/// Runs a command line and returns the exit code; errors are told on standard error.
pub fn run(cli: Cli) -> u8 {
    let result = match cli.command {
        Command::Scan(args) => scan::run(&args),
        Command::Policy(command) => policy::run(command),
        Command::LintSarif(args) => lint_sarif::run(&args),
        Command::Schema(args) => schema::run(&args),
        Command::Completions { shell } => completions::run(shell),
    };
    result.unwrap_or_else(|error| {
        if is_closed_pipe(&error) {
            // The reader of a pipe has seen enough: `nephoscope scan … | head`.
            return exit::CLEAN;
        }
        tell(&format!("error: {error:#}"));
        exit::USAGE
    })
}

/// Writes lines to standard error.
pub(crate) fn tell(text: &str) {
    // A closed standard error leaves nobody to tell.
    let _unwritten = writeln!(std::io::stderr().lock(), "{text}");
}

/// Writes text to standard output.
///
/// # Errors
///
/// When standard output is closed.
pub(crate) fn print(text: &str) -> Result<()> {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes())?;
    Ok(out.flush()?)
}

fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        cause
            .downcast_ref::<std::io::Error>()
            .is_some_and(|error| error.kind() == std::io::ErrorKind::BrokenPipe)
    })
}
