//! Worker processes, in which policies run that are not part of this program.
//!
//! A worker is this binary again, with limits on memory and processor time that the system enforces; see [`child`]. It is
//! started when a policy is first compiled or run, and anew after one died. Each thread that asks has one at a time.

pub mod child;
mod notes;

use std::collections::HashSet;
use std::fmt;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread::Thread;
use std::time::{Duration, Instant};

use nephoscope_policy::{Host, Lost, Part};
use notes::Notes;

/// Memory that a worker may use; with the process that reads it stays below 600 MB.
pub(crate) const MEMORY_MIB: u64 = 448;

/// So much longer than its limit an evaluation may take by the clock before the worker is killed: the engine ends most
/// of them in time, which is cheaper.
const GRACE: Duration = Duration::from_millis(500);

/// On a machine that does other things too a worker may wait for its turn: so many times its limit it has by the clock, until it has had
/// its limit of the processor's time.
const STARVED: u32 = 8;

/// The watch does not look more often.
const LOOK: Duration = Duration::from_millis(20);

/// Largest answer that is read.
const MAX_ANSWER: u32 = 32 << 20;

static WORKERS: OnceLock<Arc<Workers>> = OnceLock::new();

/// Returns the workers of this process.
pub fn host() -> Arc<dyn Host> {
    let workers = WORKERS.get_or_init(|| Arc::new(Workers::default()));
    Arc::<Workers>::clone(workers)
}

/// Ends the workers of this process that nobody asks, and waits until they are gone: what they used is counted with what
/// this process did, and none outlives it.
pub fn end() {
    if let Some(workers) = WORKERS.get() {
        locked(&workers.idle).clear();
    }
}

/// Workers that nobody asks at the moment.
#[derive(Debug, Default)]
struct Workers {
    idle: Mutex<Vec<Worker>>,
}

impl Host for Workers {
    fn ask(&self, parts: &[Part], question: &[u8], limit: Duration) -> Result<Vec<u8>, Lost> {
        let idle = locked(&self.idle).pop();
        let mut worker = match idle.filter(Worker::lives) {
            Some(worker) => worker,
            None => Worker::start().map_err(|error| Lost {
                why: format!("cannot run: no worker process can be started: {error}"),
                at: None,
            })?,
        };
        let answer = worker.ask(parts, question, limit)?;
        locked(&self.idle).push(worker);
        Ok(answer)
    }
}

/// A process that runs policies.
struct Worker {
    shared: Arc<Shared>,
    watch: Thread,
    input: ChildStdin,
    output: ChildStdout,
    /// Names of the parts that it was given.
    given: HashSet<String>,
}

/// What the worker and its watch share.
struct Shared {
    started: Instant,
    child: Mutex<Child>,
    /// When an answer has to be there, in milliseconds from the start; 0 while there is no question.
    deadline: AtomicU64,
    /// What the answer may take, in milliseconds.
    limit: AtomicU64,
    /// The watch killed it.
    late: AtomicBool,
    /// There is nothing to watch.
    over: AtomicBool,
}

impl fmt::Debug for Worker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Worker")
            .field("given", &self.given.len())
            .finish_non_exhaustive()
    }
}

impl Worker {
    fn start() -> io::Result<Worker> {
        let mut command = Command::new(program()?);
        command.arg("policy-worker");
        // Nothing of the environment can come out of a policy, not even by a fault of the engine.
        command.env_clear();
        // Memory is asked of the system as it is needed: what the allocator holds in store counts towards the limit.
        command.env("MIMALLOC_ARENA_EAGER_COMMIT", "0");
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn()?;
        let (Some(input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(io::Error::other("it has no standard input or output"));
        };
        let shared = Arc::new(Shared {
            started: Instant::now(),
            child: Mutex::new(child),
            deadline: AtomicU64::new(0),
            limit: AtomicU64::new(0),
            late: AtomicBool::new(false),
            over: AtomicBool::new(false),
        });
        let watched = Arc::clone(&shared);
        let watch = std::thread::Builder::new()
            .name("watch".into())
            .spawn(move || watched.watch());
        let watch = match watch {
            Ok(watch) => watch.thread().clone(),
            Err(error) => {
                let _status = shared.end();
                return Err(error);
            }
        };
        Ok(Worker {
            shared,
            watch,
            input,
            output,
            given: HashSet::new(),
        })
    }

    /// It may have been killed from outside while nobody asked it.
    fn lives(&self) -> bool {
        matches!(locked(&self.shared.child).try_wait(), Ok(None))
    }

    fn ask(&mut self, parts: &[Part], question: &[u8], limit: Duration) -> Result<Vec<u8>, Lost> {
        self.shared.expect_within(limit.max(Duration::from_secs(1)) + GRACE);
        let mut notes = Notes::default();
        let answer = self.exchange(parts, question, limit, &mut notes);
        self.shared.deadline.store(0, Ordering::Release);
        answer.map_err(|error| Lost {
            why: self.shared.obituary(&error, limit),
            at: notes.longest(Instant::now()),
        })
    }

    fn exchange(&mut self, parts: &[Part], question: &[u8], limit: Duration, notes: &mut Notes) -> io::Result<Vec<u8>> {
        for part in parts {
            if !self.given.contains(&part.name) {
                child::send(&mut self.input, &part.message, limit)?;
                self.given.insert(part.name.clone());
            }
        }
        child::send(&mut self.input, question, limit)?;
        self.input.flush()?;
        loop {
            let mut head = [0; 5];
            self.output.read_exact(&mut head)?;
            let [kind, size @ ..] = head;
            let size = u32::from_le_bytes(size);
            if size > MAX_ANSWER {
                return Err(io::Error::other("its answer is too large"));
            }
            let mut body = vec![0; size as usize];
            self.output.read_exact(&mut body)?;
            match kind {
                child::NOTE => notes.at(String::from_utf8_lossy(&body).into_owned(), Instant::now()),
                _ => return Ok(body),
            }
        }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        let _status = self.shared.end();
        self.watch.unpark();
    }
}

impl Shared {
    fn expect_within(&self, time: Duration) {
        let millis = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        self.limit.store(millis(time), Ordering::Release);
        self.deadline
            .store(millis(self.started.elapsed() + time), Ordering::Release);
    }

    /// Kills the worker when an answer is late.
    fn watch(&self) {
        // The question that is waited for, and what the worker had used when it was first seen.
        let (mut question, mut before) = (0, None);
        while !self.over.load(Ordering::Acquire) {
            let deadline = self.deadline.load(Ordering::Acquire);
            if deadline != question {
                question = deadline;
                before = (deadline != 0).then(|| self.used()).flatten();
            }
            let until = Duration::from_millis(deadline);
            if deadline != 0 && self.started.elapsed() > until && !self.is_starved(until, before) {
                self.late.store(true, Ordering::Release);
                let _ended = locked(&self.child).kill();
                return;
            }
            std::thread::park_timeout(LOOK);
        }
    }

    /// Returns whether a late answer is so because the worker had not its turn; `before` is what it had used when it was asked.
    fn is_starved(&self, deadline: Duration, before: Option<Duration>) -> bool {
        let limit = Duration::from_millis(self.limit.load(Ordering::Acquire));
        let (Some(before), Some(used)) = (before, self.used()) else {
            return false;
        };
        used.saturating_sub(before) < limit && self.started.elapsed() < deadline + limit * (STARVED - 1)
    }

    /// Returns the processor's time that the worker has used; `None` where the system does not tell.
    fn used(&self) -> Option<Duration> {
        let id = locked(&self.child).id();
        let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
        // Behind the name, which may hold anything: user and system time in hundredths of a second (proc_pid_stat(5)).
        let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
        let mut ticks = || fields.next()?.parse::<u64>().ok();
        Some(Duration::from_millis(10 * (ticks()? + ticks()?)))
    }

    /// Ends the worker, if it has not ended, and returns how it did.
    fn end(&self) -> io::Result<ExitStatus> {
        self.over.store(true, Ordering::Release);
        let mut child = locked(&self.child);
        // One that ended already cannot be killed, which is as well.
        let _ended = child.kill();
        child.wait()
    }

    /// Says why there is no answer.
    fn obituary(&self, error: &io::Error, limit: Duration) -> String {
        // It may be about to end on its own, and how tells why.
        std::thread::sleep(LOOK);
        let status = self.end();
        if self.late.load(Ordering::Acquire) {
            return format!(
                "ran past its limit of {} ms inside the engine and was stopped",
                limit.as_millis()
            );
        }
        let mut last = String::new();
        if let Some(said) = locked(&self.child).stderr.take() {
            // It is no text of ours where the system cut it.
            let _cut = said.take(4_096).read_to_string(&mut last);
        }
        if last.contains("memory allocation") {
            return format!("needed more than {MEMORY_MIB} MiB of memory and was stopped");
        }
        if last.contains("overflowed its stack") {
            return "overflowed the stack and was stopped".to_owned();
        }
        match status {
            Ok(status) => ended(status, limit).unwrap_or_else(|| format!("the worker process gave no answer: {error}")),
            Err(error) => format!("the worker process cannot be told about: {error}"),
        }
    }
}

#[cfg(unix)]
fn ended(status: ExitStatus, limit: Duration) -> Option<String> {
    use std::os::unix::process::ExitStatusExt;
    let Some(signal) = status.signal() else {
        return status
            .code()
            .map(|code| format!("the worker process ended with exit code {code}"));
    };
    if signal == rustix::process::Signal::XCPU.as_raw() {
        return Some(format!(
            "took more than {} ms of processor time and was stopped",
            limit.as_millis()
        ));
    }
    Some(format!("crashed the worker process (signal {signal})"))
}

#[cfg(not(unix))]
fn ended(status: ExitStatus, _limit: Duration) -> Option<String> {
    status
        .code()
        .map(|code| format!("the worker process ended with exit code {code}"))
}

/// Returns the file of this program, also when another one was put in its place since it started.
fn program() -> io::Result<PathBuf> {
    let own = Path::new("/proc/self/exe");
    if own.exists() {
        return Ok(own.to_owned());
    }
    std::env::current_exe()
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A thread that panicked while it held a list or a child left nothing half done.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
