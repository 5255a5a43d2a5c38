//! The corpus of real inputs: every file is used or named with the reason.

use std::path::{Path, PathBuf};

use nephoscope_tests::{corpus, nephoscope, run};
use serde_json::Value;

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else {
            found.push(path);
        }
    }
}

#[test]
fn every_file_is_used_or_named_with_the_reason() {
    let Some(corpus) = corpus() else { return };
    for part in ["aws/config", "./azure", "gcp/cai"] {
        let run = run(nephoscope(["scan", part, "-f", "json", "--as-of", "2026-12-01T00:00:00Z"]).current_dir(&corpus));
        assert!(run.code == 1 || run.code == 3, "{part}: {} {}", run.code, run.err);
        assert!(!run.err.contains("panicked"), "{}", run.err);
        let report: Value = serde_json::from_str(&run.out).unwrap();
        let inputs = report["inputs"].as_array().unwrap();
        let mut found = Vec::new();
        files(&corpus.join(part), &mut found);
        assert_eq!(inputs.len(), found.len(), "{part}");
        for input in inputs {
            let used = input["used"].as_str().unwrap();
            let said = input["note"].is_string()
                || report["coverage"]["gaps"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .any(|gap| gap["scope"]["input"] == input["name"]);
            assert!(matches!(used, "inventory" | "empty") || said, "{input}");
        }
        let resources = report["coverage"]["resources"].as_u64().unwrap();
        assert!(resources > 5, "{part}: {resources}");
    }
}

#[test]
fn plans_are_judged_when_named() {
    let Some(corpus) = corpus() else { return };
    let mut found = Vec::new();
    files(&corpus.join("plan/terraform"), &mut found);
    found.sort();
    // Beside many a plan lies the inventory that it is expected to become.
    let plans: Vec<&PathBuf> = found
        .iter()
        .filter(|path| {
            path.to_str()
                .is_some_and(|path| path.ends_with(".json") && !path.ends_with(".cai.json"))
        })
        .collect();
    assert!(plans.len() > 100);
    let run = run(nephoscope(["scan", "-f", "json", "--as-of", "2026-12-01T00:00:00Z"]).args(&plans));
    assert!(run.code == 1 || run.code == 3, "{}", run.err);
    let report: Value = serde_json::from_str(&run.out).unwrap();
    let plans = report["inputs"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|input| input["used"] == "plan")
        .count();
    assert!(plans > 80, "{plans}");
    let planned = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|finding| finding["resource"]["state"] == "planned")
        .count();
    assert!(planned > 20, "{planned}");
}
