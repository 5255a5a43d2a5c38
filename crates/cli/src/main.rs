//! The binary `nephoscope`.

use std::process::ExitCode;

use nephoscope::assess::exit;
use nephoscope::command;

// A scan makes and drops small values without end: the system's allocator takes a sixth of its time.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    // A bug is told from a finding by its own exit code.
    let code = std::panic::catch_unwind(command::main).unwrap_or(exit::INTERNAL);
    ExitCode::from(code)
}
