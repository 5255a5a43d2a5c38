//! `nephoscope policy test`: Rego tests, and native examples through the whole program.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};
use jiff::Timestamp;
use nephoscope_model::{Finding, Outcome, PolicyId};
use nephoscope_policy::{Bundle, Options, Root};
use nephoscope_read::{Input, Limits};
use serde_json::{Map, Value};

use crate::args::PolicyArgs;
use crate::assess::exit;
use crate::command::print;
use crate::config::Loaded;
use crate::progress::Progress;
use crate::runs::Budget;
use crate::scan::Scan;
use crate::select::Selection;
use crate::totals::Counter;
use crate::{builtin, policies, workers};

/// Runs every test; any failure gives exit code 1.
///
/// # Errors
///
/// When policies cannot be loaded, or there is no test.
pub(super) fn run(args: &PolicyArgs, loaded: &Loaded, verbose: bool) -> Result<u8> {
    let roots = policies::roots(args, loaded)?;
    let bundle = policies::chosen(&roots, args, loaded, Duration::from_secs(2))?;
    let mut tally = Tally {
        verbose,
        passed: 0,
        failed: 0,
    };
    for result in nephoscope_policy::run_tests(&roots, Some(&workers::host())).context("cannot load the tests")? {
        let name = format!("{}.{} ({}:{})", result.package, result.name, result.file, result.line);
        tally.note(&name, result.passed, result.message.as_deref())?;
    }
    let folder = tempfile::tempdir().context("cannot make a temporary folder for the examples")?;
    for example in examples(&bundle, &roots, folder.path())? {
        let outcome = match &example.params {
            None => judge(&bundle, &example),
            Some(params) => with_params(&roots, &example.policy, params).and_then(|bundle| judge(&bundle, &example)),
        };
        let fault = outcome.err().map(|error| format!("{error:#}"));
        tally.note(&example.shown, fault.is_none(), fault.as_deref())?;
    }
    let (passed, failed) = (tally.passed, tally.failed);
    print(&format!("{passed} passed, {failed} failed\n"))?;
    if passed + failed == 0 {
        anyhow::bail!("there is no test\nhelp: put `<policy>_test.rego` and `examples/*.fail.json` beside the policy");
    }
    Ok(if failed > 0 { exit::FINDINGS } else { exit::CLEAN })
}

struct Tally {
    verbose: bool,
    passed: u64,
    failed: u64,
}

impl Tally {
    fn note(&mut self, name: &str, passed: bool, message: Option<&str>) -> Result<()> {
        if passed {
            self.passed += 1;
            if self.verbose {
                print(&format!("ok      {name}\n"))?;
            }
            return Ok(());
        }
        self.failed += 1;
        print(&format!("FAILED  {name}\n"))?;
        message.map_or(Ok(()), |message| {
            print(&format!("        {}\n", message.replace('\n', "\n        ")))
        })
    }
}

/// Native documents and what a policy is to say of them.
pub(super) struct Example {
    shown: String,
    /// One file, or those of a folder, sorted.
    files: Vec<PathBuf>,
    pub(super) policy: PolicyId,
    expected: Outcome,
    /// Parameters that `params.json` beside the examples sets.
    params: Option<Map<String, Value>>,
}

impl Example {
    /// Returns its documents as what a scan reads.
    pub(super) fn inputs(&self) -> Vec<Input> {
        let inputs = self.files.iter().map(|file| Input {
            name: file.file_name().unwrap_or_default().to_string_lossy().into_owned(),
            path: Some(file.clone()),
            named: true,
        });
        inputs.collect()
    }
}

/// Loads the policies with parameters that an example's policy is to have.
fn with_params(roots: &[Root], policy: &PolicyId, params: &Map<String, Value>) -> Result<Bundle> {
    let options = Options {
        params: BTreeMap::from([(policy.0.clone(), params.clone())]),
        host: Some(workers::host()),
        ..Options::default()
    };
    Bundle::load(roots, &options).context("cannot load the policies with the examples' parameters")
}

/// Finds the examples beside each policy: of folders on disk, of the built-in pack in `folder`.
pub(super) fn examples(bundle: &Bundle, roots: &[Root], folder: &Path) -> Result<Vec<Example>> {
    let mut found = Vec::new();
    for root in roots {
        let base = if root.trusted {
            for (path, bytes) in builtin::examples() {
                let target = folder.join(&path);
                if let Some(parent) = target.parent() {
                    std::fs::create_dir_all(parent)?;
                }
                std::fs::write(target, bytes)?;
            }
            folder.to_owned()
        } else {
            PathBuf::from(&root.name)
        };
        for policy in bundle.policies() {
            if !root.files.iter().any(|file| file.path == policy.info.file) {
                continue;
            }
            let beside = Path::new(&policy.info.file)
                .parent()
                .unwrap_or(Path::new(""))
                .join("examples");
            let Ok(entries) = std::fs::read_dir(base.join(&beside)) else {
                continue;
            };
            let params = base.join(&beside).join("params.json");
            let params = match std::fs::read(&params) {
                Ok(text) => Some(
                    serde_json::from_slice(&text)
                        .with_context(|| format!("`{}`", beside.join("params.json").display()))?,
                ),
                Err(_) => None,
            };
            for entry in entries {
                let file = entry?.path();
                let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
                let Some(expected) = builtin::expected(&name) else {
                    continue;
                };
                let files = if file.is_dir() { inside(&file)? } else { vec![file] };
                let shown = format!("{} {}", policy.info.id, beside.join(&name).display());
                found.push(Example {
                    shown,
                    files,
                    policy: policy.info.id.clone(),
                    expected,
                    params: params.clone(),
                });
            }
        }
    }
    found.sort_by(|a, b| a.shown.cmp(&b.shown));
    Ok(found)
}

fn inside(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = std::fs::read_dir(folder).with_context(|| format!("`{}`", folder.display()))?;
    let mut files: Vec<PathBuf> = entries.map(|entry| Ok(entry?.path())).collect::<std::io::Result<_>>()?;
    files.sort();
    Ok(files)
}

/// Judges an example by its policy alone.
///
/// `fail`: some resource fails. `pass`: some resource passes and no other outcome is there. `unknown`: some
/// resource is unknown and none fails.
fn judge(bundle: &Bundle, example: &Example) -> Result<()> {
    let only = bundle.select(|info| info.id == example.policy);
    let selection = Selection::default();
    let limits = Limits::default();
    // Examples do not age: nothing in them is newer than the end of what a time stamp can say.
    let scan = Scan {
        bundle: &only,
        selection: &selection,
        as_of: Timestamp::MAX,
        include_pass: false,
        jobs: 1,
        limits: &limits,
        budget: Budget::default(),
        cache: None,
    };
    let mut found = scan.run(&example.inputs(), &Progress::start(true))?;
    let mut counter = Counter::default();
    let replaced = found.ledger.settle(|resource| {
        counter.add(resource.scope, resource.fate);
        found.gaps.extend(resource.gap);
        Ok(())
    })?;
    let findings: Vec<Finding> = found.ledger.findings(&replaced).collect::<io::Result<_>>()?;
    let totals = counter.totals(std::slice::from_ref(&example.policy));
    let sum = |outcome: Outcome| totals.tallies.iter().map(|tally| tally.count(outcome)).sum::<u64>();
    let counts: Vec<String> = Outcome::ALL
        .iter()
        .filter(|outcome| sum(**outcome) > 0)
        .map(|outcome| format!("{} {outcome}", sum(*outcome)))
        .collect();
    let (fail, error, unknown, pass) = (
        sum(Outcome::Fail),
        sum(Outcome::Error),
        sum(Outcome::Unknown),
        sum(Outcome::Pass),
    );
    let right = match example.expected {
        Outcome::Fail => fail > 0 && error == 0,
        Outcome::Pass => pass > 0 && fail + error + unknown == 0,
        _ => unknown > 0 && fail + error == 0,
    };
    // A file of which something could not be read proves nothing, unless that is what it shows.
    let broken = found
        .gaps
        .iter()
        .find(|gap| gap.incomplete && example.expected != Outcome::Unknown);
    if right && broken.is_none() {
        return Ok(());
    }
    let mut message = format!(
        "expected {}, got {}",
        example.expected,
        if counts.is_empty() {
            "nothing judged".to_owned()
        } else {
            counts.join(", ")
        }
    );
    for gap in &found.gaps {
        message.push_str(&format!("\n{}", gap.message));
    }
    for finding in &findings {
        message.push_str(&format!("\n{}: {}", finding.resource.id, finding.message));
    }
    anyhow::bail!("{message}")
}
