//! The human report: width, color, cut lists.

use nephoscope_model::{Outcome, Provider, Severity};
use nephoscope_report::{Format, Options};

use crate::support::{empty, finding, policy, render, resource, rich};

#[test]
fn color_is_written_only_when_asked_for() {
    let plain = render(Format::Human, &rich(), &Options::default());
    let colored = render(
        Format::Human,
        &rich(),
        &Options {
            color: true,
            ..Options::default()
        },
    );
    assert!(!plain.contains('\u{1b}'));
    assert!(colored.contains("\u{1b}["));
    let mut stripped = String::new();
    let mut parts = colored.split("\u{1b}[");
    stripped.push_str(parts.next().unwrap());
    for part in parts {
        stripped.push_str(part.split_once('m').unwrap().1);
    }
    assert_eq!(stripped, plain);
}

#[test]
fn long_lists_are_cut_unless_all_is_asked_for() {
    let rule = policy("NEPH-STORAGE-001", Severity::High, "Bucket open to the internet");
    let mut assessment = empty();
    let mut findings = Vec::new();
    for number in 0..25 {
        let name = format!("bucket-{number:02}");
        let target = resource(Provider::Aws, "1", "AWS::S3::Bucket", &name, &name);
        findings.push(finding(&rule, Outcome::Fail, target, ""));
    }
    assessment.findings = findings.into();
    assessment.policies.push(rule);
    let short = render(Format::Human, &assessment, &Options::default());
    assert!(short.contains("… and 15 more; -v lists all"), "{short}");
    assert!(!short.contains("bucket-24"));
    let long = render(
        Format::Human,
        &assessment,
        &Options {
            verbosity: 1,
            ..Options::default()
        },
    );
    assert!(long.contains("bucket-24") && !long.contains("more;"), "{long}");
}

#[test]
fn findings_are_worst_first() {
    let text = render(Format::Human, &rich(), &Options::default());
    let critical = text.find("critical[").unwrap();
    let medium = text.find("medium[").unwrap();
    assert!(critical < medium);
}
