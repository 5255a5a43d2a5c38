//! `policy diff`: what two sets of policies say differently of one input.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use nephoscope_tests::{Run, nephoscope, run};
use serde_json::Value;

const DEMO: &str = "demo";
const DATABASE_PORTS: &str = "nephoscope/network/firewall_database_ports_open/firewall_database_ports_open.rego";
const GUARD_OFF: &str = "nephoscope/storage/bucket_public_guard_off/bucket_public_guard_off.rego";

/// A copy of the pack's policies as a folder of its own.
struct Copy {
    folder: tempfile::TempDir,
}

impl Copy {
    fn new() -> Copy {
        let folder = tempfile::tempdir().unwrap();
        copy(&nephoscope_tests::root().join("policies"), folder.path());
        // In a folder they would have to be configured; in the pack they wait for that.
        std::fs::remove_dir_all(folder.path().join("nephoscope/governance")).unwrap();
        Copy { folder }
    }

    fn path(&self) -> &str {
        self.folder.path().to_str().unwrap()
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn edit(&self, name: &str, from: &str, to: &str) {
        let text = std::fs::read_to_string(self.file(name)).unwrap();
        assert!(text.contains(from), "{name} has no `{from}`");
        std::fs::write(self.file(name), text.replace(from, to)).unwrap();
    }
}

fn copy(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            std::fs::create_dir_all(&target).unwrap();
            copy(&path, &target);
        } else if path.extension().is_some_and(|extension| extension == "rego") {
            std::fs::copy(&path, &target).unwrap();
        }
    }
}

fn diff(a: &str, b: &str, more: &[&str]) -> Run {
    run(nephoscope(["policy", "diff", a, b, "--as-of", "2026-11-23"]).args(more))
}

fn json(a: &str, b: &str, on: &str) -> (Run, Value) {
    let run = diff(a, b, &["-f", "json", "--on", on]);
    let document = serde_json::from_str(&run.out).unwrap_or_else(|_| panic!("{}{}", run.out, run.err));
    let schema = std::fs::read_to_string(nephoscope_tests::root().join("schemas/policy_diff.json")).unwrap();
    let schema = jsonschema::validator_for(&serde_json::from_str(&schema).unwrap()).unwrap();
    assert!(schema.is_valid(&document), "{:?}", schema.iter_errors(&document).next());
    assert_eq!(document["exit_code"], run.code);
    (run, document)
}

fn list<'v>(document: &'v Value, name: &str) -> &'v Vec<Value> {
    document[name].as_array().unwrap()
}

fn ids(document: &Value, name: &str) -> BTreeSet<String> {
    let ids = list(document, name)
        .iter()
        .map(|change| change["id"].as_str().unwrap().to_owned());
    ids.collect()
}

/// The findings of a scan under one policy, by id.
fn findings(policies: &str, policy: &str) -> BTreeSet<String> {
    let scan = [
        "scan",
        DEMO,
        "-p",
        policies,
        "-f",
        "json",
        "--as-of",
        "2026-11-23",
        "--policy-id",
        policy,
    ];
    let report: Value = serde_json::from_str(&run(&mut nephoscope(scan)).out).unwrap();
    let findings = report["findings"].as_array().unwrap().iter();
    let failing = findings.filter(|finding| finding["outcome"] == "fail");
    failing
        .map(|finding| finding["id"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn equal_policies_do_not_differ() {
    let copy = Copy::new();
    let (same, document) = json("builtin", copy.path(), DEMO);
    assert_eq!((same.code, same.err.as_str()), (0, ""), "{}", same.out);
    assert_eq!(document["a"]["policies"], document["b"]["policies"]);
    let digest = document["b"]["digest"].clone();
    // What changes no outcome is no difference.
    copy.edit(DATABASE_PORTS, "deny contains", "# More is said.\ndeny contains");
    let (said, document) = json("builtin", copy.path(), DEMO);
    assert_eq!(said.code, 0, "{}", said.out);
    assert_ne!(document["b"]["digest"], digest);
}

#[test]
fn what_is_removed_added_and_changed_is_told() {
    let copy = Copy::new();
    std::fs::remove_dir_all(copy.file(DATABASE_PORTS).parent().unwrap()).unwrap();
    copy.edit(GUARD_OFF, "severity: medium", "severity: critical");
    copy.edit(GUARD_OFF, "\"key\": \"off\"", "\"key\": \"off altogether\"");
    let (there, document) = json("builtin", copy.path(), DEMO);
    assert_eq!(there.code, 1, "{}", there.err);
    assert_eq!(document["policies"]["removed"][0]["id"], "NEPH-NETWORK-002");
    assert_eq!(document["policies"]["added"], serde_json::json!([]));
    let severity = serde_json::json!([{"id": "NEPH-STORAGE-002", "was": "medium", "now": "critical"}]);
    assert_eq!(document["policies"]["severity"], severity);
    let (ports, guard) = (
        findings("builtin", "NEPH-NETWORK-002"),
        findings("builtin", "NEPH-STORAGE-002"),
    );
    let (ports_now, guard_now) = (
        findings("builtin", "NEPH-NETWORK-002"),
        findings(copy.path(), "NEPH-STORAGE-002"),
    );
    assert!(!ports.is_empty() && !ports_now.is_empty() && guard != guard_now);
    let lost: BTreeSet<String> = ports.iter().chain(guard.difference(&guard_now)).cloned().collect();
    assert_eq!(ids(&document, "lost"), lost);
    assert_eq!(
        ids(&document, "gained"),
        guard_now.difference(&guard).cloned().collect()
    );
    for change in list(&document, "lost") {
        let now = if change["policy"] == "NEPH-NETWORK-002" {
            "not_loaded"
        } else {
            "fail"
        };
        assert_eq!(
            (&change["was"], &change["now"]),
            (&"fail".into(), &now.into()),
            "{change}"
        );
    }
    // The other way around it is the same, with sides changed.
    let (back, reverse) = json(copy.path(), "builtin", DEMO);
    assert_eq!(back.code, 1);
    assert_eq!(ids(&reverse, "gained"), lost);
    assert_eq!(ids(&reverse, "lost"), ids(&document, "gained"));
    assert_eq!(reverse["policies"]["added"], document["policies"]["removed"]);
    // Equal bytes by any number of threads and with next to no memory.
    let arguments = [
        "-f",
        "json",
        "--on",
        "demo/gcp",
        "demo/azure",
        "demo/aws",
        "--jobs",
        "4",
        "--buffer-mib",
        "0",
    ];
    assert_eq!(diff("builtin", copy.path(), &arguments).out, there.out);
    let human = diff("builtin", copy.path(), &["--on", DEMO]);
    assert_eq!(human.code, 1);
    for words in [
        "- NEPH-NETWORK-002 high: ",
        "~ NEPH-STORAGE-002 critical, was medium",
        "(now not loaded)",
        "findings gained",
    ] {
        assert!(human.out.contains(words), "{words}: {}", human.out);
    }
    // A flag may name what only one side has, and so may the configuration.
    let config = copy.file("nephoscope.yaml");
    std::fs::write(
        &config,
        "policies: {NEPH-NETWORK-002: {severity: low}, ACME-1: {enabled: false}}\n",
    )
    .unwrap();
    let one = [
        "--policy-id",
        "NEPH-NETWORK-002",
        "--config",
        config.to_str().unwrap(),
        "--on",
        DEMO,
        "-f",
        "json",
    ];
    let one = diff("builtin", copy.path(), &one);
    let document: Value = serde_json::from_str(&one.out).unwrap_or_else(|_| panic!("{}", one.err));
    assert_eq!(ids(&document, "lost"), ports);
    assert_eq!(document["policies"]["removed"][0]["severity"], "low");
    assert_eq!(document["b"]["policies"], 0);
}

const BUCKET: &str = r#"{"configurationItemVersion": "1.3", "configurationItemStatus": "OK",
  "configurationItemCaptureTime": "2026-01-02T03:04:05.000Z", "awsAccountId": "111122223333", "awsRegion": "eu-west-1",
  "resourceType": "AWS::S3::Bucket", "resourceId": "b", "ARN": "arn:aws:s3:::b", "configuration": {"name": "b"},
  "supplementaryConfiguration": {"AccessControlList": {"grantList": [{"grantee": {"id": "8f3b"}, "permission": "FullControl"}]}}}"#;

#[test]
fn an_outcome_that_becomes_unknown_is_no_finding_lost_in_silence() {
    let copy = Copy::new();
    // The guard of a bucket is not known without its account; its native type is.
    copy.edit(
        GUARD_OFF,
        "input.resource.attributes.public_access.guard == \"off\"",
        "input.resource.native_type == \"AWS::S3::Bucket\"",
    );
    copy.edit(
        GUARD_OFF,
        "input.resource.attributes.public_access.guard == \"partial\"",
        "input.resource.name == \"no\"",
    );
    let file = copy.file("bucket.json");
    std::fs::write(&file, BUCKET).unwrap();
    let (unknown, document) = json(copy.path(), "builtin", file.to_str().unwrap());
    assert_eq!(unknown.code, 1, "{}", unknown.err);
    assert_eq!(list(&document, "became_unknown").len(), 1);
    assert_eq!(document["became_unknown"][0]["was"], "fail");
    assert!(
        document["became_unknown"][0]["message"]
            .as_str()
            .unwrap()
            .contains("guard"),
        "{document}"
    );
    assert_eq!(document["lost"][0]["now"], "unknown");
    let (_, document) = json("builtin", copy.path(), file.to_str().unwrap());
    assert_eq!(
        (list(&document, "became_known").len(), list(&document, "gained").len()),
        (1, 1)
    );
    assert_eq!(document["gained"][0]["was"], "unknown");
}

#[test]
fn what_cannot_be_read_is_2_and_what_is_read_in_part_3() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("bucket.json"), BUCKET).unwrap();
    std::fs::write(folder.path().join("cut.json"), &BUCKET[..300]).unwrap();
    let part = diff("builtin", "builtin", &["--on", folder.path().to_str().unwrap()]);
    assert_eq!(part.code, 3, "{}{}", part.out, part.err);
    assert!(part.out.contains("incomplete: 1 thing was not read"), "{}", part.out);
    for (a, b, on) in [
        ("builtin", "no/such/policies", DEMO),
        ("no/such/policies", "builtin", DEMO),
        ("builtin", "builtin", "no/such/input"),
    ] {
        let wrong = diff(a, b, &["--on", on]);
        assert!(
            wrong.code == 2 && wrong.err.contains("no/such"),
            "{a} {b} {on}: {}",
            wrong.err
        );
    }
    assert_eq!(diff("builtin", "builtin", &[]).code, 2);
}
