//! CPU time and peak memory of child processes, as Linux tells them.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::distinct;
use crate::generate::{self, Mix};

/// What a child process cost.
#[derive(Default)]
pub(crate) struct Cost {
    /// Of the process and of those it waited for.
    pub(crate) cpu_secs: f64,
    pub(crate) wall_secs: f64,
    /// Of the process alone.
    pub(crate) peak_kib: u64,
}

/// Returns one row of the table of results.
///
/// # Errors
///
/// When a step fails, or this is not Linux.
pub(crate) fn row(mix: Mix, resources: u64, corpus: &Path) -> Result<String> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("items.ndjson");
    generate::file(mix, resources, corpus, &file)?;
    let bytes = std::fs::metadata(&file)?.len();
    let parse = parse(&file)?;
    let (one, two) = (scan(&file, "1", &[])?, scan(&file, "2", &[])?);
    #[expect(clippy::cast_precision_loss, reason = "sizes and counts are far below 2^52")]
    let (megabytes, count) = (bytes as f64 / 1e6, resources as f64);
    let shares = distinct::shares(&file)?;
    Ok(format!(
        "| {mix:?} | {resources} | {megabytes:.0} | {:.1} % | {} of {} | {:.2} | {:.2} | {:.1} | {:.0} | {:.1} | {:.2} | {} | {} |",
        shares.median * 100.0,
        shares.varied,
        shares.policies,
        parse.cpu_secs,
        one.cpu_secs,
        one.cpu_secs / parse.cpu_secs.max(0.01),
        one.cpu_secs * 1e6 / count,
        megabytes / one.cpu_secs,
        one.wall_secs / two.wall_secs,
        one.peak_kib / 1024,
        two.peak_kib / 1024,
    ))
}

/// Returns one row of the table of incremental scans: the first scan with a cache, and one after every hundredth resource changed.
///
/// # Errors
///
/// As [`row`].
pub(crate) fn cached(mix: Mix, resources: u64, corpus: &Path) -> Result<String> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("items.ndjson");
    generate::file(mix, resources, corpus, &file)?;
    let cache = folder.path().join("cache");
    let with_cache = [("--cache", cache.as_path())];
    let first = scan(&file, "1", &with_cache)?;
    let changed = folder.path().join("changed.ndjson");
    change(&file, &changed)?;
    let parse = parse(&changed)?;
    let (without, second) = (scan(&changed, "1", &[])?, scan(&changed, "1", &with_cache)?);
    let stored = std::fs::read_dir(&cache)?;
    let sizes = stored.map(|entry| Ok(entry?.metadata()?.len()));
    let stored: u64 = sizes.sum::<std::io::Result<u64>>()?;
    Ok(format!(
        "| {mix:?} | {resources} | {:.2} | {:.2} | {:.2} | {:.2} | {:.1} | {:.1} | {} | {} |",
        parse.cpu_secs,
        without.cpu_secs,
        first.cpu_secs,
        second.cpu_secs,
        without.cpu_secs / parse.cpu_secs.max(0.01),
        second.cpu_secs / parse.cpu_secs.max(0.01),
        second.peak_kib / 1024,
        stored >> 20,
    ))
}

/// Copies a file with every hundredth item changed.
fn change(from: &Path, to: &Path) -> Result<()> {
    use std::io::{BufRead, Write};
    let mut out = std::io::BufWriter::new(std::fs::File::create(to)?);
    for (number, line) in (0_u64..).zip(std::io::BufReader::new(std::fs::File::open(from)?).lines()) {
        let line = line?;
        match line.strip_prefix('{').filter(|_| number.is_multiple_of(100)) {
            Some(rest) => writeln!(out, "{{\"changed\": true, {rest}")?,
            None => writeln!(out, "{line}")?,
        }
    }
    Ok(out.flush()?)
}

/// Has this program parse a file of items.
fn parse(file: &Path) -> Result<Cost> {
    run(Command::new(std::env::current_exe()?).arg("parse").arg(file), &[0])
}

/// Scans a file on so many threads; `more` are further flags with their files.
///
/// # Errors
///
/// As [`run`], and when there is no scanner.
pub(crate) fn scan(file: &Path, jobs: &str, more: &[(&str, &Path)]) -> Result<Cost> {
    let mut scan = scanner()?;
    scan.arg("scan").arg(file);
    scan.args(["-q", "--as-of", "2026-11-25T00:00:00Z", "--jobs", jobs]);
    for (flag, file) in more {
        scan.arg(flag).arg(file);
    }
    run(&mut scan, &[0, 1, 3])
}

/// Returns the command of the scanner, which is built beside this program.
///
/// # Errors
///
/// When it is not there.
pub(crate) fn scanner() -> Result<Command> {
    let scanner = std::env::current_exe()?.with_file_name("nephoscope");
    if !scanner.exists() {
        bail!("`{}` is not there\nhelp: cargo build --release", scanner.display());
    }
    Ok(Command::new(scanner))
}

/// Runs a command to its end.
///
/// # Errors
///
/// When it cannot be started or ends with a status that is not among `right`, or this is not Linux.
pub(crate) fn run(command: &mut Command, right: &[i32]) -> Result<Cost> {
    let before = children_cpu_secs()?;
    let started = Instant::now();
    let mut child = command
        // A backtrace for every undefined value in a policy is no work of the scanner.
        .env("RUST_BACKTRACE", "0")
        .stdout(Stdio::null())
        .spawn()
        .context("cannot start a child process")?;
    let status = format!("/proc/{}/status", child.id());
    let mut peak_kib = 0;
    let ended = loop {
        // The high-water mark only rises, so that the last look before the end is close to it.
        peak_kib = peak_kib.max(high_water_kib(&status).unwrap_or_default());
        if let Some(ended) = child.try_wait()? {
            break ended;
        }
        std::thread::sleep(Duration::from_millis(5));
    };
    if !ended.code().is_some_and(|code| right.contains(&code)) {
        bail!("{command:?} ended with {ended}");
    }
    Ok(Cost {
        cpu_secs: children_cpu_secs()? - before,
        wall_secs: started.elapsed().as_secs_f64(),
        peak_kib,
    })
}

fn high_water_kib(status: &str) -> Option<u64> {
    let text = std::fs::read_to_string(status).ok()?;
    let line = text.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

/// CPU time of children that were waited for. Source: proc_pid_stat(5), `cutime` and `cstime` in ticks of 10 ms.
fn children_cpu_secs() -> Result<f64> {
    cpu_secs(13)
}

/// CPU time of this process; `utime` and `stime`.
pub(crate) fn own_cpu_secs() -> Result<f64> {
    cpu_secs(11)
}

fn cpu_secs(first: usize) -> Result<f64> {
    let text = std::fs::read_to_string("/proc/self/stat").context("this needs Linux")?;
    // The second field, a name in parentheses, may hold blanks.
    let fields: Vec<&str> = text
        .rsplit_once(')')
        .map_or("", |(_, rest)| rest)
        .split_whitespace()
        .collect();
    let ticks = |index: usize| {
        fields
            .get(index)
            .and_then(|field| field.parse::<u32>().ok())
            .map(f64::from)
    };
    match (ticks(first), ticks(first + 1)) {
        (Some(user), Some(system)) => Ok((user + system) / 100.0),
        _ => bail!("cannot read /proc/self/stat"),
    }
}
