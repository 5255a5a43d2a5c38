//! `nephoscope completions`.

use anyhow::Result;
use clap::CommandFactory;

use crate::args::Cli;
use crate::assess::exit;

/// Prints the completions for a shell.
///
/// # Errors
///
/// When standard output is closed.
pub(super) fn run(shell: clap_complete::Shell) -> Result<u8> {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "nephoscope", &mut text);
    super::print(&String::from_utf8_lossy(&text))?;
    Ok(exit::CLEAN)
}
