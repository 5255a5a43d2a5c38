//! JUnit: one suite for each policy and account, one case for each finding.
//!
//! A reader such as GitLab knows a case by `classname` and `name` and drops the second of two that agree, so both are made unique.
//! Nothing here has a time: the same result gives the same bytes.

mod case;
mod coverage;
mod names;
mod xml;

use std::collections::BTreeMap;
use std::io::{self, Write};

use nephoscope_model::{Assessment, Finding, Outcome, PolicyId, PolicyInfo, Provider, sort_key};

use crate::format::ReportError;
use crate::options::{JunitFlavor, JunitPass, Options};
use crate::stream::exactly;
use crate::text::{self, MESSAGE, NAME};
use names::Names;
use xml::{Case, Kind, Status, Sums, Xml};

/// What a suite is about; suites are in this order.
type Place = (Provider, String, PolicyId);

/// What is known of a suite before its first case is written.
#[derive(Default)]
struct Group {
    /// Resources by outcome.
    outcomes: BTreeMap<Outcome, u64>,
    /// Findings that are cases.
    findings: u64,
    /// Those of them that pass.
    passes_listed: u64,
    sums: Sums,
}

impl Group {
    fn add(&mut self, kind: Kind) {
        self.findings += 1;
        self.passes_listed += u64::from(kind == Kind::Success);
        self.sums.add(kind);
    }

    /// Returns whether one more case stands for the passes that are not listed.
    fn has_more_passes(&self, options: &Options) -> bool {
        let passes = self.outcomes.get(&Outcome::Pass).copied().unwrap_or(0);
        options.junit_pass != JunitPass::None && passes > self.passes_listed
    }
}

pub(crate) fn write(assessment: &Assessment, options: &Options, out: &mut dyn Write) -> Result<(), ReportError> {
    let policies: BTreeMap<&PolicyId, &PolicyInfo> = assessment.policies.iter().map(|info| (&info.id, info)).collect();
    let mut groups: BTreeMap<Place, Group> = BTreeMap::new();
    for tally in &assessment.tallies {
        let place = (tally.provider, tally.account.clone(), tally.policy.clone());
        let group = groups.entry(place).or_default();
        for outcome in Outcome::ALL {
            *group.outcomes.entry(outcome).or_default() += tally.count(outcome);
        }
    }
    // The sums stand before the cases, so findings are counted while they are sorted.
    let sorted = assessment.findings.sorted_by(|finding| {
        let kind = case::kind(finding, options)?;
        groups.entry(place(finding)).or_default().add(kind);
        Some(key(finding))
    })?;
    let coverage = coverage::cases(assessment, options);
    let mut coverage_sums = Sums::default();
    coverage.iter().for_each(|case| coverage_sums.add(case.status.kind));
    let mut sums = coverage_sums;
    for group in groups.values_mut() {
        if group.has_more_passes(options) {
            group.sums.add(Kind::Success);
        }
        sums.include(group.sums);
    }

    let mut xml = Xml::begin(out, "nephoscope", sums, options.junit_flavor == JunitFlavor::Rich)?;
    let mut rest = sorted.iter();
    for (place, group) in groups.iter().filter(|(_, group)| group.sums.tests > 0) {
        let findings = exactly(&mut rest, group.findings);
        policy_suite(
            place,
            group,
            findings,
            policies.get(&place.2).copied(),
            options,
            &mut xml,
        )?;
    }
    if !coverage.is_empty() {
        xml.begin_suite("nephoscope/coverage", coverage_sums, &[])?;
        for case in &coverage {
            xml.case("nephoscope.coverage", case)?;
        }
        xml.end_suite()?;
    }
    Ok(xml.finish()?)
}

fn place(finding: &Finding) -> Place {
    let resource = &finding.resource;
    (resource.provider, resource.account.clone(), finding.policy.clone())
}

/// Returns bytes in the order of [`place`].
fn key(finding: &Finding) -> Vec<u8> {
    let mut key = vec![finding.resource.provider as u8];
    key.extend(sort_key([finding.resource.account.as_str(), finding.policy.0.as_str()]));
    key
}

fn policy_suite(
    (provider, account, policy): &Place,
    group: &Group,
    findings: impl Iterator<Item = io::Result<Finding>>,
    info: Option<&PolicyInfo>,
    options: &Options,
    xml: &mut Xml<'_>,
) -> io::Result<()> {
    let account = if account.is_empty() {
        "-".to_owned()
    } else {
        text::line(account, NAME)
    };
    let policy = text::line(&policy.0, NAME);
    let mut properties = Vec::new();
    if let Some(info) = info {
        properties.push(("title", text::line(&info.title, MESSAGE)));
        properties.push(("severity", info.severity.as_str().to_owned()));
    }
    for (outcome, count) in &group.outcomes {
        if *count > 0 {
            properties.push((outcome.as_str(), count.to_string()));
        }
    }
    xml.begin_suite(&format!("{provider}/{account}/{policy}"), group.sums, &properties)?;

    let class = format!("{provider}.{account}.{policy}");
    let mut names = Names::default();
    for finding in findings {
        let finding = finding?;
        if let Some(kind) = case::kind(&finding, options) {
            xml.case(&class, &case::of(&finding, kind, info, &mut names, options))?;
        }
    }
    if group.has_more_passes(options) {
        // The count is a property of the suite and not part of the name, so that the case stays the same case.
        let rest = Case::new("resources without fault", Status::new(Kind::Success));
        xml.case(&class, &rest)?;
    }
    xml.end_suite()
}
