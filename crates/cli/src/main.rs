//! The binary `nephoscope`.

use std::process::ExitCode;

use clap::Parser;
use nephoscope::args::Cli;
use nephoscope::assess::exit;
use nephoscope::command;

fn main() -> ExitCode {
    // clap ends with 2 on a usage error, as documented.
    let cli = Cli::parse();
    // A bug is told from a finding by its own exit code.
    let code = std::panic::catch_unwind(|| command::run(cli)).unwrap_or(exit::INTERNAL);
    ExitCode::from(code)
}
