//! What `divergences` lets pass gives the same result in OPA.

use std::process::Command;

use serde_json::{Value, json};

use super::differential::{Clause, INPUT, Random, rules, with_params};
use super::{LIBRARY, modules};
use crate::support::opa;

/// Puts sets, which both engines write as lists, in one order.
fn sorted(mut found: Value) -> Value {
    if let Some(list) = found.as_array_mut() {
        list.sort_by_key(Value::to_string);
    }
    found
}

#[test]
fn what_passes_gives_the_same_under_opa() {
    let Some(opa) = opa() else { return };
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let mut random = Random(0xfeed_5eed_0bad_cafe);
    let (mut passed, mut failures) = (0, Vec::new());
    for rules in rules() {
        let modules = modules(&rules);
        if !modules.divergences("p").is_empty() || !modules.problems().is_empty() {
            continue;
        }
        let mut clause = Clause::new(&rules);
        let mut inputs = Vec::new();
        let mut wanted = Vec::new();
        for _ in 0..60 {
            let input = random.value(&INPUT);
            if let Some(found) = clause.eval(&input) {
                inputs.push(with_params(&input));
                wanted.push(sorted(found));
            }
        }
        std::fs::write(at("p.rego"), &clause.text).unwrap();
        std::fs::write(at("lib.rego"), LIBRARY).unwrap();
        std::fs::write(at("data.json"), json!({"inputs": inputs}).to_string()).unwrap();
        let output = Command::new(&opa)
            .args(["eval", "--format", "json", "--data"])
            .arg(folder.path())
            .arg("[found | some one in data.inputs; found := data.p.deny with input as one]")
            .output()
            .unwrap();
        let output: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
        let Some(Value::Array(got)) = output.pointer("/result/0/expressions/0/value") else {
            failures.push(format!("{}\n{output}", clause.text));
            continue;
        };
        passed += 1;
        for ((input, wanted), got) in inputs.iter().zip(&wanted).zip(got) {
            let got = sorted(got.clone());
            if *wanted != got {
                failures.push(format!("{}\n{input}\nhere {wanted}\nOPA  {got}", clause.text));
                break;
            }
        }
    }
    assert!(
        failures.is_empty(),
        "{} of {passed}\n{}",
        failures.len(),
        failures.join("\n\n")
    );
    assert!(passed > 60, "{passed}");
}
