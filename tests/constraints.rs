//! Constraints of Google's Config Validator, through the whole program and against Google's own library.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use nephoscope_policy::{Asset, Bundle, Options, Root, SourceFile};
use nephoscope_tests::{Run, corpus, nephoscope, root, run};
use serde_json::Value;

const TEMPLATE: &str = r#"apiVersion: templates.gatekeeper.sh/v1beta1
kind: ConstraintTemplate
metadata:
  name: public
spec:
  crd:
    spec:
      names:
        kind: TestPublicV1
  targets:
    - target: validation.gcp.forsetisecurity.org
      rego: |
        package templates.gcp.TestPublicV1

        violation[{"msg": message, "details": metadata}] {
          member := input.review.iam_policy.bindings[_].members[_]
          member == input.parameters.members[_]
          message := sprintf("%v lets %v in", [input.review.name, member])
          metadata := {"member": member}
        }
"#;

const CONSTRAINT: &str = "apiVersion: constraints.gatekeeper.sh/v1beta1\nkind: TestPublicV1\nmetadata:\n  name: nobody\nspec:\n  \
                          severity: critical\n  parameters:\n    members: [allUsers]\n";

const RESOURCE: &str = r#"{"name": "//storage.googleapis.com/b", "asset_type": "storage.googleapis.com/Bucket", "ancestors": ["projects/1"], "update_time": "2026-11-01T00:00:00Z", "resource": {"data": {"name": "b", "location": "EU"}}}"#;

fn iam(member: &str, day: u8) -> String {
    let policy = format!(r#"{{"bindings": [{{"role": "roles/storage.objectViewer", "members": ["{member}"]}}]}}"#);
    let head = r#"{"name": "//storage.googleapis.com/b", "asset_type": "storage.googleapis.com/Bucket", "ancestors": ["projects/1"]"#;
    format!(r#"{head}, "update_time": "2026-11-{day:02}T00:00:00Z", "iam_policy": {policy}}}"#)
}

fn scan(lines: &[&str], more: &[&str]) -> (Run, Value) {
    scan_with(TEMPLATE, lines, more)
}

fn scan_with(template: &str, lines: &[&str], more: &[&str]) -> (Run, Value) {
    let folder = tempfile::tempdir().unwrap();
    let library = folder.path().join("library");
    fs::create_dir_all(library.join("policies/templates")).unwrap();
    fs::create_dir_all(library.join("lib")).unwrap();
    fs::write(library.join("policies/templates/t.yaml"), template).unwrap();
    fs::write(library.join("policies/c.yaml"), CONSTRAINT).unwrap();
    fs::write(library.join("lib/util_test.rego"), "no rego").unwrap();
    let input = folder.path().join("assets.ndjson");
    fs::write(&input, lines.join("\n")).unwrap();
    let mut command = nephoscope(["scan", "-f", "json", "--as-of", "2026-11-20", "-q", "-p"]);
    let done = run(command.arg(&library).args(more).arg(&input));
    let report = serde_json::from_str(&done.out).unwrap_or_else(|_| panic!("{done:?}"));
    (done, report)
}

#[test]
fn one_constraint_in_two_libraries_is_an_error_that_names_both() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = nephoscope(["scan", "demo"]);
    for library in ["one", "two"] {
        let root = folder.path().join(library);
        fs::create_dir_all(root.join("policies/templates")).unwrap();
        fs::write(root.join("policies/templates/t.yaml"), TEMPLATE).unwrap();
        fs::write(root.join("policies/c.yaml"), CONSTRAINT).unwrap();
        command.arg("-p").arg(root);
    }
    let done = run(&mut command);
    assert_eq!(done.code, 2, "{done:?}");
    let named = ["one", "two"].map(|library| done.err.contains(&format!("{library}/policies")));
    assert_eq!(named, [true, true], "{}", done.err);
}

#[test]
fn what_runs_away_is_an_error_and_leaves_the_scan_alone() {
    let condition = "member == input.parameters.members[_]";
    let cases = [
        (
            "range := numbers.range(1, 90000)\n          range[_] * range[_] < 0",
            "the evaluation ran past its limit of 300 ms",
        ),
        (
            "x := sprintf(\"%0900d\", [1])\n          y := replace(x, \"0\", x)\n          \
             z := [concat(\",\", [y, sprintf(\"%d\", [n])]) | n := numbers.range(1, 100000)[_]]\n          count(z) < 0",
            "needed more than 448 MiB of memory and was stopped",
        ),
    ];
    for (body, message) in cases {
        let template = TEMPLATE.replace(condition, body);
        let limit = if message.contains("300") { "300" } else { "2000" };
        let more = ["-p", "builtin", "--max-evaluation-ms", limit];
        let (done, report) = scan_with(&template, &[RESOURCE, &iam("allUsers", 2)], &more);
        assert_eq!(done.code, 1, "{done:?}");
        let findings = report["findings"].as_array().unwrap();
        let of = |id: &str| findings.iter().find(|finding| finding["policy"] == id);
        let error = of("TestPublicV1/nobody").unwrap();
        assert_eq!(error["outcome"], "error");
        assert!(error["message"].as_str().unwrap().contains(message), "{error}");
        let builtin = ["fail", "unknown"].map(Value::from);
        assert!(
            builtin.contains(&of("NEPH-STORAGE-001").unwrap()["outcome"]),
            "{done:?}"
        );
    }
}

#[test]
fn the_time_that_a_template_sees_is_that_of_the_scan_in_the_worker_too() {
    let template = TEMPLATE.replace(
        "member == input.parameters.members[_]",
        "time.now_ns() == 1795132800000000000",
    );
    let (done, report) = scan_with(&template, &[RESOURCE, &iam("allUsers", 2)], &[]);
    assert_eq!(report["findings"].as_array().unwrap().len(), 1, "{done:?}");
}

#[test]
fn a_violation_is_a_finding_of_the_newest_content() {
    let (done, report) = scan(&[RESOURCE, &iam("user:a@x", 2), &iam("allUsers", 3)], &[]);
    assert_eq!(done.code, 1, "{done:?}");
    let findings = report["findings"].as_array().unwrap();
    assert_eq!(findings.len(), 1);
    let finding = &findings[0];
    assert_eq!(finding["policy"], "TestPublicV1/nobody");
    assert_eq!(finding["severity"], "critical");
    assert_eq!(finding["resource"]["id"], "//storage.googleapis.com/b");
    assert_eq!(finding["message"], "//storage.googleapis.com/b lets allUsers in");
    assert_eq!(finding["evidence"]["member"], "allUsers");
    assert_eq!(report["coverage"]["resources"], 1);
    let (done, report) = scan(&[RESOURCE, &iam("allUsers", 2), &iam("user:a@x", 3)], &[]);
    assert_eq!(
        (done.code, report["findings"].as_array().unwrap().len()),
        (0, 0),
        "{done:?}"
    );
}

#[test]
fn it_goes_together_with_the_built_in_pack() {
    let (done, report) = scan(&[RESOURCE, &iam("allUsers", 3)], &["-p", "builtin"]);
    assert_eq!(done.code, 1, "{done:?}");
    let findings = report["findings"].as_array().unwrap();
    let policies: BTreeSet<&str> = findings
        .iter()
        .filter_map(|finding| finding["policy"].as_str())
        .collect();
    assert!(policies.contains("TestPublicV1/nobody"), "{policies:?}");
    assert!(
        policies.iter().any(|policy| policy.starts_with("NEPH-STORAGE")),
        "{policies:?}"
    );
    assert_eq!(report["coverage"]["resources"], 1);
}

#[test]
fn a_content_that_nobody_exported_is_a_gap() {
    let (done, _) = scan(&[RESOURCE], &[]);
    assert_eq!(done.code, 3, "{done:?}");
    assert!(done.out.contains("no asset comes with `iam_policy`"), "{done:?}");
}

/// Every constraint of Google's library that has a template, over its own test assets: the messages are those that OPA gives.
#[test]
fn googles_policy_library_says_the_same() {
    let Some(corpus) = corpus() else { return };
    let Some(library) = std::env::var_os("NEPHOSCOPE_POLICY_LIBRARY") else {
        eprintln!("skipped: NEPHOSCOPE_POLICY_LIBRARY, a folder with GoogleCloudPlatform/policy-library, is not set");
        return;
    };
    let library = Path::new(&library);
    let folder = corpus.join("gcp/cai/policy-library");
    let expected: BTreeMap<String, Value> =
        serde_json::from_slice(&fs::read(folder.join("EXPECTED.json")).unwrap()).unwrap();
    let helpers: Vec<SourceFile> = (files(&library.join("lib")).into_iter())
        .filter(|file| !file.is_test())
        .collect();
    let templates = files(&library.join("policies/templates"));
    let (mut constraints, mut pairs, mut agree, mut differences) = (0, 0, 0, String::new());
    for (name, constraint) in &expected {
        let kind = constraint["kind"].as_str().unwrap_or_default();
        let line = format!("kind: {kind}");
        let template = templates
            .iter()
            .find(|file| file.text.lines().any(|text| text.trim() == line));
        // Some tests misspell the kind, or are lists for the test of a helper: there is no rule to ask.
        let Some(template) = template else { continue };
        constraints += 1;
        let mut document = constraint["constraint"].clone();
        // They were computed without it.
        document["spec"].as_object_mut().unwrap().remove("match");
        let own = SourceFile {
            path: "constraint.yaml".to_owned(),
            text: document.to_string(),
        };
        let root = Root {
            files: helpers.clone(),
            constraints: vec![template.clone(), own],
            ..Root::default()
        };
        let bundle = match Bundle::load(&[root], &Options::default()) {
            Ok(bundle) => bundle,
            Err(error) => {
                pairs += constraint["results"].as_array().unwrap().len();
                differences.push_str(&format!("{name}: {error}\n"));
                continue;
            }
        };
        let mut evaluator = bundle.evaluator();
        for result in constraint["results"].as_array().unwrap() {
            let asset = asset(&folder.join(result["asset_file"].as_str().unwrap()), &result["index"]);
            let as_of = "2026-11-25T00:00:00Z".parse().unwrap();
            let (_, verdict) = evaluator.evaluate_asset(&Asset::of(&asset).unwrap(), as_of).remove(0);
            let ours: BTreeSet<&str> = verdict.denies.iter().map(|deny| deny.message.as_str()).collect();
            let theirs = result["messages"].as_array().unwrap().iter();
            let theirs: BTreeSet<&str> = theirs.filter_map(Value::as_str).collect();
            pairs += 1;
            if ours == theirs && verdict.error.is_none() {
                agree += 1;
            } else {
                differences.push_str(&format!(
                    "{name}: {} {ours:?} {theirs:?} {:?}\n",
                    result["asset"], verdict.error
                ));
            }
        }
    }
    assert_eq!(agree, pairs, "{differences}");
    let figure = format!("{agree} of {pairs} pairs of {constraints} constraints");
    let page = fs::read_to_string(root().join("docs/constraints.md")).unwrap();
    assert!(page.contains(&figure), "docs/constraints.md does not say {figure}");
}

fn files(folder: &Path) -> Vec<SourceFile> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<SourceFile> = entries
        .filter(|path| path.is_file())
        .map(|path| SourceFile {
            path: path.file_name().unwrap().to_string_lossy().into_owned(),
            text: fs::read_to_string(&path).unwrap(),
        })
        .collect();
    files.sort();
    files
}

/// Returns the asset at `index` of a file: a list, or values one after another.
fn asset(file: &Path, index: &Value) -> String {
    let text = fs::read_to_string(file).unwrap();
    let values = serde_json::Deserializer::from_str(&text).into_iter::<Value>();
    let values: Vec<Value> = values
        .flat_map(|value| match value.unwrap() {
            Value::Array(list) => list,
            value => vec![value],
        })
        .collect();
    values[usize::try_from(index.as_u64().unwrap()).unwrap()].to_string()
}
