//! What a scan costs before its first resource: the program itself, loading the policies, and a process for those that
//! nobody vouches for.

use std::path::Path;
use std::process::Command;

use anyhow::{Result, ensure};

use crate::generate::{self, Mix};
use crate::measure::{Cost, run};

/// Ticks of the clock are 10 ms: what is shorter is done so often and divided.
const TIMES: u32 = 50;

/// Two of the policies have parameters that somebody has to set.
const CONFIG: &str = "policies:\n  NEPH-GOVERNANCE-001: {params: {tags: [owner]}}\n  NEPH-GOVERNANCE-002: {params: {allowed: [\"*\"]}}\n";

/// Returns the rows of the table: the version, loading the pack, and a scan with the pack built in, from its folder in a process of its
/// own, and from its folder trusted; `policies` is that folder.
///
/// # Errors
///
/// When a step fails, or this is not Linux.
pub(crate) fn rows(policies: &Path, resources: u64, corpus: &Path) -> Result<String> {
    let folder = tempfile::tempdir()?;
    let file = |name: &str| folder.path().join(name);
    let mut out = std::io::BufWriter::new(std::fs::File::create(file("items.ndjson"))?);
    generate::write(Mix::Estate, resources, corpus, &mut out)?;
    drop(out);
    std::fs::write(file("none.json"), "[]")?;
    std::fs::write(file("nephoscope.yaml"), CONFIG)?;
    let scanner = std::env::current_exe()?.with_file_name("nephoscope");
    ensure!(policies.is_dir(), "`{}` is no folder", policies.display());

    let version = often(|| run(Command::new(&scanner).arg("--version"), &[0]))?;
    let scan = |input: &str, how: &[&Path]| {
        let mut scan = Command::new(&scanner);
        scan.arg("scan")
            .arg(file(input))
            .arg("--config")
            .arg(file("nephoscope.yaml"));
        scan.args(["-q", "--as-of", "2026-11-25T00:00:00Z", "--jobs", "1"]);
        for (flag, folder) in ["--policy", "--trust"].iter().zip(how) {
            scan.arg(flag).arg(folder);
        }
        run(&mut scan, &[0, 1, 3])
    };
    let mut rows = format!(
        "| `--version` | {:.1} | {} |\n",
        version.cpu_secs * 1e3,
        version.peak_kib / 1024
    );
    let ways: [(&str, &[&Path]); 3] = [
        ("built in", &[]),
        ("own process", &[policies]),
        ("trusted folder", &[policies, policies]),
    ];
    for (name, how) in ways {
        let load = often(|| scan("none.json", how))?;
        rows += &format!(
            "| nothing, {name} | {:.1} | {} |\n",
            load.cpu_secs * 1e3,
            load.peak_kib / 1024
        );
    }
    for (name, how) in ways {
        let whole = scan("items.ndjson", how)?;
        let milliseconds = whole.cpu_secs * 1e3;
        rows += &format!(
            "| {resources} resources, {name} | {milliseconds:.0} | {} |\n",
            whole.peak_kib / 1024
        );
    }
    Ok(rows)
}

/// Runs something so often that its mean can be told, and returns the mean and the highest peak.
fn often(mut once: impl FnMut() -> Result<Cost>) -> Result<Cost> {
    let mut sum = Cost::default();
    for _ in 0..TIMES {
        let one = once()?;
        sum.cpu_secs += one.cpu_secs / f64::from(TIMES);
        sum.wall_secs += one.wall_secs / f64::from(TIMES);
        sum.peak_kib = sum.peak_kib.max(one.peak_kib);
    }
    Ok(sum)
}
