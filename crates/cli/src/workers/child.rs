//! The worker's side: it confines itself, then answers questions until there are no more.

use std::io::{self, Read, Write};
use std::time::Duration;

use nephoscope_policy::Guest;

use crate::assess::exit;

/// Largest message that is read.
const MAX_MESSAGE: u32 = 512 << 20;

/// What stands before a reply: it says what the worker is at, or it is the answer.
pub(super) const NOTE: u8 = 0;
const ANSWER: u8 = 1;

/// Writes a message: its size, the milliseconds that it may take, and itself.
pub(super) fn send(out: &mut impl Write, message: &[u8], limit: Duration) -> io::Result<()> {
    let too_large = || io::Error::other("the message is too large");
    let size = u32::try_from(message.len()).map_err(|_| too_large())?;
    if size > MAX_MESSAGE {
        return Err(too_large());
    }
    let millis = u32::try_from(limit.as_millis()).unwrap_or(u32::MAX);
    out.write_all(&size.to_le_bytes())?;
    out.write_all(&millis.to_le_bytes())?;
    out.write_all(message)
}

/// Answers what comes on standard input; returns the exit code.
pub fn run() -> u8 {
    // A panic of a builtin is caught and told in the answer. On standard error stands only what ended the process.
    std::panic::set_hook(Box::new(|_| {}));
    let served = confine().and_then(|()| serve(&mut io::stdin().lock(), &mut io::stdout().lock()));
    match served {
        Ok(()) => exit::CLEAN,
        Err(_) => exit::INTERNAL,
    }
}

fn reply(output: &mut impl Write, kind: u8, body: &[u8]) -> io::Result<()> {
    let size = u32::try_from(body.len()).map_err(|_| io::Error::other("an answer is too large"))?;
    output.write_all(&[kind])?;
    output.write_all(&size.to_le_bytes())?;
    output.write_all(body)?;
    output.flush()
}

fn serve(input: &mut impl Read, output: &mut impl Write) -> io::Result<()> {
    let mut guest = Guest::default();
    let mut clock = Clock::default();
    loop {
        let (mut size, mut millis) = ([0; 4], [0; 4]);
        match input.read_exact(&mut size) {
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(()),
            other => other?,
        }
        input.read_exact(&mut millis)?;
        clock.allow(Duration::from_millis(u64::from(u32::from_le_bytes(millis))))?;
        let size = u32::from_le_bytes(size);
        if size > MAX_MESSAGE {
            return Err(io::Error::other("a message is too large"));
        }
        let mut message = vec![0; size as usize];
        input.read_exact(&mut message)?;
        let mut note = |at: &str| {
            // Whoever is not told what the worker is at is told by the answer that there is none to tell.
            let _untold = reply(output, NOTE, at.as_bytes());
        };
        if let Some(answer) = guest.answer(&message, &mut note) {
            reply(output, ANSWER, &answer)?;
        }
    }
}

/// Gives up what a policy has no use for: memory beyond the limit, and to open a file or a connection at all.
#[cfg(unix)]
fn confine() -> io::Result<()> {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

    let memory = super::MEMORY_MIB << 20;
    for (resource, most) in [
        // Not the address space, of which the allocator reserves more than it ever uses.
        (Resource::Data, memory),
        (Resource::Core, 0),
        (Resource::Fsize, 0),
        // Standard input, output and error.
        (Resource::Nofile, 3),
    ] {
        // Whoever started the program may have set narrower limits.
        let most = getrlimit(resource).maximum.map_or(most, |narrower| narrower.min(most));
        let limit = Rlimit {
            current: Some(most),
            maximum: Some(most),
        };
        setrlimit(resource, limit)?;
    }
    Ok(())
}

#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "elsewhere it can fail")]
fn confine() -> io::Result<()> {
    Ok(())
}

/// The processor time that this process may use, in whole seconds as the system counts it.
#[derive(Default)]
struct Clock {
    #[cfg(unix)]
    until: u64,
}

impl Clock {
    /// Allows so much from now on.
    #[cfg(unix)]
    fn allow(&mut self, time: Duration) -> io::Result<()> {
        use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
        use rustix::time::{ClockId, clock_gettime};

        let used = clock_gettime(ClockId::ProcessCPUTime);
        let used = Duration::new(used.tv_sec.unsigned_abs(), 0) + Duration::from_nanos(used.tv_nsec.unsigned_abs());
        let until = (used + time).as_secs() + 1;
        if until != self.until {
            // A later question moves it, so that the upper limit stays.
            let maximum = getrlimit(Resource::Cpu).maximum;
            let limit = Rlimit {
                current: Some(maximum.map_or(until, |narrower| narrower.min(until))),
                maximum,
            };
            setrlimit(Resource::Cpu, limit)?;
            self.until = until;
        }
        Ok(())
    }

    #[cfg(not(unix))]
    #[expect(clippy::unnecessary_wraps, clippy::unused_self, reason = "elsewhere it can fail")]
    fn allow(&mut self, _time: Duration) -> io::Result<()> {
        Ok(())
    }
}
