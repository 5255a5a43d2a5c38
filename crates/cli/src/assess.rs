//! From what a scan found to the assessment: accepted gaps, coverage, exit code.

use std::collections::BTreeSet;

use anyhow::Result;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use nephoscope_model::{
    Assessment, Coverage, CoverageGap, Findings, InputRecord, InputUse, PolicyInfo, Provider, Severity, Tool,
};
use nephoscope_policy::Bundle;

use crate::args::UnknownIs;
use crate::config::AcceptedGap;
use crate::frameworks::Framework;
use crate::scan::Found;
use crate::settle::Settled;
use crate::waivers::Waivers;

/// How findings and gaps become an exit code.
pub struct Terms<'a> {
    /// The instant judged.
    pub as_of: Timestamp,
    /// Findings below it do not change the exit code.
    pub fail_on: Severity,
    /// What outcomes `unknown` do.
    pub unknown: UnknownIs,
    /// Smallest share of evaluated pairs, in percent.
    pub min_coverage: Option<f64>,
    /// Findings give 0.
    pub exit_zero: bool,
    /// Only findings that the baseline does not hold count and are shown.
    pub new_only: bool,
    /// Gaps that somebody accepted.
    pub accepted: &'a [AcceptedGap],
    /// The flags that left resources out.
    pub filters: Vec<String>,
    /// The framework of whose controls is told.
    pub framework: Option<&'a Framework>,
}

impl Terms<'_> {
    /// Returns the day of the instant judged, UTC.
    pub fn today(&self) -> Date {
        TimeZone::UTC.to_datetime(self.as_of).date()
    }
}

/// Exit codes.
pub mod exit {
    /// Nothing at or above `--fail-on`.
    pub const CLEAN: u8 = 0;
    /// Findings.
    pub const FINDINGS: u8 = 1;
    /// Usage, configuration or policy error, or a named file does not exist.
    pub const USAGE: u8 = 2;
    /// Something asked for was not read, or an evaluation failed.
    pub const INCOMPLETE: u8 = 3;
    /// A bug.
    pub const INTERNAL: u8 = 4;
}

/// Returns the assessment, every list sorted: of what was found, what is left of it when waivers and baseline were applied, and the
/// findings with their lines.
///
/// # Errors
///
/// When an accepted gap's glob is not valid.
pub fn assess(
    found: Found,
    settled: Settled,
    findings: Findings,
    bundle: &Bundle,
    waivers: &Waivers,
    terms: &Terms,
) -> Result<Assessment> {
    let Found {
        mut inputs, mut gaps, ..
    } = found;
    let today = terms.today();
    gaps.extend(settled.gaps);
    let totals = settled.totals;
    let mut filters = terms.filters.clone();
    if terms.new_only {
        filters.push(format!(
            "--new-only ({} unchanged findings not shown)",
            settled.unchanged
        ));
    }

    let gaps = settle_gaps(gaps, bundle, terms.accepted, today)?;
    inputs.sort();
    let pairs = totals.evaluated + totals.unknown;
    let coverage = Coverage {
        resources: totals.judged,
        superseded: found.superseded + settled.superseded,
        after_as_of: found.after_as_of,
        deleted: totals.deleted,
        filtered: totals.filtered,
        filters,
        gaps,
        unjudged: totals.unjudged,
        evaluated_share: (pairs > 0).then(|| share(totals.evaluated, pairs)),
    };
    let errors = totals.tallies.iter().map(|tally| tally.error).sum::<u64>();
    let unknowns = totals.tallies.iter().map(|tally| tally.unknown).sum::<u64>();
    let incomplete_because = incomplete_because(
        &coverage,
        &inputs,
        totals.resources + totals.deleted,
        errors,
        unknowns,
        terms,
    );
    let failed = Severity::ALL
        .into_iter()
        .any(|severity| severity >= terms.fail_on && findings.counts().failing(severity) > 0);
    let exit_code = match (failed && !terms.exit_zero, incomplete_because.is_empty()) {
        (true, _) => exit::FINDINGS,
        (false, false) => exit::INCOMPLETE,
        (false, true) => exit::CLEAN,
    };
    let policies: Vec<PolicyInfo> = bundle.policies().iter().map(|policy| policy.info.clone()).collect();
    let compliance = terms
        .framework
        .map(|framework| framework.assess(&policies, &totals.tallies, &open_gaps(&coverage), bears_on));
    Ok(Assessment {
        tool: Tool {
            name: "nephoscope".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
        },
        as_of: terms.as_of,
        fail_on: terms.fail_on,
        exit_code,
        complete: incomplete_because.is_empty(),
        incomplete_because,
        policies,
        inputs,
        findings,
        tallies: totals.tallies,
        coverage,
        compliance,
        waivers: waivers.records(today),
        fixed: settled.fixed,
        not_checked: settled.not_checked,
    })
}

/// Returns what was asked for, not read, and accepted by nobody.
fn open_gaps(coverage: &Coverage) -> Vec<CoverageGap> {
    let open = |gap: &&CoverageGap| gap.incomplete && gap.accepted_by.is_none();
    coverage.gaps.iter().filter(open).cloned().collect()
}

/// Returns whether a policy may judge what a gap is about: its type is of a kind that the policy judges, or is not known.
fn bears_on(policy: &PolicyInfo, gap: &CoverageGap) -> bool {
    let Some(native_type) = &gap.scope.native_type else {
        return true;
    };
    let mut kinds = nephoscope_normalize::mappings()
        .filter(|mapping| mapping.native_type.eq_ignore_ascii_case(native_type))
        .map(|mapping| mapping.kind);
    kinds.any(|kind| kind == "account.scope" || policy.kinds.iter().any(|own| own == kind))
}

/// Marks gaps that somebody accepted, and those about types that no loaded policy judges or needs.
fn settle_gaps(
    gaps: Vec<CoverageGap>,
    bundle: &Bundle,
    accepted: &[AcceptedGap],
    today: Date,
) -> Result<Vec<CoverageGap>> {
    let matchers = accepted.iter().map(AcceptedGap::matcher).collect::<Result<Vec<_>>>()?;
    let judged: BTreeSet<String> = judged_types(bundle);
    let mut gaps: Vec<CoverageGap> = gaps
        .into_iter()
        .map(|mut gap| {
            if let Some(native_type) = &gap.scope.native_type
                && !judged.contains(&native_type.to_lowercase())
                // A constraint may judge any type.
                && (bundle.constraints().is_empty() || gap.scope.provider != Some(Provider::Gcp))
            {
                gap.incomplete = false;
            }
            gap.accepted_by = accepted
                .iter()
                .zip(&matchers)
                .find(|(row, matcher)| row.accepts(matcher, &gap, today))
                .map(|(row, _)| row.owner.clone());
            gap
        })
        .collect();
    gaps.sort();
    gaps.dedup();
    Ok(gaps)
}

/// Native types, in lower case, that loaded policies judge or need: whole resources, their parts, and accounts,
/// whose settings decide what their resources are.
fn judged_types(bundle: &Bundle) -> BTreeSet<String> {
    let kinds: BTreeSet<&str> = bundle
        .policies()
        .iter()
        .flat_map(|policy| policy.kinds.iter().map(|kind| kind.as_str()))
        .collect();
    nephoscope_normalize::mappings()
        .filter(|mapping| kinds.contains(mapping.kind) || mapping.kind == "account.scope")
        .map(|mapping| mapping.native_type.to_lowercase())
        .collect()
}

fn incomplete_because(
    coverage: &Coverage,
    inputs: &[InputRecord],
    resources: u64,
    errors: u64,
    unknowns: u64,
    terms: &Terms,
) -> Vec<String> {
    let mut reasons = Vec::new();
    let open = coverage
        .gaps
        .iter()
        .filter(|gap| gap.incomplete && gap.accepted_by.is_none())
        .count();
    if open > 0 {
        reasons.push(format!(
            "{open} {} not read, or only in part",
            if open == 1 { "thing was" } else { "things were" }
        ));
    }
    let only_plans = !inputs.is_empty() && inputs.iter().all(|input| input.used == InputUse::Plan);
    if resources == 0 && !only_plans {
        reasons.push("no input held a resource".to_owned());
    }
    if coverage.resources == 0 && coverage.filtered > 0 {
        reasons.push(format!(
            "the selection leaves nothing to judge ({})",
            coverage.filters.join(", ")
        ));
    }
    if errors > 0 {
        reasons.push(format!(
            "{errors} {} failed",
            if errors == 1 { "evaluation" } else { "evaluations" }
        ));
    }
    if unknowns > 0 && terms.unknown == UnknownIs::Fail {
        reasons.push(format!(
            "{unknowns} {} unknown (--unknown fail)",
            if unknowns == 1 { "outcome is" } else { "outcomes are" }
        ));
    }
    match (terms.min_coverage, coverage.evaluated_share) {
        (Some(floor), Some(share)) if share * 100.0 < floor => reasons.push(format!(
            "{:.1} % of what applies was evaluated, less than {floor} % (--min-coverage)",
            share * 100.0
        )),
        (Some(_), None) => reasons.push("no policy was evaluated on any resource (--min-coverage)".to_owned()),
        _ => {}
    }
    reasons
}

fn share(part: u64, whole: u64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "counts of resources are far below 2^52")]
    let share = part as f64 / whole as f64;
    share
}
