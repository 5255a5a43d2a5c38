//! JUnit: counts, unique names, and the schema of the Jenkins xUnit plugin.

use std::collections::BTreeSet;
use std::io::Write;
use std::process::{Command, Stdio};

use nephoscope_model::{Outcome, Provider, Severity};
use nephoscope_report::{Format, JunitFlavor, JunitPass, Options};
use quick_junit::{NonSuccessKind, Report, TestCaseStatus};

use crate::support::{empty, finding, named, policy, render, resource, rich, skip, tally};

fn read(text: &str) -> Report {
    Report::deserialize_from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

fn rich_flavor() -> Options {
    Options {
        junit_flavor: JunitFlavor::Rich,
        ..Options::default()
    }
}

#[test]
fn each_outcome_has_its_status() {
    let report = read(&render(Format::Junit, &rich(), &rich_flavor()));
    assert_eq!((report.failures, report.errors, report.skipped), (4, 4, 3));
    let suite = report
        .test_suites
        .iter()
        .find(|suite| suite.name.as_str() == "nephoscope/coverage")
        .unwrap();
    assert_eq!((suite.tests, suite.errors, suite.skipped), (4, 3, 1));

    let strict = Options {
        unknown_fails: true,
        ..rich_flavor()
    };
    let report = read(&render(Format::Junit, &rich(), &strict));
    assert_eq!((report.failures, report.errors, report.skipped), (4, 5, 2));
}

#[test]
fn an_incomplete_scan_without_findings_is_not_green() {
    let mut partial = empty();
    partial.complete = false;
    for pass in JunitPass::ALL {
        let options = Options {
            junit_pass: *pass,
            ..rich_flavor()
        };
        assert_eq!(read(&render(Format::Junit, &partial, &options)).errors, 1);
        assert_eq!(read(&render(Format::Junit, &empty(), &options)).errors, 0);
    }
}

#[test]
fn names_are_unique_in_a_file() {
    let rule = policy("NEPH-STORAGE-001", Severity::High, "Bucket open to the internet");
    let mut assessment = empty();
    let long = "n".repeat(10_000);
    let mut findings = Vec::new();
    for key in ["", "a", "a", &format!("{long}1{long}"), &format!("{long}2{long}")] {
        let target = resource(Provider::Aws, "1", "AWS::S3::Bucket", &long, "same");
        findings.push(finding(&rule, Outcome::Fail, target, key));
    }
    assessment.findings = findings.into();
    let report = read(&render(Format::Junit, &assessment, &rich_flavor()));
    let mut seen = BTreeSet::new();
    for case in &report.test_suites[0].test_cases {
        assert!(case.name.chars().count() < 500, "{}", case.name.as_str());
        let identity = (case.classname.clone().unwrap().to_string(), case.name.to_string());
        assert!(seen.insert(identity), "{}", case.name.as_str());
    }
    assert_eq!(seen.len(), 5);
}

#[test]
fn passes_are_written_as_asked() {
    let mut assessment = empty();
    let mut counts = tally("NEPH-STORAGE-001", Provider::Aws, "1", "AWS::S3::Bucket");
    counts.pass = 3;
    assessment.tallies.push(counts);
    let rule = policy("NEPH-STORAGE-001", Severity::High, "Bucket open to the internet");
    let passing = ["a", "b"].map(|name| {
        let target = resource(Provider::Aws, "1", "AWS::S3::Bucket", name, name);
        finding(&rule, Outcome::Pass, target, "")
    });
    assessment.findings = Vec::from(passing).into();
    for (pass, cases) in [(JunitPass::All, 3), (JunitPass::Summary, 1), (JunitPass::None, 0)] {
        let options = Options {
            junit_pass: pass,
            ..rich_flavor()
        };
        let report = read(&render(Format::Junit, &assessment, &options));
        let found: usize = report
            .test_suites
            .iter()
            .filter(|suite| suite.name.as_str() != "nephoscope/coverage")
            .map(|suite| suite.test_cases.len())
            .sum();
        assert_eq!(found, cases, "{pass}");
    }
}

#[test]
fn a_failure_says_what_where_and_what_to_do() {
    let report = read(&render(Format::Junit, &rich(), &rich_flavor()));
    let case = &report.test_suites[0].test_cases[0];
    let TestCaseStatus::NonSuccess {
        kind: NonSuccessKind::Failure,
        message,
        ty,
        description,
        ..
    } = &case.status
    else {
        panic!("{case:?}")
    };
    assert_eq!(message.as_ref().unwrap().as_str(), "everyone may read");
    assert_eq!(ty.as_ref().unwrap().as_str(), "critical");
    let body = description.as_ref().unwrap().as_str();
    for part in [
        "arn:aws:s3:::shop-logs",
        "snapshots/config.json:12:16",
        "remediation: Turn on",
    ] {
        assert!(body.contains(part), "{part}: {body}");
    }
}

#[test]
fn the_strict_flavor_is_valid_for_jenkins() {
    let Some(schema) = std::env::var_os("NEPHOSCOPE_JUNIT_XSD") else {
        return skip("NEPHOSCOPE_JUNIT_XSD does not name junit-10.xsd");
    };
    let all = Options {
        junit_pass: JunitPass::All,
        unknown_fails: true,
        ..Options::default()
    };
    let hostile = named(crate::support::HOSTILE, "-");
    for (assessment, options) in [
        (rich(), Options::default()),
        (rich(), all),
        (empty(), Options::default()),
        (hostile, Options::default()),
    ] {
        let text = render(Format::Junit, &assessment, &options);
        let child = Command::new("xmllint")
            .args(["--noout", "--nonet", "--schema"])
            .arg(&schema)
            .arg("-")
            .stdin(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn();
        let Ok(mut child) = child else {
            return skip("xmllint is not installed");
        };
        child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
}
