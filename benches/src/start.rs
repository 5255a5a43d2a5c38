//! What a scan costs before its first resource: the program itself, loading the policies, and a process for those that
//! nobody vouches for.

use std::path::Path;

use anyhow::{Result, ensure};

use crate::generate::{self, Mix};
use crate::measure::{Cost, run, scan, scanner};

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
    ensure!(policies.is_dir(), "`{}` is no folder", policies.display());
    let folder = tempfile::tempdir()?;
    let [items, none, config] = ["items.ndjson", "none.json", "nephoscope.yaml"].map(|name| folder.path().join(name));
    generate::file(Mix::Estate, resources, corpus, &items)?;
    std::fs::write(&none, "[]")?;
    std::fs::write(&config, CONFIG)?;

    let config = ("--config", config.as_path());
    let (policy, trust) = (("--policy", policies), ("--trust", policies));
    let ways: [(&str, &[(&str, &Path)]); 3] = [
        ("built in", &[config]),
        ("own process", &[config, policy]),
        ("trusted folder", &[config, policy, trust]),
    ];
    let mut rows = row("`--version`", &often(|| run(scanner()?.arg("--version"), &[0]))?);
    for (name, how) in ways {
        rows += &row(&format!("nothing, {name}"), &often(|| scan(&none, "1", how))?);
    }
    for (name, how) in ways {
        rows += &row(&format!("{resources} resources, {name}"), &scan(&items, "1", how)?);
    }
    Ok(rows)
}

fn row(name: &str, cost: &Cost) -> String {
    format!("| {name} | {:.1} | {} |\n", cost.cpu_secs * 1e3, cost.peak_kib / 1024)
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
