//! Constraints, conftest packages and YAML made to take the machine: they hold to the limits of `hostile_corpus`.

#![cfg(target_os = "linux")]

use std::fmt::Write;
use std::path::Path;

use nephoscope_tests::nephoscope;

use crate::hostile_corpus::{Ended, measured, short, within};

/// A loop of nine million turns that finds nothing.
const LOOP: &str = "a := numbers.range(1, 3000)[_]\n  b := numbers.range(1, 3000)[_]\n  a * b < 0";

/// Texts that double until memory ends.
fn doubling() -> String {
    let mut text = "x0 := \"0123456789\"\n".to_owned();
    for number in 0..40 {
        let _written = writeln!(text, "  x{} := concat(\"\", [x{number}, x{number}])", number + 1);
    }
    text + "  count(x40) < 0"
}

/// Aliases of aliases: a billion elements in a few lines.
fn billion() -> String {
    let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for number in 0..9 {
        let aliases = vec![format!("*a{number}"); 10].join(", ");
        let _written = writeln!(text, "a{n}: &a{n} [{aliases}]", n = number + 1);
    }
    text
}

fn template(rego: &str) -> String {
    let indented = rego.replace('\n', "\n        ");
    format!(
        "apiVersion: templates.gatekeeper.sh/v1beta1\nkind: ConstraintTemplate\nmetadata:\n  name: hostile\nspec:\n  crd:\n    \
         spec:\n      names:\n        kind: TestHostileV1\n  targets:\n    - target: validation.gcp.forsetisecurity.org\n      \
         rego: |\n        package templates.gcp.TestHostileV1\n\n        {indented}\n"
    )
}

fn constraint(name: &str, parameters: &str) -> String {
    format!(
        "apiVersion: constraints.gatekeeper.sh/v1beta1\nkind: TestHostileV1\nmetadata:\n  name: {name}\nspec:\n  parameters:\n    \
         p: {parameters}\n"
    )
}

const HONEST: &str =
    "apiVersion: constraints.gatekeeper.sh/v1beta1\nkind: TestHonestV1\nmetadata:\n  name: honest\nspec: {}\n";

const ASSET: &str = r#"{"name": "//storage.googleapis.com/b", "asset_type": "storage.googleapis.com/Bucket", "ancestors": ["projects/1"], "update_time": "2026-11-01T00:00:00Z", "resource": {"data": {"name": "b", "location": "EU"}}}"#;

/// What may come of a scan.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Ends {
    /// Exit code 2.
    Refused,
    /// Everything honest is judged, and what is hostile fails to be evaluated.
    Error,
    /// Either, or a verdict.
    Somehow,
}

fn fault_of(ends: Ends, ended: &Ended, honest: &str) -> Result<(), String> {
    within(ended)?;
    let told = || format!("{:?}: {} {}", ended.code, short(&ended.err), short(&ended.out));
    match ended.code {
        Some(2) if ends != Ends::Error => Ok(()),
        Some(0 | 1 | 3) if ends != Ends::Refused => {
            let report: serde_json::Value =
                serde_json::from_str(&ended.out).map_err(|error| format!("{error}: {}", told()))?;
            let findings = report["findings"].as_array().cloned().unwrap_or_default();
            let has = |what: &dyn Fn(&serde_json::Value) -> bool| findings.iter().any(what);
            if !has(&|finding| finding["message"] == honest) {
                return Err(format!("an honest finding is lost: {}", told()));
            }
            match ends == Ends::Error && !has(&|finding| finding["outcome"] == "error") {
                true => Err(format!("it is no error: {}", told())),
                false => Ok(()),
            }
        }
        _ => Err(format!("expected {ends:?}: {}", told())),
    }
}

fn write(file: &Path, text: &str) {
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::fs::write(file, text).unwrap();
}

#[test]
fn hostile_constraints_end_within_their_limits() {
    let violation = |body: &str| {
        template(&format!(
            "violation[{{\"msg\": \"m\", \"details\": {{}}}}] {{\n  {body}\n}}"
        ))
    };
    let plain = || constraint("c", "[]");
    let cases = [
        ("a loop", Ends::Error, violation(LOOP), plain()),
        ("memory", Ends::Error, violation(&doubling()), plain()),
        (
            "a builtin that makes a long list",
            Ends::Error,
            violation("count(numbers.range(1, 200000000)) < 0"),
            plain(),
        ),
        (
            "recursion",
            Ends::Refused,
            template("f(x) = y { y := f(x) }\nviolation[{\"msg\": \"m\"}] { f(1) }"),
            plain(),
        ),
        (
            "network",
            Ends::Refused,
            violation("http.send({\"url\": \"http://127.0.0.1:1\", \"method\": \"get\"})"),
            plain(),
        ),
        (
            "environment",
            Ends::Refused,
            violation("opa.runtime().env.NEPHOSCOPE_TEST_CANARY"),
            plain(),
        ),
        (
            "deep parameters",
            Ends::Somehow,
            violation("count(input.parameters.p) < 0"),
            constraint("c", &format!("{}{}", "[".repeat(10_000), "]".repeat(10_000))),
        ),
        (
            "a long parameter in a pattern",
            Ends::Somehow,
            violation("re_match(input.parameters.p, input.review.name)"),
            constraint("c", &format!("\"{}\"", "(a{1,1000}){1,1000}".repeat(9))),
        ),
        (
            "aliases of aliases",
            Ends::Somehow,
            violation("count(input.parameters.p) < 0"),
            billion(),
        ),
        (
            "a template of aliases",
            Ends::Somehow,
            template("violation[{\"msg\": \"m\"}] { false }") + &billion(),
            plain(),
        ),
        (
            "2,000 constraints",
            Ends::Somehow,
            violation("input.review.name == \"x\""),
            (0..2_000)
                .map(|n| constraint(&format!("c{n}"), "[]"))
                .collect::<Vec<_>>()
                .join("---\n"),
        ),
        (
            "nothing but brackets",
            Ends::Refused,
            template(&"[".repeat(10_000)),
            plain(),
        ),
    ];
    let honest = template("violation[{\"msg\": \"honest\", \"details\": {}}] { input.review.name }")
        .replace("Hostile", "Honest");
    let mut faults = Vec::new();
    for (name, ends, template, constraint) in cases {
        let folder = tempfile::tempdir().unwrap();
        let library = folder.path().join("library");
        write(&library.join("policies/templates/hostile.yaml"), &template);
        write(
            &library.join("policies/templates/honest.yaml"),
            &honest.replace("name: hostile", "name: honest"),
        );
        write(&library.join("policies/constraints/hostile.yaml"), &constraint);
        write(&library.join("policies/constraints/honest.yaml"), HONEST);
        let input = folder.path().join("assets.ndjson");
        write(&input, ASSET);
        let mut command = nephoscope(["scan", "-f", "json", "--as-of", "2026-11-20", "-q", "-p"]);
        command.arg(&library).arg(&input);
        if let Err(fault) = fault_of(ends, &measured(command), "honest") {
            faults.push(format!("{name}: {fault}"));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn hostile_conftest_packages_and_documents_end_within_their_limits() {
    let deny = |body: &str| {
        format!("package main\n\nimport rego.v1\n\ndeny contains msg if {{\n  {body}\n  msg := \"m\"\n}}\n")
    };
    let looping = LOOP
        .replace("a := numbers.range(1, 3000)[_]", "some a in numbers.range(1, 3000)")
        .replace("b := numbers.range(1, 3000)[_]", "some b in numbers.range(1, 3000)");
    let small = "a: 1\n".to_owned();
    let cases = [
        ("a loop", Ends::Error, deny(&looping), small.clone()),
        ("memory", Ends::Error, deny(&doubling()), small.clone()),
        (
            "recursion",
            Ends::Refused,
            deny("f(1)") + "\nf(x) := f(x)\n",
            small.clone(),
        ),
        (
            "network",
            Ends::Refused,
            deny("http.send({\"url\": \"http://127.0.0.1:1\", \"method\": \"get\"})"),
            small.clone(),
        ),
        ("aliases of aliases", Ends::Somehow, deny("count(input) < 0"), billion()),
        (
            "deep YAML",
            Ends::Somehow,
            deny("count(input) < 0"),
            format!("a: {}{}\n", "[".repeat(10_000), "]".repeat(10_000)),
        ),
        (
            "YAML that indents deeper and deeper",
            Ends::Somehow,
            deny("count(input) < 0"),
            (0..3_000).map(|n| format!("{}a:\n", " ".repeat(n))).collect(),
        ),
        (
            "20,000 documents",
            Ends::Somehow,
            deny("input.a == 2"),
            "a: 1\n---\n".repeat(20_000),
        ),
        (
            "a walk through much",
            Ends::Somehow,
            deny("walk(input, [p, v])\n  count(p) > 100000"),
            format!("a: [{}]\n", vec!["{b: 1}"; 200_000].join(",")),
        ),
    ];
    let mut faults = Vec::new();
    for (name, ends, package, document) in cases {
        let folder = tempfile::tempdir().unwrap();
        write(&folder.path().join("policy/hostile.rego"), &package);
        write(
            &folder.path().join("policy/honest.rego"),
            "package honest\n\nimport rego.v1\n\ndeny contains \"honest\" if input.honest\n",
        );
        write(&folder.path().join("input/good.yaml"), "honest: true\n");
        write(&folder.path().join("input/hostile.yaml"), &document);
        let mut command = nephoscope(["scan", "--input-shape", "raw", "-f", "json", "-q", "-p"]);
        command
            .arg(folder.path().join("policy"))
            .arg(folder.path().join("input"));
        if let Err(fault) = fault_of(ends, &measured(command), "honest") {
            faults.push(format!("{name}: {fault}"));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
