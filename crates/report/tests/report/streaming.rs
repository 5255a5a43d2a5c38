//! Findings that are not in memory: the same bytes, no more than a few alive, and no report where one cannot be read.

use std::io::{self, Write};
use std::sync::Arc;

use nephoscope_model::{
    Assessment, BaselineState, Finding, FindingId, Gap, Outcome, PolicyInfo, Provider, Reason, ResourceSummary,
    Severity, Unknown, WaiverNote,
};
use nephoscope_report::{Format, JunitFlavor, JunitPass, Options, ReportError, SarifProfile, sarif_by_account, write};

use crate::store::{Fails, copied, generated, restored};
use crate::support::{HOSTILE, empty, finding, named, policy, render, resource, rich, tally};

const POLICIES: u32 = 3;

/// Every way to write findings that goes through them otherwise.
fn ways() -> Vec<(Format, Options)> {
    let plain = Options::default();
    let quiet = Options {
        verbosity: -1,
        ..plain.clone()
    };
    let all = Options {
        verbosity: 1,
        unknown_fails: true,
        junit_pass: JunitPass::All,
        junit_flavor: JunitFlavor::Rich,
        sarif_profile: SarifProfile::Full,
        ..plain.clone()
    };
    vec![
        (Format::Human, quiet),
        (Format::Human, plain.clone()),
        (Format::Human, all.clone()),
        (Format::Json, plain.clone()),
        (Format::Ndjson, plain.clone()),
        (Format::Junit, plain.clone()),
        (Format::Junit, all.clone()),
        (Format::Sarif, plain),
        (Format::Sarif, all),
    ]
}

/// Returns whether nothing is cut.
fn writes_all(format: Format, options: &Options) -> bool {
    match format {
        Format::Human => options.verbosity > 0,
        Format::Json | Format::Ndjson | Format::Junit => true,
        Format::Sarif => options.sarif_profile == SarifProfile::Full,
    }
}

fn rules() -> Vec<PolicyInfo> {
    let severities = [Severity::Low, Severity::Critical, Severity::Medium];
    let rules = severities.into_iter().zip(1..);
    rules
        .map(|(severity, number)| policy(&format!("NEPH-STORAGE-{number:03}"), severity, "A rule"))
        .collect()
}

/// Returns an assessment of three accounts with `number` findings of every outcome.
fn large(number: u32, fails: Fails) -> Assessment {
    let mut assessment = empty();
    assessment.policies = rules();
    for rule in &assessment.policies {
        for account in ["0", "1", "2"] {
            let mut counts = tally(&rule.id.0, Provider::Aws, account, "AWS::S3::Bucket");
            (counts.fail, counts.unknown, counts.error, counts.waived) = (9, 1, 1, 1);
            counts.pass = u64::from(number);
            assessment.tallies.push(counts);
        }
    }
    let patterns: Vec<Finding> = rules()
        .iter()
        .map(|rule| {
            let target = resource(Provider::Aws, "", "AWS::S3::Bucket", "", "");
            finding(rule, Outcome::Fail, target, "")
        })
        .collect();
    assessment.findings = generated(number, fails, move |index| {
        one(&patterns[(index * POLICIES / number) as usize], index)
    });
    assessment
}

fn one(pattern: &Finding, index: u32) -> Finding {
    let name = format!("bucket-{index:07}");
    let mut finding = Finding {
        id: FindingId(format!("{index:032x}")),
        resource: Arc::new(ResourceSummary {
            id: format!("arn:aws:s3:::{name}"),
            name,
            account: (index % 3).to_string(),
            ..pattern.resource.as_ref().clone()
        }),
        ..pattern.clone()
    };
    // Two findings for each line.
    finding.location.line = Some(2 + index / 2);
    match index % 20 {
        0 => finding.outcome = Outcome::Error,
        1 => finding.outcome = Outcome::Pass,
        2 | 3 => {
            finding.outcome = Outcome::Unknown;
            finding.unknown = vec![Unknown {
                path: "/related/account".to_owned(),
                gap: Gap::with(Reason::NotRead, "guard of the account"),
            }];
        }
        4 => {
            finding.outcome = Outcome::Waived;
            finding.waiver = Some(WaiverNote {
                id: format!("W-{}", index % 7),
                owner: "web-team".to_owned(),
                reason: "a public site".to_owned(),
                expires: "2027-01-31".parse().unwrap(),
            });
        }
        5 => finding.severity = Severity::High,
        6 => finding.baseline = Some(BaselineState::New),
        _ => {}
    }
    finding
}

/// Takes bytes and keeps only their number.
#[derive(Default)]
struct Sink(u64);

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn files(assessment: &Assessment, options: &Options) -> Result<Vec<(String, Vec<u8>)>, ReportError> {
    let mut files = Vec::new();
    sarif_by_account::<ReportError>(assessment, options, |file| {
        let name = file.name.clone();
        let mut bytes = Vec::new();
        file.write(&mut bytes)?;
        files.push((name, bytes));
        Ok(())
    })?;
    Ok(files)
}

fn is_the_disk(error: &ReportError) -> bool {
    matches!(error, ReportError::Io(error) if error.to_string() == "the disk is gone")
}

/// Writes findings of which the store asserts that no more than a few are alive.
fn write_away(number: u32, written: bool) {
    let assessment = large(number, Fails::Never);
    for (format, options) in ways() {
        if writes_all(format, &options) == written {
            let mut sink = Sink::default();
            write(format, &assessment, &options, &mut sink).unwrap();
            assert_eq!(sink.0 > 200 * u64::from(number), written, "{format}: {} bytes", sink.0);
        }
    }
}

#[test]
fn a_format_that_writes_every_finding_keeps_none() {
    write_away(8_000, true);
}

#[test]
fn a_format_that_writes_some_findings_keeps_no_others() {
    // In a debug build writing takes most of the time, so there are many more where few are written.
    write_away(200_000, false);
}

#[test]
fn files_by_account_keep_no_findings() {
    let assessment = large(10_000, Fails::Never);
    let mut accounts = 0;
    sarif_by_account::<ReportError>(&assessment, &Options::default(), |file| {
        accounts += 1;
        file.write(&mut Sink::default())
    })
    .unwrap();
    assert_eq!(accounts, 3);
}

#[test]
fn the_bytes_do_not_depend_on_the_store() {
    for assessment in [rich(), named(HOSTILE, "-"), empty(), large(1_000, Fails::Never)] {
        let in_memory = Assessment {
            findings: copied(&assessment.findings).into(),
            ..assessment.clone()
        };
        let made_anew = Assessment {
            findings: restored(&assessment.findings, Fails::Never),
            ..assessment
        };
        for (format, options) in ways() {
            let same = render(format, &in_memory, &options) == render(format, &made_anew, &options);
            assert!(same, "{format} {options:?}");
            if format == Format::Sarif {
                let kept = files(&in_memory, &options).unwrap();
                assert!(kept == files(&made_anew, &options).unwrap(), "{options:?}");
            }
        }
    }
}

#[test]
fn a_finding_that_cannot_be_read_is_an_error_in_every_format() {
    for number in [0, 1, 7, 29] {
        let assessment = large(30, Fails::After(number));
        for (format, options) in ways() {
            let error = write(format, &assessment, &options, &mut Sink::default()).unwrap_err();
            assert!(is_the_disk(&error), "{format}: {error}");
        }
        assert!(is_the_disk(&files(&assessment, &Options::default()).unwrap_err()));
    }
}

#[test]
fn a_sorted_finding_that_cannot_be_read_is_an_error_in_every_format_that_sorts() {
    for number in [0, 1, 7] {
        let assessment = large(30, Fails::SortedAfter(number));
        for (format, options) in ways() {
            let sorts = match format {
                Format::Human => options.verbosity > 0,
                Format::Json | Format::Ndjson => false,
                Format::Junit | Format::Sarif => true,
            };
            let written = write(format, &assessment, &options, &mut Sink::default());
            assert_eq!(written.is_err(), sorts, "{format}");
            assert!(written.err().is_none_or(|error| is_the_disk(&error)), "{format}");
        }
        assert!(is_the_disk(&files(&assessment, &Options::default()).unwrap_err()));
    }
}

#[test]
fn a_file_that_nobody_writes_takes_nothing_from_the_others() {
    let assessment = large(300, Fails::Never);
    let options = Options::default();
    let all = files(&assessment, &options).unwrap();
    let mut some = Vec::new();
    sarif_by_account::<ReportError>(&assessment, &options, |file| {
        if file.name == "aws-1.sarif" {
            return Ok(());
        }
        let name = file.name.clone();
        let mut bytes = Vec::new();
        file.write(&mut bytes)?;
        some.push((name, bytes));
        Ok(())
    })
    .unwrap();
    assert_eq!(some.first(), all.first());
    assert_eq!(some.last(), all.last());
    assert_eq!((some.len(), all.len()), (2, 3));
}
