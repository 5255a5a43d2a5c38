//! `policy bench`: what it counts is what the evaluator did.

use std::collections::BTreeMap;

use nephoscope_tests::{nephoscope, run};
use serde_json::Value;

fn bench(more: &[&str]) -> Value {
    let run = run(nephoscope(["policy", "bench", "-f", "json"]).args(more));
    assert_eq!((run.code, run.err.as_str()), (0, ""));
    let document: Value = serde_json::from_str(&run.out).unwrap();
    let schema = std::fs::read_to_string(nephoscope_tests::root().join("schemas/policy_bench.json")).unwrap();
    let schema = jsonschema::validator_for(&serde_json::from_str(&schema).unwrap()).unwrap();
    assert!(schema.is_valid(&document), "{:?}", schema.iter_errors(&document).next());
    document
}

/// Evaluations and remembered verdicts by policy.
fn counts(document: &Value) -> BTreeMap<String, (u64, u64)> {
    let policies = document["policies"].as_array().unwrap().iter();
    let number = |cost: &Value, name: &str| cost[name].as_u64().unwrap();
    policies
        .map(|cost| {
            let id = cost["id"].as_str().unwrap().to_owned();
            (id, (number(cost, "evaluations"), number(cost, "remembered")))
        })
        .collect()
}

#[test]
fn every_outcome_is_evaluated_or_remembered() {
    let scan = ["scan", "demo", "-f", "json", "--as-of", "2026-11-23"];
    let report: Value = serde_json::from_str(&run(&mut nephoscope(scan)).out).unwrap();
    assert_eq!(report["coverage"]["superseded"], 0, "then this would not hold");
    let mut judged: BTreeMap<String, u64> = BTreeMap::new();
    for tally in report["tallies"].as_array().unwrap() {
        let outcomes = ["fail", "pass", "unknown", "error"].map(|outcome| tally[outcome].as_u64().unwrap_or_default());
        *judged.entry(tally["policy"].as_str().unwrap().to_owned()).or_default() += outcomes.iter().sum::<u64>();
    }
    let on = ["--on", "demo", "--as-of", "2026-11-23"];
    let document = bench(&on);
    let counts = counts(&document);
    assert_eq!(counts.len(), report["policies"].as_array().unwrap().len());
    for (id, (evaluations, remembered)) in &counts {
        assert_eq!(
            evaluations + remembered,
            judged.get(id).copied().unwrap_or_default(),
            "{id}"
        );
    }
    let remembered: u64 = counts.values().map(|(_, remembered)| remembered).sum();
    assert!(remembered > 0, "no verdict was remembered");
    assert_eq!(document["total"]["remembered"], remembered);
    // One thread always remembers the same, and the dearest policy is the first one.
    assert_eq!(self::counts(&bench(&on)), counts);
    let totals: Vec<f64> = (document["policies"].as_array().unwrap().iter())
        .map(|cost| cost["total_micros"].as_f64().unwrap())
        .collect();
    assert!(totals.is_sorted_by(|one, other| one >= other), "{totals:?}");
}

#[test]
fn without_an_input_the_examples_are_judged() {
    let document = bench(&["--policy-id", "NEPH-STORAGE-*"]);
    let counts = counts(&document);
    assert!(
        counts.len() > 3 && counts.values().all(|(evaluations, _)| *evaluations > 1),
        "{counts:?}"
    );
    let human = run(&mut nephoscope(["policy", "bench", "--policy-id", "NEPH-STORAGE-001"]));
    assert!(
        human.code == 0 && human.out.contains("NEPH-STORAGE-001") && human.out.contains("evaluations"),
        "{}",
        human.out
    );
}

#[test]
fn what_is_read_in_part_is_3() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(
        folder.path().join("cut.json"),
        "{\"configurationItems\": [{\"resourceType\":",
    )
    .unwrap();
    let run = run(&mut nephoscope([
        "policy",
        "bench",
        "--on",
        folder.path().to_str().unwrap(),
    ]));
    assert!(
        run.code == 3 && run.err.contains("cut.json"),
        "{} {}",
        run.code,
        run.err
    );
}
