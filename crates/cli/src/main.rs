//! The binary `nephoscope`.

use std::process::ExitCode;

use nephoscope::assess::exit;
use nephoscope::command;

// A scan makes and drops small values without end: the system's allocator takes a sixth of its time.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    // Most of what is allocated is small and scattered: huge pages add a fifth to the peak of memory and gain nothing. They
    // are a matter of cost alone, so it does not matter when the kernel refuses.
    #[cfg(target_os = "linux")]
    let _refused = rustix::thread::disable_transparent_huge_pages(true);
    // A bug is told from a finding by its own exit code.
    let code = std::panic::catch_unwind(command::main).unwrap_or(exit::INTERNAL);
    ExitCode::from(code)
}
