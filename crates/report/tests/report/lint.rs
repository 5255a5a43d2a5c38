//! The checker of SARIF files: each rule on a file that breaks it, and silence on one that does not.

use nephoscope_report::{LintLevel, LintProblem, lint_sarif};
use serde_json::{Value, json};

fn good() -> Value {
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {"name": "some-tool", "rules": [{
                "id": "R1",
                "name": "Rule",
                "shortDescription": {"text": "Short."},
                "fullDescription": {"text": "Full."},
                "help": {"text": "Help."},
                "properties": {"tags": ["security"], "security-severity": "8.0"},
            }]}},
            "results": [{
                "ruleId": "R1",
                "ruleIndex": 0,
                "message": {"text": "Message."},
                "locations": [{"physicalLocation": {
                    "artifactLocation": {"uri": "src/main.tf"},
                    "region": {"startLine": 1, "startColumn": 1, "endLine": 1, "endColumn": 2},
                }}],
                "partialFingerprints": {"primaryLocationLineHash": "abc:1"},
            }],
        }],
    })
}

fn lint(document: &Value) -> Vec<LintProblem> {
    lint_sarif(document.to_string().as_bytes())
}

#[test]
fn a_good_file_is_clean() {
    assert_eq!(lint(&good()), vec![]);
}

#[test]
fn each_fault_is_found_at_its_place() {
    use LintLevel::{Error, Warning};
    let rule = "/runs/0/tool/driver/rules/0";
    let result = "/runs/0/results/0";
    let artifact = "/runs/0/results/0/locations/0/physicalLocation/artifactLocation";
    let region = "/runs/0/results/0/locations/0/physicalLocation/region";
    let long = "x".repeat(1_025);
    let tags = |number: usize| json!((0..number).map(|tag| tag.to_string()).collect::<Vec<_>>());
    for (place, value, expected, level) in [
        ("/version", json!("2.0.0"), "version", Error),
        ("/$schema", Value::Null, "missing-member", Error),
        ("/runs", json!({}), "wrong-type", Error),
        ("/runs", json!([]), "no-runs", Warning),
        ("/runs/0/tool/driver/name", json!(" "), "empty-text", Error),
        (&format!("{rule}/help"), Value::Null, "missing-member", Error),
        (
            &format!("{rule}/shortDescription/text"),
            json!(long),
            "text-too-long",
            Error,
        ),
        (&format!("{rule}/fullDescription/text"), json!(""), "empty-text", Error),
        (&format!("{rule}/name"), json!("n".repeat(256)), "text-too-long", Error),
        (&format!("{rule}/properties/tags"), tags(11), "too-many-tags", Warning),
        (&format!("{rule}/properties/tags"), tags(21), "too-many-tags", Error),
        (
            &format!("{rule}/properties/security-severity"),
            json!("high"),
            "security-severity",
            Error,
        ),
        (
            &format!("{rule}/properties/security-severity"),
            json!(8.0),
            "security-severity",
            Error,
        ),
        (
            &format!("{rule}/properties/security-severity"),
            json!("11"),
            "security-severity",
            Warning,
        ),
        (&format!("{result}/message/text"), json!(7), "wrong-type", Error),
        (&format!("{result}/ruleId"), json!("R2"), "unknown-rule", Warning),
        (&format!("{result}/ruleIndex"), json!(3), "rule-index", Error),
        (&format!("{result}/locations"), json!([]), "no-location", Error),
        (
            &format!("{result}/locations/0"),
            json!({"logicalLocations": [{"name": "x"}]}),
            "no-physical-location",
            Error,
        ),
        (&format!("{artifact}/uri"), json!("arn:aws:s3:::b"), "uri-scheme", Error),
        (&format!("{artifact}/uri"), json!("a b"), "uri-invalid", Error),
        (&format!("{artifact}/uri"), json!("/abs"), "uri-absolute", Error),
        (&format!("{artifact}/uri"), json!("../up"), "uri-parent", Error),
        (&format!("{artifact}/uri"), json!(""), "empty-text", Error),
        (&format!("{artifact}/uriBaseId"), json!("ROOT"), "uri-base-id", Warning),
        (&format!("{region}/startLine"), json!(0), "region", Error),
        (&format!("{region}/endColumn"), Value::Null, "region", Error),
        (region, Value::Null, "region", Error),
        (
            &format!("{result}/partialFingerprints"),
            json!({"mine/v1": "x"}),
            "fingerprint-ignored",
            Warning,
        ),
        (
            &format!("{result}/suppressions"),
            json!([{"kind": "external"}]),
            "suppressions-ignored",
            Warning,
        ),
        (&format!("{result}/kind"), json!("pass"), "kind-ignored", Warning),
        ("/runs/0/originalUriBaseIds", json!({}), "uri-base-id", Warning),
    ] {
        let mut document = good();
        let (parent, name) = place.rsplit_once('/').unwrap();
        let parent = document.pointer_mut(parent).unwrap();
        match parent {
            Value::Array(list) => list[name.parse::<usize>().unwrap()] = value.clone(),
            other => other[name] = value.clone(),
        }
        let found = lint(&document);
        assert!(
            found
                .iter()
                .any(|problem| problem.rule == expected && problem.level == level),
            "{place} = {value}: {found:?}"
        );
        assert!(
            found.iter().all(|problem| document.pointer(&problem.pointer).is_some()),
            "{found:?}"
        );
    }
}

#[test]
fn removed_members_are_missed() {
    for (place, expected) in [
        ("/runs", "missing-member"),
        ("/runs/0/results", "missing-member"),
        ("/runs/0/tool/driver/rules", "missing-member"),
        ("/runs/0/results/0/ruleId", "missing-member"),
        ("/runs/0/results/0/message/text", "missing-member"),
        ("/runs/0/results/0/locations/0/physicalLocation/region", "no-region"),
        (
            "/runs/0/results/0/locations/0/physicalLocation/artifactLocation/uri",
            "missing-member",
        ),
    ] {
        let mut document = good();
        let (parent, name) = place.rsplit_once('/').unwrap();
        document
            .pointer_mut(parent)
            .unwrap()
            .as_object_mut()
            .unwrap()
            .remove(name);
        if name == "ruleId" {
            document
                .pointer_mut(parent)
                .unwrap()
                .as_object_mut()
                .unwrap()
                .remove("ruleIndex");
        }
        let found = lint(&document);
        assert!(
            found.iter().any(|problem| problem.rule == expected),
            "{place}: {found:?}"
        );
    }
}

#[test]
fn limits_count() {
    let mut document = good();
    let run = document["runs"][0].clone();
    document["runs"] = (0..21)
        .map(|number| {
            let mut run = run.clone();
            run["automationDetails"] = json!({"id": format!("c{number}/")});
            run
        })
        .collect();
    let found = lint(&document);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].rule, "too-many-runs");

    let mut document = good();
    let result = document["runs"][0]["results"][0].clone();
    for (number, level) in [(5_001, LintLevel::Warning), (25_001, LintLevel::Error)] {
        document["runs"][0]["results"] = vec![result.clone(); number].into();
        let found = lint(&document);
        assert_eq!(
            (found.len(), found[0].rule, found[0].level),
            (1, "too-many-results", level)
        );
    }
    let mut document = good();
    let location = document["runs"][0]["results"][0]["locations"][0].clone();
    document["runs"][0]["results"][0]["locations"] = vec![location; 101].into();
    assert_eq!(lint(&document)[0].rule, "too-many-locations");
}

#[test]
fn two_runs_of_one_category_are_refused() {
    let mut document = good();
    let run = document["runs"][0].clone();
    document["runs"] = json!([run, run]);
    assert_eq!(lint(&document)[0].rule, "duplicate-category");
    document["runs"][0]["automationDetails"] = json!({"id": "same/1"});
    document["runs"][1]["automationDetails"] = json!({"id": "same/2"});
    assert_eq!(lint(&document)[0].rule, "duplicate-category");
    document["runs"][1]["automationDetails"] = json!({"id": "other/2"});
    assert_eq!(lint(&document), vec![]);
}

#[test]
fn a_file_that_packs_badly_is_too_large() {
    // Digits of a multiplicative generator: nothing repeats, so gzip gains little.
    let mut state = 1_u64;
    let noise: String = (0..24_000_000)
        .map(|_| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            char::from(b'0' + (state >> 58) as u8)
        })
        .collect();
    let mut document = good();
    document["runs"][0]["properties"] = json!({"noise": noise});
    let found = lint(&document);
    assert_eq!(
        (found[0].rule, found[0].level),
        ("file-size", LintLevel::Error),
        "{}",
        found[0].message
    );
}

#[test]
fn no_bytes_make_it_fall() {
    for bytes in [
        &b""[..],
        b"\xff\xfe",
        b"[]",
        b"null",
        b"{",
        b"{\"runs\": [null, 1, {\"results\": [null, [], 3]}]}",
    ] {
        let found = lint_sarif(bytes);
        assert!(
            found.iter().any(|problem| problem.level == LintLevel::Error),
            "{found:?}"
        );
    }
    let mut marked = b"\xef\xbb\xbf".to_vec();
    marked.extend(good().to_string().as_bytes());
    let found = lint_sarif(&marked);
    assert_eq!((found.len(), found[0].rule), (1, "byte-order-mark"));
}
