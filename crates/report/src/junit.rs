//! JUnit: one suite for each policy and account, one case for each finding.
//!
//! A reader such as GitLab knows a case by `classname` and `name` and drops the second of two that agree, so both are made unique.
//! Nothing here has a time: the same result gives the same bytes.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;

use nephoscope_model::{Assessment, CoverageGap, Finding, Outcome, PolicyId, PolicyInfo, Provider};
use quick_junit::{NonSuccessKind, Property, Report, TestCase, TestCaseStatus, TestSuite};

use crate::format::ReportError;
use crate::options::{JunitFlavor, JunitPass, Options};
use crate::text::{self, MESSAGE, NAME};

type Place<'a> = (Provider, &'a str, &'a PolicyId);

#[derive(Default)]
struct Group<'a> {
    findings: Vec<&'a Finding>,
    counts: BTreeMap<Outcome, u64>,
}

pub(crate) fn write(assessment: &Assessment, options: &Options, out: &mut dyn Write) -> Result<(), ReportError> {
    let policies: BTreeMap<&PolicyId, &PolicyInfo> = assessment.policies.iter().map(|info| (&info.id, info)).collect();
    let mut groups: BTreeMap<Place<'_>, Group<'_>> = BTreeMap::new();
    for finding in &assessment.findings {
        let place = (
            finding.resource.provider,
            finding.resource.account.as_str(),
            &finding.policy,
        );
        groups.entry(place).or_default().findings.push(finding);
    }
    for tally in &assessment.tallies {
        let group = groups
            .entry((tally.provider, &tally.account, &tally.policy))
            .or_default();
        for outcome in Outcome::ALL {
            *group.counts.entry(outcome).or_default() += tally.count(outcome);
        }
    }

    let mut report = Report::new("nephoscope");
    for (place, group) in &groups {
        let suite = policy_suite(*place, group, policies.get(place.2).copied(), options);
        if suite.tests > 0 {
            report.add_test_suite(suite);
        }
    }
    let coverage = coverage_suite(assessment, options);
    if coverage.tests > 0 {
        report.add_test_suite(coverage);
    }

    match options.junit_flavor {
        JunitFlavor::Rich => report.serialize(&mut *out)?,
        JunitFlavor::Strict => out.write_all(strict(&report.to_string()?).as_bytes())?,
    }
    Ok(())
}

/// Takes out the one attribute that the writer always gives and `junit-10.xsd` does not allow: `testsuites@skipped`.
fn strict(xml: &str) -> String {
    let Some((head, rest)) = xml.split_once(" skipped=\"") else {
        return xml.to_owned();
    };
    // INVARIANT: the first `skipped` is the root's: the declaration has none and the root's name is ours.
    let rest = rest.split_once('"').map_or("", |(_, rest)| rest);
    format!("{head}{rest}")
}

fn policy_suite(
    (provider, account, policy): Place<'_>,
    group: &Group<'_>,
    info: Option<&PolicyInfo>,
    options: &Options,
) -> TestSuite {
    let account = if account.is_empty() {
        "-".to_owned()
    } else {
        text::line(account, NAME)
    };
    let policy = text::line(&policy.0, NAME);
    let mut suite = TestSuite::new(format!("{provider}/{account}/{policy}"));
    let class = format!("{provider}.{account}.{policy}");
    if let Some(info) = info {
        suite.add_property(Property::new("title", text::line(&info.title, MESSAGE)));
        suite.add_property(Property::new("severity", info.severity.as_str()));
    }
    for outcome in Outcome::ALL {
        if let Some(count) = group.counts.get(&outcome)
            && *count > 0
        {
            suite.add_property(Property::new(outcome.as_str(), count.to_string()));
        }
    }

    let mut names = Names::default();
    let mut passes_listed = 0;
    for finding in &group.findings {
        let status = match finding.outcome {
            Outcome::Pass if options.junit_pass == JunitPass::All => {
                passes_listed += 1;
                TestCaseStatus::success()
            }
            Outcome::Pass | Outcome::NotApplicable => continue,
            _ => status(finding, info, options),
        };
        let mut case = TestCase::new(names.take(&case_name(finding), finding), status);
        case.set_classname(class.as_str());
        if options.junit_flavor == JunitFlavor::Rich {
            enrich(&mut case, finding);
        }
        suite.add_test_case(case);
    }
    let passes = group.counts.get(&Outcome::Pass).copied().unwrap_or(0);
    if options.junit_pass != JunitPass::None && passes > passes_listed {
        // The count is a property of the suite and not part of the name, so that the case stays the same case.
        let mut case = TestCase::new("resources without fault", TestCaseStatus::success());
        case.set_classname(class.as_str());
        suite.add_test_case(case);
    }
    suite
}

fn status(finding: &Finding, info: Option<&PolicyInfo>, options: &Options) -> TestCaseStatus {
    let message = text::line(&finding.message, MESSAGE);
    let (mut status, kind, message) = match finding.outcome {
        Outcome::Fail => (
            TestCaseStatus::non_success(NonSuccessKind::Failure),
            finding.severity.as_str(),
            message,
        ),
        Outcome::Unknown => {
            let missing = missing(finding);
            let message = if missing.is_empty() {
                message
            } else {
                format!("unknown: {missing}")
            };
            let status = if options.unknown_fails {
                TestCaseStatus::non_success(NonSuccessKind::Error)
            } else {
                TestCaseStatus::skipped()
            };
            (status, "unknown", message)
        }
        Outcome::Waived => {
            let terms = finding.waiver.as_ref().map_or_else(
                || message.clone(),
                |waiver| {
                    format!(
                        "accepted until {} by {} ({}): {}",
                        waiver.expires,
                        text::line(&waiver.owner, NAME),
                        text::line(&waiver.id, NAME),
                        text::line(&waiver.reason, MESSAGE)
                    )
                },
            );
            (TestCaseStatus::skipped(), "waived", terms)
        }
        Outcome::Error | Outcome::Pass | Outcome::NotApplicable => (
            TestCaseStatus::non_success(NonSuccessKind::Error),
            "evaluation-error",
            message,
        ),
    };
    status.set_message(message).set_type(kind);
    if !matches!(status, TestCaseStatus::Skipped { .. }) {
        status.set_description(body(finding, info));
    }
    status
}

fn missing(finding: &Finding) -> String {
    let mut reasons: Vec<String> = Vec::new();
    for unknown in finding.unknown.iter().take(5) {
        reasons.push(format!(
            "{} {}",
            text::line(&unknown.path, NAME),
            text::line(&unknown.gap.to_string(), NAME)
        ));
    }
    if finding.unknown.len() > 5 {
        reasons.push(format!("and {} more", finding.unknown.len() - 5));
    }
    reasons.join(", ")
}

fn body(finding: &Finding, info: Option<&PolicyInfo>) -> String {
    let resource = &finding.resource;
    let mut lines = vec![String::new(), text::line(&finding.message, MESSAGE)];
    let mut row = |name: &str, value: &str| {
        if !value.is_empty() {
            lines.push(format!("{name}: {}", text::line(value, MESSAGE)));
        }
    };
    row("resource", &resource.id);
    row("region", &resource.region);
    row("path", &finding.path);
    row("found in", &text::place(&finding.location));
    row("unknown", &missing(finding));
    if let Some(info) = info {
        row("policy", &info.title);
        row("remediation", &info.remediation);
    }
    row("finding", &finding.id.0);
    lines.push(String::new());
    lines.join("\n")
}

fn case_name(finding: &Finding) -> String {
    let resource = &finding.resource;
    let mut name = resource.native_type.clone();
    for part in [&resource.name, &resource.id, &finding.key] {
        if !part.is_empty() && (part == &finding.key || !name.ends_with(part.as_str())) {
            name.push(' ');
            name.push_str(part);
        }
    }
    name
}

/// The names given so far in one suite.
#[derive(Default)]
struct Names(BTreeSet<String>);

impl Names {
    /// Returns `name` in a readable length that no other case of the suite has.
    fn take(&mut self, name: &str, finding: &Finding) -> String {
        let shown = text::visible(name);
        let mut unique = text::cut(&shown, 2 * NAME).into_owned();
        if unique.len() < shown.len() {
            // What was cut may be what told two cases apart; the id does, and it is the same in the next scan.
            unique = format!("{unique} ({})", finding.id);
        }
        let plain = unique.clone();
        let mut number = 1;
        while !self.0.insert(unique.clone()) {
            number += 1;
            unique = format!("{plain} #{number}");
        }
        unique
    }
}

fn enrich(case: &mut TestCase, finding: &Finding) {
    let location = &finding.location;
    case.extra
        .insert("file".into(), text::line(&location.origin.file, NAME).into());
    if let Some(line) = location.line {
        case.extra.insert("line".into(), line.to_string().into());
    }
    for (name, value) in [
        ("finding", finding.id.0.as_str()),
        ("outcome", finding.outcome.as_str()),
        ("severity", finding.severity.as_str()),
        ("resource", &finding.resource.id),
        ("region", &finding.resource.region),
    ] {
        case.add_property(Property::new(name, text::line(value, NAME)));
    }
}

/// What was not seen: an incomplete scan fails here, so that no pipeline takes it for green.
fn coverage_suite(assessment: &Assessment, options: &Options) -> TestSuite {
    let mut suite = TestSuite::new("nephoscope/coverage");
    let mut add = |name: &str, status: TestCaseStatus| {
        let mut case = TestCase::new(name, status);
        case.set_classname("nephoscope.coverage");
        suite.add_test_case(case);
    };
    if !assessment.complete {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
        let reasons: Vec<String> = assessment
            .incomplete_because
            .iter()
            .map(|reason| text::line(reason, MESSAGE))
            .collect();
        status.set_message("the scan is incomplete").set_type("incomplete");
        if !reasons.is_empty() {
            status.set_description(format!("\n{}\n", reasons.join("\n")));
        }
        add("the scan is complete", status);
    } else if options.junit_pass != JunitPass::None {
        add("the scan is complete", TestCaseStatus::success());
    }
    let mut seen = BTreeSet::new();
    for gap in assessment.coverage.gaps.iter().filter(|gap| gap.incomplete) {
        let mut name = gap_name(gap);
        let plain = name.clone();
        let mut number = 1;
        while !seen.insert(name.clone()) {
            number += 1;
            name = format!("{plain} #{number}");
        }
        let message = text::line(&gap.message, MESSAGE);
        let mut status = match &gap.accepted_by {
            Some(owner) => {
                let mut status = TestCaseStatus::skipped();
                status.set_message(format!("accepted by {}: {message}", text::line(owner, NAME)));
                status
            }
            None => {
                let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
                status.set_message(message);
                status
            }
        };
        status.set_type(gap.gap.reason.as_str());
        add(&name, status);
    }
    suite
}

fn gap_name(gap: &CoverageGap) -> String {
    let scope = &gap.scope;
    let provider = scope.provider.map(|provider| provider.as_str().to_owned());
    let mut name = gap.gap.reason.to_string();
    for part in [
        &provider,
        &scope.account,
        &scope.region,
        &scope.native_type,
        &scope.resource,
        &scope.input,
    ]
    .into_iter()
    .flatten()
    {
        name.push(' ');
        name.push_str(part);
    }
    if let Some(line) = gap.line {
        name.push_str(&format!(":{line}"));
    }
    text::line(&name, 2 * NAME)
}
