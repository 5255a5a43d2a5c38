//! Progress on standard error, for long work on a terminal.

use std::io::{IsTerminal, Write};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// A line on standard error that says how far a scan is; silent unless standard error is a terminal.
pub struct Progress {
    started: Instant,
    shown: bool,
    documents: AtomicU64,
}

// Nobody wants a flickering line for work that is over before it is read.
const PATIENCE: Duration = Duration::from_millis(700);

impl Progress {
    /// Starts; `quiet` shows nothing at all.
    pub fn start(quiet: bool) -> Progress {
        Progress {
            started: Instant::now(),
            shown: !quiet && std::io::stderr().is_terminal(),
            documents: AtomicU64::new(0),
        }
    }

    /// Counts one document.
    pub fn document(&self) {
        let count = self.documents.fetch_add(1, Ordering::Relaxed) + 1;
        if self.shown && count.is_multiple_of(1024) && self.started.elapsed() > PATIENCE {
            self.line(&format!("read {count} documents"));
        }
    }

    /// Names what is done now.
    pub fn stage(&self, what: &str) {
        if self.shown && self.started.elapsed() > PATIENCE {
            self.line(&format!(
                "read {} documents, {what}",
                self.documents.load(Ordering::Relaxed)
            ));
        }
    }

    /// Clears the line.
    pub fn end(&self) {
        if self.shown && self.started.elapsed() > PATIENCE {
            self.line("");
        }
    }

    fn line(&self, text: &str) {
        let mut out = std::io::stderr().lock();
        // A closed standard error is no reason to end a scan.
        let _unwritten = write!(out, "\r\x1b[K{text}").and_then(|()| out.flush());
    }
}
