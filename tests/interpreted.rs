//! Every shipped example: what the pack says on the bytecode VM, interpreted, and in OPA.

use std::collections::BTreeSet;
use std::process::Command;

use nephoscope::builtin;
use nephoscope_model::{Outcome, Resource};
use nephoscope_normalize::Batch;
use nephoscope_policy::{Bundle, Options, Subject};
use nephoscope_read::{Event, Input, Limits, read};
use nephoscope_tests::{root, tool};
use serde_json::{Map, Value, json};

const AS_OF: &str = "2026-11-27T00:00:00Z";

/// The resources of the examples, as if nothing of them were unknown: OPA knows no such thing.
fn resources() -> Vec<Resource> {
    let mut found = Vec::new();
    for (path, bytes) in builtin::examples() {
        let mut batch = Batch::new(None);
        let mut text = bytes;
        let input = Input {
            name: path,
            path: None,
            named: true,
        };
        read(&input, Some(&mut text), &Limits::default(), &mut |event| match event {
            Event::Document(document) => found.extend(batch.push(document)),
            Event::ScopeRead(scope) => batch.scope_read(scope),
            Event::Gap(_) => {}
        });
        found.extend(batch.finish().resources);
    }
    found.iter_mut().for_each(|resource| resource.unknown.clear());
    found
}

/// `input` as a policy sees it.
fn input(resource: &Resource, params: &Map<String, Value>) -> Value {
    let mut value = serde_json::to_value(resource).unwrap();
    let map = value.as_object_mut().unwrap();
    map.retain(|name, _| name != "unknown" && name != "origins");
    json!({"resource": value, "related": {}, "params": params, "as_of": AS_OF})
}

fn load(interpreted: bool) -> Bundle {
    let params = json!({
        "NEPH-GOVERNANCE-001": {"tags": ["owner", "a"]},
        "NEPH-GOVERNANCE-002": {"allowed": ["eu-*"]},
    });
    let options = Options {
        params: serde_json::from_value(params).unwrap(),
        interpreted,
        ..Options::default()
    };
    Bundle::load(&[builtin::root()], &options).unwrap()
}

#[test]
fn examples_give_the_same_on_the_vm_interpreted_and_in_opa() {
    let (bundle, interpreted) = (load(false), load(true));
    let (mut on_vm, mut interpreter) = (bundle.evaluator_without_memo(), interpreted.evaluator_without_memo());
    let resources = resources();
    let (mut queries, mut inputs, mut ours) = (Vec::new(), Vec::new(), Vec::new());
    for (index, policy) in bundle.policies().iter().enumerate() {
        let params: Map<String, Value> = (policy.params.iter())
            .map(|param| (param.name.clone(), param.value.clone()))
            .collect();
        let (mut seen, mut asked) = (BTreeSet::new(), Vec::new());
        for resource in &resources {
            let subject = Subject {
                resource,
                related: Default::default(),
                as_of: AS_OF.parse().unwrap(),
            };
            let verdict = on_vm.evaluate(index, &subject);
            let plain = interpreter.evaluate(index, &subject);
            assert_eq!(verdict, plain, "{} over {}", policy.info.id, resource.id);
            let input = input(resource, &params);
            if verdict.outcome != Outcome::NotApplicable && seen.insert(input.to_string()) {
                assert_eq!(verdict.error, None, "{} over {}", policy.info.id, resource.id);
                asked.push(input);
                ours.push((policy, verdict));
            }
        }
        queries.push(format!(
            "[found | some one in data.inputs[{index}]; found := data.{}.deny with input as one]",
            policy.info.package
        ));
        inputs.push(asked);
    }
    let failed = ours
        .iter()
        .filter(|(_, verdict)| verdict.outcome == Outcome::Fail)
        .count();
    eprintln!("{} pairs of policy and example, {failed} with faults", ours.len());
    assert!(
        ours.len() > 1_000 && failed > 300,
        "{} pairs, {failed} with faults",
        ours.len()
    );
    let Some(opa) = tool("opa") else { return };
    let inputs_of: Vec<&Value> = inputs.iter().flatten().collect();
    let theirs = ask(&opa, &queries, &inputs);
    assert_eq!(theirs.len(), ours.len());
    for ((theirs, (policy, verdict)), input) in theirs.iter().zip(&ours).zip(inputs_of) {
        let mut theirs: Vec<(String, String, String)> = theirs.as_array().unwrap().iter().map(told).collect();
        theirs.sort();
        let ours: Vec<_> = (verdict.denies.iter())
            .map(|deny| (deny.key.clone(), deny.path.clone(), deny.message.clone()))
            .collect();
        assert_eq!(ours, theirs, "{} over {input:#}", policy.info.id);
    }
}

/// What OPA says to each input.
fn ask(opa: &std::path::Path, queries: &[String], inputs: &[Vec<Value>]) -> Vec<Value> {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("inputs.json");
    std::fs::write(&data, json!({"inputs": inputs}).to_string()).unwrap();
    let output = Command::new(opa)
        .args([
            "eval",
            "--format",
            "json",
            "--ignore",
            "*.fail.json",
            "--ignore",
            "*.pass.json",
        ])
        .args([
            "--ignore",
            "*.unknown.json",
            "--ignore",
            "frameworks",
            "--ignore",
            "examples",
            "--data",
        ])
        .arg(root().join("policies"))
        .arg("--data")
        .arg(&data)
        .arg(format!("[{}]", queries.join(", ")))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    let answer = answer.pointer("/result/0/expressions/0/value").unwrap();
    let lists = answer.as_array().unwrap().iter();
    lists.flat_map(|list| list.as_array().unwrap().clone()).collect()
}

/// Key, path and message of a finding.
fn told(finding: &Value) -> (String, String, String) {
    let text = |name: &str| finding.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    (text("key"), text("path"), text("message"))
}
