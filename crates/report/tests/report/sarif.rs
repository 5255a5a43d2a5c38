//! SARIF: the schema, our own checker, runs, fingerprints, limits.

use nephoscope_model::{Outcome, Provider, Severity};
use nephoscope_report::{Format, Options, ReportError, SarifProfile, lint_sarif, sarif_by_account, write};
use serde_json::Value;

use crate::support::{empty, finding, named, policy, render, resource, rich, sarif_schema, skip, tally};

fn full() -> Options {
    Options {
        sarif_profile: SarifProfile::Full,
        ..Options::default()
    }
}

fn parse(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

fn schema_problems(text: &str) -> Vec<String> {
    let Some(schema) = sarif_schema() else {
        skip("the schema in the source of serde-sarif was not found");
        return vec![];
    };
    jsonschema::validator_for(&schema)
        .unwrap()
        .iter_errors(&parse(text))
        .map(|error| format!("{error} at {}", error.instance_path()))
        .collect()
}

fn results(document: &Value) -> Vec<&Value> {
    let runs = document["runs"].as_array().unwrap();
    runs.iter().flat_map(|run| run["results"].as_array().unwrap()).collect()
}

#[test]
fn it_is_valid_and_code_scanning_takes_it() {
    for assessment in [
        rich(),
        empty(),
        named(crate::support::HOSTILE, "a b.json"),
        named("", ""),
    ] {
        let text = render(Format::Sarif, &assessment, &Options::default());
        assert_eq!(lint_sarif(text.as_bytes()), vec![]);
        assert_eq!(schema_problems(&text), Vec::<String>::new());
        let text = render(Format::Sarif, &assessment, &full());
        assert_eq!(schema_problems(&text), Vec::<String>::new());
    }
}

#[test]
fn the_schema_of_the_standard_is_really_asked() {
    let broken = r#"{"version": "2.1.0", "runs": [{"tool": {}}]}"#;
    if sarif_schema().is_some() {
        assert!(!schema_problems(broken).is_empty());
    }
}

#[test]
fn an_odd_policy_makes_a_valid_rule() {
    let mut rule = policy("NEPH-STORAGE-001", Severity::Info, &"title ".repeat(1_000));
    rule.description.clear();
    rule.remediation.clear();
    rule.package.clear();
    rule.references = vec!["not a link".to_owned(), "https://a b".to_owned()];
    rule.aliases = vec!["OLD".to_owned(), "OLD".to_owned()];
    let controls: Vec<String> = (0..30).map(|number| format!("AC-{}", number / 2)).collect();
    rule.controls.insert("framework with blank".to_owned(), controls);
    let mut assessment = empty();
    let target = resource(Provider::Aws, "1", "AWS::S3::Bucket", "x", "x");
    assessment.findings = vec![finding(&rule, Outcome::Fail, target, "")].into();
    assessment.policies.push(rule);
    for options in [Options::default(), full()] {
        let text = render(Format::Sarif, &assessment, &options);
        assert_eq!(lint_sarif(text.as_bytes()), vec![]);
        assert_eq!(schema_problems(&text), Vec::<String>::new());
        let rule = &parse(&text)["runs"][0]["tool"]["driver"]["rules"][0];
        assert_eq!(rule["relationships"].as_array().unwrap().len(), 18);
        assert_eq!(rule["properties"]["tags"].as_array().unwrap().len(), 10);
        assert!(rule["properties"].get("security-severity").is_none());
        assert!(rule.get("helpUri").is_none());
    }
}

#[test]
fn accepted_findings_are_left_to_the_full_profile() {
    let github = parse(&render(Format::Sarif, &rich(), &Options::default()));
    assert_eq!(results(&github).len(), 4);
    assert!(
        results(&github)
            .iter()
            .all(|result| result.get("suppressions").is_none())
    );
    let all = parse(&render(Format::Sarif, &rich(), &full()));
    let waived: Vec<_> = results(&all)
        .into_iter()
        .filter(|result| result.get("suppressions").is_some())
        .collect();
    assert_eq!(waived.len(), 1);
    assert_eq!(waived[0]["suppressions"][0]["properties"]["expires"], "2027-01-31");
}

#[test]
fn a_fingerprint_is_ours_only_where_a_line_does_not_tell_findings_apart() {
    let document = parse(&render(Format::Sarif, &rich(), &Options::default()));
    for result in results(&document) {
        let uri = result
            .pointer("/locations/0/physicalLocation/artifactLocation/uri")
            .unwrap()
            .as_str()
            .unwrap();
        let line = result
            .pointer("/locations/0/physicalLocation/region/startLine")
            .unwrap()
            .as_i64()
            .unwrap();
        let own = result.get("partialFingerprints");
        if uri.starts_with("cloud/") || line == 1 {
            let print = own.unwrap()["primaryLocationLineHash"].as_str().unwrap();
            let id = result["fingerprints"]["nephoscope/finding/v1"].as_str().unwrap();
            assert_eq!(print, format!("{}:1", id.chars().take(16).collect::<String>()));
        } else {
            assert!(own.is_none(), "{result}");
        }
    }
}

#[test]
fn two_findings_on_one_line_stay_two_alerts() {
    let rule = policy("NEPH-STORAGE-001", Severity::High, "Bucket open to the internet");
    let mut assessment = empty();
    let both = ["a", "b"].map(|key| {
        let target = resource(Provider::Aws, "1", "AWS::S3::Bucket", "x", "x");
        finding(&rule, Outcome::Fail, target, key)
    });
    assessment.findings = Vec::from(both).into();
    assessment.policies.push(rule);
    let document = parse(&render(Format::Sarif, &assessment, &Options::default()));
    let prints: Vec<_> = results(&document)
        .iter()
        .map(|result| result["partialFingerprints"]["primaryLocationLineHash"].to_string())
        .collect();
    assert_eq!(prints.len(), 2);
    assert_ne!(prints[0], prints[1]);
}

#[test]
fn a_run_keeps_the_worst_results_and_says_how_many_it_left_out() {
    let low = policy("NEPH-STORAGE-001", Severity::Low, "Low");
    let high = policy("NEPH-STORAGE-002", Severity::High, "High");
    let mut assessment = empty();
    let mut findings = Vec::new();
    for (rule, number) in [(&low, 5_100), (&high, 50)] {
        for number in 0..number {
            let name = format!("bucket-{number}");
            let target = resource(Provider::Aws, "1", "AWS::S3::Bucket", &name, &name);
            findings.push(finding(rule, Outcome::Fail, target, ""));
        }
    }
    assessment.findings = findings.into();
    assessment.policies = vec![low, high];
    let text = render(Format::Sarif, &assessment, &Options::default());
    let document = parse(&text);
    let kept = results(&document);
    assert_eq!(kept.len(), 5_000);
    assert!(kept[..50].iter().all(|result| result["ruleId"] == "NEPH-STORAGE-002"));
    let notes = document
        .pointer("/runs/0/invocations/0/toolExecutionNotifications")
        .unwrap();
    assert!(notes.to_string().contains("150 results left out"), "{notes}");
    assert_eq!(lint_sarif(text.as_bytes()), vec![]);
    assert_eq!(
        results(&parse(&render(Format::Sarif, &assessment, &full()))).len(),
        5_150
    );
}

#[test]
fn more_accounts_than_a_file_holds_are_split() {
    let mut assessment = empty();
    for number in 0..21 {
        let mut counts = tally(
            "NEPH-STORAGE-001",
            Provider::Aws,
            &format!("{number:012}"),
            "AWS::S3::Bucket",
        );
        counts.pass = 1;
        assessment.tallies.push(counts);
    }
    let options = Options::default();
    let error = write(Format::Sarif, &assessment, &options, &mut Vec::new()).unwrap_err();
    assert!(matches!(error, ReportError::TooManyRuns { runs: 21, .. }));
    assert!(error.to_string().contains("-f sarif=DIR/"), "{error}");
    let mut names = Vec::new();
    sarif_by_account::<ReportError>(&assessment, &options, |file| {
        names.push(file.name.clone());
        let mut bytes = Vec::new();
        file.write(&mut bytes)?;
        assert_eq!(lint_sarif(&bytes), vec![]);
        Ok(())
    })
    .unwrap();
    assert_eq!(names.len(), 21);
    assert_eq!(names[0], "aws-000000000000.sarif");
}

#[test]
fn file_names_are_plain_and_differ() {
    let mut assessment = empty();
    for account in ["a/b", "a:b", "../x", "A", "a", "", &"l".repeat(1_000)] {
        assessment
            .tallies
            .push(tally("NEPH-STORAGE-001", Provider::Gcp, account, "t"));
    }
    let options = Options::default();
    let mut names = Vec::new();
    sarif_by_account::<ReportError>(&assessment, &options, |file| {
        names.push(file.name);
        Ok(())
    })
    .unwrap();
    let folded: std::collections::BTreeSet<String> = names.iter().map(|name| name.to_lowercase()).collect();
    assert_eq!(folded.len(), 7, "{names:?}");
    for name in &names {
        assert!(name.len() < 200 && !name.starts_with('.'), "{name}");
        assert!(
            name.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c)),
            "{name}"
        );
    }
}

#[test]
fn what_was_not_read_stands_in_the_runs_it_concerns() {
    let document = parse(&render(Format::Sarif, &rich(), &Options::default()));
    for run in document["runs"].as_array().unwrap() {
        let invocation = &run["invocations"][0];
        assert_eq!(invocation["executionSuccessful"], false);
        let notes = invocation["toolExecutionNotifications"].to_string();
        // The account that could not be read has no run of its own, the broken file none at all.
        assert!(
            notes.contains("999988887777") && notes.contains("snapshots/azure.json"),
            "{notes}"
        );
        let id = run.pointer("/automationDetails/id").unwrap().as_str().unwrap();
        assert_eq!(notes.contains("API is off"), id == "nephoscope/gcp/shop-prod/");
        assert_eq!(
            notes.contains("guard of the account"),
            id.starts_with("nephoscope/azure/")
        );
    }
}
