//! Cloud Custodian's own tests of Azure filters: which resources a filter matches in recorded replies.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use nephoscope_model::Outcome;
use serde_json::Value;

use super::judge::{Pack, Params, judge};

/// A filter that asks what a policy asks: its type, the policy, and what the policy says of a resource that matches.
struct Row {
    filter: &'static str,
    policy: &'static str,
    matches: Outcome,
    note: &'static str,
}

// Adding a filter is one row.
const ROWS: &[Row] = &[Row {
    filter: "transparent-data-encryption",
    policy: "NEPH-DATABASE-005",
    matches: Outcome::Pass,
    note: "a database of the server may have encryption off, which no body of the server says: `unknown` until databases are read",
}];

/// Why filters of a type have no counterpart.
const REASONS: &[(&str, &str)] = &[
    (
        "value",
        "selects by name, place or state, or asks for a private endpoint: no verdict",
    ),
    (
        "ingress",
        "asks which ports are let in from private ranges or denied; ours asks about the internet alone",
    ),
    (
        "diagnostic-settings",
        "asks for one category of one type; ours asks for an access log of storage, SQL and clusters",
    ),
    ("resource-lock", "locks are no attribute yet"),
    ("metric", "metrics are no configuration"),
    (
        "server-configuration",
        "the server parameters of MySQL and PostgreSQL are not read yet",
    ),
    (
        "server-configurations",
        "the server parameters of MySQL and PostgreSQL are not read yet",
    ),
    (
        "server-parameter",
        "the server parameters of MySQL and PostgreSQL are not read yet",
    ),
    ("security-alert-policies", "Defender for SQL is no attribute yet"),
    ("security-alert-policy", "Defender for SQL is no attribute yet"),
    (
        "auditing-policies",
        "asks for the days that an audit log is kept, which is no attribute yet",
    ),
    (
        "long-term-backup-retention-policy",
        "SQL databases have no kind yet, servers have",
    ),
];

/// Returns the section of `docs/verdicts.md`.
pub(crate) fn section(corpus: &Path) -> String {
    let folder = corpus.join("azure");
    let tests: Vec<Value> = serde_json::from_slice(&std::fs::read(folder.join("EXPECTED-c7n.json")).unwrap()).unwrap();
    let pack = Pack::new();
    let mut reasons: BTreeMap<&str, (u64, &str)> = BTreeMap::new();
    let mut table = String::new();
    for test in &tests {
        let filter = last_filter(test);
        if let Some(row) = ROWS.iter().find(|row| row.filter == filter) {
            let (theirs, ours) = compare(&pack, row, corpus, test);
            let agree = if theirs == ours { "agrees" } else { "differs" };
            writeln!(
                table,
                "| {} | {filter} | {} | {theirs} | {ours} | {agree}: {} |",
                test["policy"]["resource"].as_str().unwrap_or_default(),
                row.policy,
                row.note
            )
            .unwrap();
            continue;
        }
        let why = REASONS.iter().find(|(name, _)| *name == filter);
        let entry = reasons
            .entry(filter)
            .or_insert((0, why.map_or("its type has no kind or attribute yet", |(_, why)| why)));
        entry.0 += 1;
    }
    let mut rest = String::new();
    for (filter, (count, why)) in &reasons {
        writeln!(rest, "| {filter} | {count} | {why} |").unwrap();
    }
    format!(
        "\n## Cloud Custodian\n\n{} filters of its own tests over recorded replies of Azure, with the number of resources that match. Most \
         select resources and judge nothing.\n\n| resource | filter | policy | theirs | ours | |\n|---|---|---|---|---|---|\n{table}\n\
         | filter without counterpart | tests | why |\n|---|---|---|\n{rest}",
        tests.len()
    )
}

fn last_filter(test: &Value) -> &str {
    let filters = test["policy"]["filters"]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default();
    let mut typed = filters.iter().filter_map(|filter| filter["type"].as_str());
    typed.next_back().unwrap_or("value")
}

/// Returns how many resources match by their test, and by ours.
fn compare(pack: &Pack, row: &Row, corpus: &Path, test: &Value) -> (u64, u64) {
    let bundle = pack.load(&[row.policy], Params::new());
    let files = test["files"].as_array().map(Vec::as_slice).unwrap_or_default();
    let documents: Vec<Value> = files
        .iter()
        .filter_map(Value::as_str)
        .map(|file| serde_json::from_slice(&std::fs::read(corpus.join(file)).unwrap()).unwrap())
        .collect();
    let scratch = tempfile::tempdir().unwrap();
    let ours = judge(&bundle, &Value::Array(documents), scratch.path());
    (
        test["matched"].as_u64().unwrap_or_default(),
        u64::from(ours == Some(row.matches)),
    )
}
