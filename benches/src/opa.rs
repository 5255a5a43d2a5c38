//! The same policies over the same inputs under OPA's own engine: what it costs there, and whether it says the same.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::evaluate::{Evaluated, evaluate};
use crate::generate::{self, Mix};

/// What is found in one resource under one policy: path, key, message and evidence of each fault.
type Found = BTreeSet<String>;

/// Returns one row of the table of results.
///
/// # Errors
///
/// When a step fails, or there is no `go`.
pub(crate) fn row(mix: Mix, resources: u64, corpus: &Path) -> Result<String> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("items.ndjson");
    generate::file(mix, resources, corpus, &file)?;
    let ours = evaluate(&file, true, Some(folder.path()))?;
    let anew = evaluate(&file, false, None)?;
    let opa = run(folder.path())?;
    let (compared, differ) = compare(folder.path())?;
    Ok(format!(
        "| {mix:?} | {resources} | {} | {:.2} | {:.2} | {} | {:.2} | {:.0} | {compared} | {differ} |",
        ours.evaluations,
        ours.cpu_secs,
        anew.cpu_secs,
        opa.evaluations,
        opa.cpu_secs,
        opa.cpu_secs / ours.cpu_secs.max(0.01),
    ))
}

fn run(folder: &Path) -> Result<Evaluated> {
    let program = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("opa");
    let output = Command::new("go")
        .args(["run", "."])
        .arg(folder)
        .current_dir(&program)
        .env("GOMAXPROCS", "1")
        .stderr(std::process::Stdio::inherit())
        .output()
        .context("cannot run `go`")?;
    let text = String::from_utf8_lossy(&output.stdout);
    let mut words = text.split_whitespace();
    match (output.status.success(), words.next(), words.next()) {
        (true, Some(evaluations), Some(seconds)) => Ok(Evaluated {
            evaluations: evaluations.parse()?,
            cpu_secs: seconds.parse()?,
        }),
        _ => bail!("`go run` in `{}` ended with {}", program.display(), output.status),
    }
}

/// Returns how many pairs of policy and resource were compared, and how many differ; the first few are told of.
fn compare(folder: &Path) -> Result<(usize, usize)> {
    let opa = read(&folder.join("opa.ndjson"), |deny| {
        let part = |name: &str| deny.get(name).cloned().unwrap_or_default();
        let key = deny.get("key").cloned().unwrap_or_else(|| Value::from(""));
        Value::from(vec![part("path"), key, part("message"), part("evidence")]).to_string()
    })?;
    let ours = read(&folder.join("expected.ndjson"), Value::to_string)?;
    let mut differ = 0;
    for (pair, found) in &ours {
        let other = opa.get(pair);
        if other != Some(found) {
            differ += 1;
            if differ <= 5 {
                writeln!(std::io::stderr(), "{pair:?}: {found:?}, OPA: {other:?}")?;
            }
        }
    }
    Ok((ours.len(), differ))
}

fn read(file: &Path, text: impl Fn(&Value) -> String) -> Result<BTreeMap<(String, String), Found>> {
    let mut all = BTreeMap::new();
    for line in BufReader::new(File::open(file)?).lines() {
        let line: Value = serde_json::from_str(&line?)?;
        let word = |name: &str| line.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let denies = line.get("denies").and_then(Value::as_array).into_iter().flatten();
        all.insert((word("policy"), word("key")), denies.map(&text).collect());
    }
    Ok(all)
}
