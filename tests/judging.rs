//! Waivers, baseline, configuration and selection through the binary.

use nephoscope_tests::{nephoscope, run};
use serde_json::Value;

fn report(arguments: &[&str]) -> (i32, Value) {
    let run = run(nephoscope(["scan", "demo", "--as-of", "2026-12-01T00:00:00Z", "-f", "json"]).args(arguments));
    let report = serde_json::from_str(&run.out).unwrap_or_else(|error| panic!("{error}: {}\n{}", run.out, run.err));
    (run.code, report)
}

fn outcomes(report: &Value, outcome: &str) -> usize {
    report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|finding| finding["outcome"] == outcome)
        .count()
}

fn sum(report: &Value, outcome: &str) -> u64 {
    report["tallies"]
        .as_array()
        .unwrap()
        .iter()
        .map(|tally| tally[outcome].as_u64().unwrap())
        .sum()
}

#[test]
fn a_waiver_accepts_until_its_last_day() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("waivers.yaml");
    let text = "waivers:\n  - id: W-1\n    policy: NEPH-NETWORK-*\n    resource: '*'\n    owner: ana@example.com\n    reason: bastion\n    expires: 2026-12-01\n  - id: W-2\n    policy: NOPE-*\n    account: '*'\n    owner: bo\n    reason: none\n    expires: 2027-07-01\n";
    std::fs::write(&file, text).unwrap();
    let file = file.to_str().unwrap();
    let (_, before) = report(&[]);
    let (_, waived) = report(&["--waivers", file]);
    assert!(outcomes(&waived, "waived") > 0);
    assert_eq!(
        outcomes(&before, "fail"),
        outcomes(&waived, "fail") + outcomes(&waived, "waived")
    );
    assert_eq!(sum(&before, "fail"), sum(&waived, "fail") + sum(&waived, "waived"));
    let states: Vec<_> = waived["waivers"]
        .as_array()
        .unwrap()
        .iter()
        .map(|w| w["state"].as_str().unwrap())
        .collect();
    assert_eq!(states, ["used", "unused"]);
    let run = run(&mut nephoscope([
        "scan",
        "demo",
        "--as-of",
        "2026-12-02T00:00:00Z",
        "-f",
        "json",
        "--waivers",
        file,
    ]));
    let late: Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!(outcomes(&late, "waived"), 0);
    assert_eq!(late["waivers"][0]["state"], "expired");
}

#[test]
fn a_waiver_bound_to_values_is_void_when_they_change() {
    let folder = tempfile::tempdir().unwrap();
    let (_, before) = report(&[]);
    let finding = before["findings"]
        .as_array()
        .unwrap()
        .iter()
        .find(|finding| finding["outcome"] == "fail")
        .unwrap();
    let write = |values: &str| {
        let file = folder.path().join("waivers.yaml");
        let (policy, resource) = (
            finding["policy"].as_str().unwrap(),
            finding["resource"]["id"].as_str().unwrap(),
        );
        let text = format!(
            "waivers:\n  - {{id: W, policy: {policy}, resource: '{resource}', values: '{values}', owner: a, reason: b, expires: 2030-01-01}}\n"
        );
        std::fs::write(&file, text).unwrap();
        file.to_str().unwrap().to_owned()
    };
    let (_, bound) = report(&["--waivers", &write(finding["values"].as_str().unwrap())]);
    assert!(outcomes(&bound, "waived") > 0);
    let (_, void) = report(&["--waivers", &write("0123")]);
    assert_eq!(
        (outcomes(&void, "waived"), &void["waivers"][0]["state"]),
        (0, &Value::from("void"))
    );
}

#[test]
fn a_baseline_tells_new_unchanged_and_fixed() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("baseline.json");
    let (_, mut baseline) = report(&[]);
    let (code, same) = report_with(&file, &baseline, &["--new-only"]);
    assert_eq!(outcomes(&same, "fail"), 0);
    assert_ne!(code, 1);
    // One finding is taken out of the baseline: it is new. One is added that is not there any more: its pair was
    // evaluated, so it is fixed. One of a resource that is not in this scan: nobody knows.
    let findings = baseline["findings"].as_array_mut().unwrap();
    let position = findings
        .iter()
        .position(|finding| finding["outcome"] == "fail")
        .unwrap();
    let taken = findings.remove(position);
    let mut gone = findings
        .iter()
        .find(|finding| finding["outcome"] == "fail")
        .unwrap()
        .clone();
    gone["id"] = "00000000000000000000000000000001".into();
    let mut elsewhere = gone.clone();
    elsewhere["id"] = "00000000000000000000000000000002".into();
    elsewhere["resource"]["key"] = "arn:aws:s3:::not-in-this-scan".into();
    findings.extend([gone, elsewhere]);
    let (code, changed) = report_with(&file, &baseline, &["--new-only"]);
    assert_eq!(code, 1);
    let fresh: Vec<_> = changed["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|finding| finding["outcome"] == "fail")
        .collect();
    assert_eq!(fresh.len(), 1);
    assert_eq!(fresh[0]["id"], taken["id"]);
    assert_eq!(changed["fixed"][0]["id"], "00000000000000000000000000000001");
    assert_eq!(changed["not_checked"][0], "00000000000000000000000000000002");
}

fn report_with(file: &std::path::Path, baseline: &Value, arguments: &[&str]) -> (i32, Value) {
    std::fs::write(file, baseline.to_string()).unwrap();
    let mut all = vec!["--baseline", file.to_str().unwrap()];
    all.extend(arguments);
    report(&all)
}

#[test]
fn the_configuration_turns_policies_off_and_changes_severity_and_parameters() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("nephoscope.yaml");
    std::fs::write(
        &file,
        "policies:\n  NEPH-STORAGE-004: {enabled: false}\n  NEPH-NETWORK-001: {severity: info, params: {ports: [1]}}\n",
    )
    .unwrap();
    let (_, changed) = report(&["--config", file.to_str().unwrap()]);
    let policies: Vec<_> = changed["policies"]
        .as_array()
        .unwrap()
        .iter()
        .map(|p| p["id"].as_str().unwrap())
        .collect();
    assert!(!policies.contains(&"NEPH-STORAGE-004"));
    let ssh = |report: &Value| {
        report["findings"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|f| {
                f["policy"] == "NEPH-NETWORK-001" && f["key"].as_str().is_some_and(|key| key.contains("tcp/22 "))
            })
            .count()
    };
    assert_eq!(ssh(&changed), 0);
    assert!(ssh(&report(&[]).1) > 0);
    for (text, word) in [
        ("policies:\n  NEPH-NOPE-1: {enabled: false}\n", "NEPH-NOPE-1"),
        ("policies:\n  NEPH-NETWORK-001: {params: {ports: many}}\n", "ports"),
        ("policies:\n  NEPH-NETWORK-001: {params: {prots: [1]}}\n", "prots"),
        (
            "accepted_gaps:\n  - {reason: nope, owner: a, expiry: 2030-01-01}\n",
            "nope",
        ),
    ] {
        std::fs::write(&file, text).unwrap();
        let run = run(&mut nephoscope(["scan", "demo", "--config", file.to_str().unwrap()]));
        assert_eq!(run.code, 2, "{text}");
        assert!(run.err.contains(word), "{text}: {}", run.err);
    }
}

#[test]
fn a_selection_is_said_in_the_coverage() {
    let (_, all) = report(&[]);
    let (_, some) = report(&["--kind", "network.*"]);
    assert!(some["coverage"]["filtered"].as_u64().unwrap() > 0);
    assert_eq!(some["coverage"]["filters"][0], "--kind network.*");
    assert!(outcomes(&some, "fail") < outcomes(&all, "fail"));
    assert!(
        some["findings"]
            .as_array()
            .unwrap()
            .iter()
            .all(|finding| finding["resource"]["kind"].as_str().unwrap().starts_with("network."))
    );
}

#[test]
fn a_policy_that_is_left_out_needs_no_parameters() {
    let folder = tempfile::tempdir().unwrap();
    let policy = |id: &str, params: &str| {
        format!(
            "# METADATA\n# scope: package\n# title: T\n# description: D\n# schemas:\n#   - input: schema.storage_bucket\n\
             # custom:\n#   id: {id}\n#   severity: high\n#   kinds: [storage.bucket]\n#   remediation: R\n{params}\
             #   controls: {{}}\npackage mine.{}\n\nimport rego.v1\n\n\
             deny contains finding if {{\n\tinput.resource.attributes.versioning.enabled == false\n\
             \tfinding := {{\"path\": \"\", \"message\": \"m\"}}\n}}\n",
            id.to_lowercase().replace('-', "_"),
        )
    };
    let params = "#   params:\n#     days: {type: number, description: How many days}\n";
    std::fs::write(folder.path().join("a.rego"), policy("MINE-1", params)).unwrap();
    std::fs::write(folder.path().join("b.rego"), policy("MINE-2", "")).unwrap();
    let scan = |arguments: &[&str]| {
        let mut command = nephoscope([
            "scan",
            "demo",
            "--as-of",
            "2026-12-01T00:00:00Z",
            "-f",
            "json",
            "--policy",
        ]);
        run(command.arg(folder.path()).args(arguments))
    };
    let refused = scan(&[]);
    assert_eq!(refused.code, 2, "{}", refused.err);
    assert!(
        refused
            .err
            .contains("a.rego: parameter `days` of `MINE-1` has no default and no value")
            && refused.err.contains("How many days"),
        "{}",
        refused.err
    );
    for arguments in [["--exclude-policy", "MINE-1"], ["--policy-id", "MINE-2"]] {
        let run = scan(&arguments);
        assert!(run.code < 2, "{}", run.err);
        let report: Value = serde_json::from_str(&run.out).unwrap();
        assert_eq!(report["policies"][0]["id"], "MINE-2");
    }
}
