//! The commands: each returns its exit code.

mod completions;
mod lint_sarif;
mod policy;
mod scan;

use std::io::Write;

use anyhow::Result;
use clap::Parser;

use crate::args::{Cli, Command};
use crate::assess::exit;
use crate::{schema, workers};

pub(crate) use policy::Bench;

/// Reads the command line of this process, runs it, and returns the exit code.
pub fn main() -> u8 {
    match Cli::try_parse() {
        Ok(cli) => run(cli),
        Err(error) => {
            // Help and version are asked for, and go to standard output; everything else is a usage error.
            if !error.use_stderr() {
                let _unwritten = print(&error.render().to_string());
                return exit::CLEAN;
            }
            // Without color, so that an escape in an argument can be told from one of ours.
            tell_raw(&visible(&error.render().to_string()));
            exit::USAGE
        }
    }
}

/// Runs a command line and returns the exit code; errors are told on standard error.
pub fn run(cli: Cli) -> u8 {
    let result = match cli.command {
        Command::Scan(args) => scan::run(&args),
        Command::Policy(command) => policy::run(*command),
        Command::LintSarif(args) => lint_sarif::run(&args),
        Command::Schema(args) => schema::run(&args),
        Command::PolicyWorker => Ok(workers::child::run()),
        Command::Completions { shell } => completions::run(shell),
    };
    workers::end();
    result.unwrap_or_else(|error| {
        tell(&format!("error: {error:#}"));
        exit::USAGE
    })
}

/// Writes lines to standard error.
pub(crate) fn tell(text: &str) {
    tell_raw(&format!("{}\n", visible(text)));
}

fn tell_raw(text: &str) {
    // A closed standard error leaves nobody to tell.
    let _unwritten = std::io::stderr().lock().write_all(text.as_bytes());
}

/// Writes text to standard output.
///
/// # Errors
///
/// When standard output is closed.
pub(crate) fn print(text: &str) -> Result<()> {
    let mut out = std::io::stdout().lock();
    let written = out.write_all(visible(text).as_bytes()).and_then(|()| out.flush());
    match written {
        // The reader of a pipe has seen enough: `nephoscope policy list | head`.
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        other => Ok(other?),
    }
}

/// Returns `text` with every character that a terminal would obey, but line breaks, as `\uXXXX`: names come from
/// bundles, files and arguments that anybody may have written. The form is the one that JSON reads back.
fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        if nephoscope_report::is_hidden(character) && character != '\n' {
            let mut units = [0; 2];
            for unit in character.encode_utf16(&mut units) {
                shown.push_str(&format!("\\u{unit:04x}"));
            }
        } else {
            shown.push(character);
        }
    }
    shown
}
