//! How long this thread has worked.

use std::time::Duration;

/// Returns the processor time of this thread.
#[cfg(unix)]
pub fn thread() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    // INVARIANT: a thread has not worked for less than nothing.
    Duration::new(
        u64::try_from(time.tv_sec).unwrap_or_default(),
        u32::try_from(time.tv_nsec).unwrap_or_default(),
    )
}

/// Returns the time since it was first asked for: this system does not tell of a thread's own.
#[cfg(not(unix))]
pub fn thread() -> Duration {
    static STARTED: std::sync::OnceLock<std::time::Instant> = std::sync::OnceLock::new();
    STARTED.get_or_init(std::time::Instant::now).elapsed()
}
