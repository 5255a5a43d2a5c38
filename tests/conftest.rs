//! Packages of conftest, through the whole program and against `opa eval`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use nephoscope_read::{Event, Input, Limits, read_raw};
use nephoscope_tests::{Run, nephoscope, root, run, tool};
use serde_json::{Value, json};

fn cases() -> Vec<PathBuf> {
    let mut cases = children(&root().join("tests/conftest"));
    cases.retain(|case| case.is_dir());
    assert!(cases.len() >= 8, "{cases:?}");
    cases
}

fn children(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

/// Everything a rule gave for a document, by the ids of both: messages with their other members; `None` where an exception
/// took the rule back.
type Results = BTreeMap<(String, String), Option<BTreeSet<String>>>;

fn ours(case: &Path) -> (Run, Results) {
    let mut command = nephoscope([
        "scan",
        "--input-shape",
        "raw",
        "-f",
        "json",
        "--include",
        "pass",
        "-q",
        "-p",
    ]);
    let done = run(command.arg(case.join("policy")).arg(case.join("input")));
    let report: Value = serde_json::from_str(&done.out).unwrap_or_else(|_| panic!("{done:?}"));
    let mut results = Results::new();
    for finding in report["findings"].as_array().unwrap() {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let key = (text(&finding["policy"]), text(&finding["resource"]["id"]));
        let messages = results.entry(key).or_default().get_or_insert_default();
        match finding["outcome"].as_str().unwrap() {
            "pass" => {}
            "fail" => {
                messages.insert(shown(&finding["message"], finding.get("evidence")));
            }
            other => panic!("{other}: {finding}"),
        }
    }
    (done, results)
}

fn shown(message: &Value, rest: Option<&Value>) -> String {
    let rest = rest.filter(|rest| !rest.is_null()).cloned().unwrap_or(json!({}));
    format!("{message} {rest}")
}

fn documents(case: &Path) -> Vec<(String, Value)> {
    let mut found = Vec::new();
    for path in children(&case.join("input")) {
        let input = Input {
            name: path.display().to_string(),
            path: Some(path),
            named: false,
        };
        read_raw(&input, None, &Limits::default(), &mut |event| match event {
            Event::Document(document) => {
                let place = document.origin.pointer.replace('/', "#");
                let body = serde_json::from_str(document.body.get()).unwrap();
                found.push((format!("{}{place}", document.origin.file), body));
            }
            other => panic!("{other:?}"),
        });
    }
    found
}

fn theirs(opa: &Path, case: &Path, rules: &BTreeSet<String>) -> Results {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("input.json");
    let mut results = Results::new();
    for (name, document) in documents(case) {
        fs::write(&file, document.to_string()).unwrap();
        let mut command = Command::new(opa);
        command.args(["eval", "--ignore", "*_test.rego", "--format", "json", "-i"]);
        command.arg(&file).arg("-b").arg(case.join("policy")).arg("data");
        if case.to_string_lossy().ends_with("_v0") {
            command.arg("--v0-compatible");
        }
        let done = run(&mut command);
        let answer: Value = serde_json::from_str(&done.out).unwrap();
        let data = answer.pointer("/result/0/expressions/0/value");
        let data = data.unwrap_or_else(|| panic!("{done:?}"));
        for rule in rules {
            let (package, rule_name) = rule.rsplit_once('.').unwrap();
            let package = data.pointer(&format!("/{}", package.replace('.', "/"))).unwrap();
            let subject = rule_name.split_once('_').map_or("", |(_, subject)| subject);
            let exceptions = package.get("exception").and_then(Value::as_array).into_iter().flatten();
            let mut names = exceptions.flat_map(|names| names.as_array().unwrap());
            let key = (rule.clone(), name.clone());
            if names.any(|name| name == subject) {
                continue;
            }
            let given = package.get(rule_name).and_then(Value::as_array).into_iter().flatten();
            let messages = given.map(|result| match result {
                Value::Object(map) => {
                    let mut map = map.clone();
                    let message = map.remove("msg").unwrap();
                    shown(&message, Some(&Value::Object(map)))
                }
                message => shown(message, None),
            });
            results.insert(key, Some(messages.collect()));
        }
    }
    results
}

/// The messages of every rule over every document are those that OPA gives, also for v0, and so are those of a rule that an
/// exception takes back: none.
#[test]
fn every_rule_says_what_it_says_in_opa() {
    let Some(opa) = tool("opa") else { return };
    let (mut rules_in_all, mut pairs) = (0, 0);
    for case in cases() {
        let (done, ours) = ours(&case);
        let rules: BTreeSet<String> = ours.keys().map(|(rule, _)| rule.clone()).collect();
        assert_eq!(theirs(&opa, &case, &rules), ours, "{}: {done:?}", case.display());
        rules_in_all += rules.len();
        pairs += ours.len();
    }
    let figure = format!("{pairs} of {pairs} pairs of {rules_in_all} rules and a document");
    let page = fs::read_to_string(root().join("docs/conftest.md")).unwrap();
    assert!(page.contains(&figure), "docs/conftest.md does not say {figure}");
}

const POLICY: &str = "package main\n\ndeny contains msg if {\n\tinput.a > 1\n\tmsg := sprintf(\"a is %d\", [input.a])\n}\n\nwarn contains \"b is \
                      there\" if input.b\n";

/// Scans one file with `POLICY`.
fn scan(name: &str, text: &str, more: &[&str]) -> Run {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("policy")).unwrap();
    fs::write(folder.path().join("policy/main.rego"), POLICY).unwrap();
    fs::write(folder.path().join(name), text).unwrap();
    let mut command = nephoscope(["scan", name, "-p", "policy"]);
    run(command.args(more).current_dir(folder.path()))
}

#[test]
fn exit_codes_tell_failures_from_warnings_and_from_what_was_not_read() {
    let raw = ["--input-shape", "raw"];
    for (name, text, code) in [
        ("in.json", r#"{"a": 2}"#, 1),
        ("in.yaml", "b: true\n", 0),
        ("in.yaml", "a: 1\n", 0),
        ("in.yaml", "a: 1\n---\na: 2\n", 1),
        ("in.json", r#"{"a": 1, "a": 1}"#, 3),
        ("in.json", r#"{"a": [1, "#, 3),
        ("in.json", "", 3),
        ("in.json", "[]", 3),
        ("in.yaml", "a: [1\n", 3),
        ("in.yaml", "a: 1\n---\nb: {\n", 3),
        ("Dockerfile", "FROM scratch\n", 3),
        ("main.tf", "resource \"a\" \"b\" {\n  c = 1\n}\n", 3),
    ] {
        let done = scan(name, text, &raw);
        assert_eq!(done.code, code, "{name} {text:?}: {done:?}");
    }
    let done = scan("in.yaml", "b: true\n", &["--input-shape", "raw", "--fail-on", "info"]);
    assert_eq!(done.code, 1, "{done:?}");
}

#[test]
fn a_flag_that_is_missing_or_too_many_is_named() {
    let done = scan("in.json", "{}", &[]);
    assert_eq!(done.code, 2, "{done:?}");
    assert!(done.err.contains("`--input-shape raw`"), "{done:?}");
    let done = scan("in.json", "{}", &["-p", "builtin", "--input-shape", "raw"]);
    assert_eq!(done.code, 2, "{done:?}");
    assert!(done.err.contains("the built-in pack"), "{done:?}");
}

#[test]
fn every_report_names_the_document_and_its_line() {
    let text = "b: 1\n---\n# two\na: 7\n";
    for (format, expected) in [
        ("human", "in.yaml#1"),
        ("json", "\"line\":2"),
        ("ndjson", "in.yaml#1"),
        ("junit", "a is 7"),
        ("sarif", "\"uri\": \"in.yaml\""),
    ] {
        let done = scan("in.yaml", text, &["--input-shape", "raw", "-f", format]);
        assert_eq!(done.code, 1, "{format}: {done:?}");
        assert!(
            done.out
                .replace("\": ", "\":")
                .contains(&expected.replace("\": ", "\":")),
            "{format}: {}",
            done.out
        );
    }
    let done = scan(
        "in.yaml",
        text,
        &["--input-shape", "raw", "--trust", "policy", "-f", "json"],
    );
    let confined = scan("in.yaml", text, &["--input-shape", "raw", "-f", "json"]);
    let findings = |done: &Run| serde_json::from_str::<Value>(&done.out).unwrap()["findings"].clone();
    assert_eq!(findings(&done), findings(&confined));
}
