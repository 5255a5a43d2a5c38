//! The parity matrix: the same world in every encoding, judged by every policy.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::Path;

use jiff::Timestamp;
use nephoscope::builtin;
use nephoscope::progress::Progress;
use nephoscope::runs::Budget;
use nephoscope::scan::Scan;
use nephoscope::select::Selection;
use nephoscope::totals::Counter;
use nephoscope_model::{Finding, Outcome, PolicyId};
use nephoscope_policy::{Bundle, Options};
use nephoscope_read::{Input, Limits};

/// What one policy says of a world in one encoding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell {
    /// The outcome of the world's resources to which the policy applies; `None` when several disagree.
    pub outcome: Option<Outcome>,
    /// Of `unknown`: what the source does not carry.
    pub missing: BTreeSet<String>,
}

/// One thing of a world that an encoding spreads over several resources, each of which is judged for itself: (kind of world,
/// encoding). A load balancer of Google Cloud is forwarding rules, target proxies, a TLS policy and backend services, its
/// firewalls are one for each direction. It fails where one of them does, provided that no other is unknown.
const SPREAD: &[(&str, &str)] = &[
    ("firewall", "gcp_cai"),
    ("firewall", "terraform_google"),
    ("load_balancer", "gcp_cai"),
];

/// World → policy → encoding → cell.
pub type Matrix = BTreeMap<String, BTreeMap<String, BTreeMap<String, Cell>>>;

/// Judges every world in `tests/worlds`.
///
/// # Errors
///
/// When a folder cannot be read or the built-in pack cannot be loaded.
pub fn matrix() -> Result<Matrix, Box<dyn std::error::Error>> {
    let mut matrix = Matrix::new();
    for world in entries(&crate::root().join("tests/worlds"))? {
        if !world.is_dir() {
            continue;
        }
        let name = file_name(&world);
        let bundle = bundle(&world.join("params.json"))?;
        for source in entries(&world)?
            .into_iter()
            .filter(|source| !source.ends_with("params.json"))
        {
            let encoding = file_name(&source).trim_end_matches(".json").to_owned();
            let kind = name.rsplit_once('_').map_or("", |(kind, _)| kind);
            let spread = SPREAD.contains(&(kind, &encoding));
            for (policy, cell) in judge(&bundle, &source, spread)? {
                matrix
                    .entry(name.clone())
                    .or_default()
                    .entry(policy)
                    .or_default()
                    .insert(encoding.clone(), cell);
            }
        }
    }
    Ok(matrix)
}

fn entries(folder: &Path) -> Result<Vec<std::path::PathBuf>, std::io::Error> {
    let mut entries = std::fs::read_dir(folder)?
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<Vec<_>, std::io::Error>>()?;
    entries.sort();
    Ok(entries)
}

/// Returns the shipped policies that need no setting; for a world that sets parameters just the policies that it sets
/// them for.
fn bundle(params: &Path) -> Result<Bundle, Box<dyn std::error::Error>> {
    let mut options = Options::default();
    if params.exists() {
        options.params = serde_json::from_slice(&std::fs::read(params)?)?;
    }
    let bundle = Bundle::load(&[builtin::root()], &options).map_err(|error| error.to_string())?;
    if options.params.is_empty() {
        return Ok(bundle.configured());
    }
    Ok(bundle.select(|info| options.params.contains_key(&info.id.0)))
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// Judges a world in one encoding: a file, or a folder of files where the source gives several bodies.
fn judge(bundle: &Bundle, source: &Path, spread: bool) -> std::io::Result<BTreeMap<String, Cell>> {
    let selection = Selection::default();
    let limits = Limits::default();
    let scan = Scan {
        bundle,
        selection: &selection,
        as_of: Timestamp::MAX,
        include_pass: false,
        jobs: 1,
        limits: &limits,
        budget: Budget::default(),
        cache: None,
    };
    let files = if source.is_dir() {
        entries(source)?
    } else {
        vec![source.to_owned()]
    };
    let inputs: Vec<Input> = files
        .into_iter()
        .map(|file| Input {
            name: file_name(&file),
            path: Some(file),
            named: true,
        })
        .collect();
    let found = scan.run(&inputs, &Progress::start(true))?;
    let mut counter = Counter::default();
    let replaced = found.ledger.settle(|resource| {
        counter.add(resource.scope, resource.fate);
        Ok(())
    })?;
    let findings: Vec<Finding> = found.ledger.findings(&replaced).collect::<std::io::Result<_>>()?;
    let ids: Vec<PolicyId> = bundle.policies().iter().map(|policy| policy.info.id.clone()).collect();
    // A tally is of one scope and native type; a cell is of all of them.
    let mut outcomes: BTreeMap<PolicyId, BTreeSet<Outcome>> = BTreeMap::new();
    for tally in counter.totals(&ids).tallies {
        let there = Outcome::ALL
            .into_iter()
            .filter(|outcome| *outcome != Outcome::NotApplicable && tally.count(*outcome) > 0);
        outcomes.entry(tally.policy.clone()).or_default().extend(there);
    }
    // What that cloud has not is no cell: an account of AWS has no bindings, a role of Azure no trust policy.
    outcomes.retain(|_, outcomes| !outcomes.is_empty());
    let mut cells = BTreeMap::new();
    for (policy, outcomes) in outcomes {
        let missing = findings
            .iter()
            .filter(|finding| finding.policy == policy)
            .flat_map(|finding| &finding.unknown)
            .map(|unknown| unknown.gap.to_string())
            .collect();
        let outcome = agreed(&outcomes, spread);
        cells.insert(policy.0, Cell { outcome, missing });
    }
    Ok(cells)
}

/// Returns the outcome of all resources; of what is [spread](SPREAD) also of those that do not pass, if they agree.
fn agreed(outcomes: &BTreeSet<Outcome>, spread: bool) -> Option<Outcome> {
    let all: Vec<Outcome> = outcomes.iter().copied().collect();
    let faults: Vec<Outcome> = all
        .iter()
        .copied()
        .filter(|outcome| *outcome != Outcome::Pass)
        .collect();
    match (all.as_slice(), faults.as_slice()) {
        ([only], _) => Some(*only),
        (_, [only]) if spread => Some(*only),
        _ => None,
    }
}

/// Returns `docs/parity.md`.
///
/// # Errors
///
/// As [`matrix`].
pub fn page() -> Result<String, Box<dyn std::error::Error>> {
    let matrix = matrix()?;
    let mut page = String::from(
        "# Parity\n\nGenerated by `cargo xtask generate` from `tests/worlds`: the same world in every encoding, judged by every \
         policy.\nA cell is `unknown` only where the encoding cannot carry the fact; the fact is named below the table.\n",
    );
    for (world, policies) in &matrix {
        let encodings: BTreeSet<&String> = policies.values().flat_map(BTreeMap::keys).collect();
        write!(page, "\n## {}\n\n| policy |", world.replace('_', " "))?;
        for encoding in &encodings {
            write!(page, " {} |", encoding.replace('_', " "))?;
        }
        page.push_str("\n|---|");
        encodings.iter().for_each(|_| page.push_str("---|"));
        page.push('\n');
        let mut notes: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for (policy, cells) in policies {
            write!(page, "| {policy} |")?;
            for encoding in &encodings {
                let cell = cells.get(*encoding);
                let text = cell.and_then(|cell| cell.outcome).map_or("not there", Outcome::as_str);
                write!(page, " {text} |")?;
                if let Some(cell) = cell.filter(|cell| cell.outcome == Some(Outcome::Unknown)) {
                    notes
                        .entry(encoding.replace('_', " "))
                        .or_default()
                        .extend(cell.missing.iter().cloned());
                }
            }
            page.push('\n');
        }
        for (encoding, missing) in notes {
            writeln!(
                page,
                "\n{encoding} does not carry: {}.",
                missing.into_iter().collect::<Vec<_>>().join("; ")
            )?;
        }
    }
    Ok(page)
}
