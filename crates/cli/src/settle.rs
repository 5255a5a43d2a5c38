//! From what came of each resource to what is reported: versions, waivers, baseline, sums.

use std::collections::BTreeMap;

use anyhow::Result;
use jiff::civil::Date;
use nephoscope_model::{
    BaselineState, CoverageGap, Finding, FindingCounts, FindingId, FixedFinding, Outcome, PolicyId,
};
use nephoscope_policy::Bundle;

use crate::baseline::Baseline;
use crate::ledger::Ledger;
use crate::locate::Faults;
use crate::packed::{self, Packed};
use crate::runs::Budget;
use crate::totals::{Counter, Totals};
use crate::waivers::Waivers;

/// What is left of a ledger when waivers and baseline were applied.
pub struct Settled {
    /// How many findings are to be reported.
    pub counts: FindingCounts,
    /// Findings not reported because the baseline holds them.
    pub unchanged: u64,
    /// Sums over resources.
    pub totals: Totals,
    /// Versions that a newer one replaced.
    pub superseded: u64,
    /// Resources that could not be understood.
    pub gaps: Vec<CoverageGap>,
    /// Findings of the baseline that are fixed, sorted by id.
    pub fixed: Vec<FixedFinding>,
    /// Ids of the baseline of which nobody knows, sorted.
    pub not_checked: Vec<FindingId>,
}

/// Takes the newest version of each resource, applies waivers and baseline, and returns every finding to be reported and
/// the sums; with `new_only` findings that the
/// baseline holds are counted and left out.
///
/// # Errors
///
/// When the temporary file cannot be read or written, or the baseline cannot be read again.
pub fn settle(
    ledger: &Ledger,
    bundle: &Bundle,
    waivers: &mut Waivers,
    mut baseline: Option<Baseline>,
    new_only: bool,
    today: Date,
    budget: Budget,
) -> Result<(Faults, Settled)> {
    let ids: Vec<PolicyId> = bundle.policies().iter().map(|policy| policy.info.id.clone()).collect();
    let index: BTreeMap<&PolicyId, u32> = ids.iter().zip(0..).collect();
    let mut counter = Counter::default();
    let (mut findings, mut counts, mut gaps) = (Faults::new(budget), FindingCounts::default(), Vec::new());
    let mut unchanged = 0;
    let superseded = ledger.settle(|resource| {
        counter.add(resource.scope, resource.fate);
        gaps.extend(resource.gap.clone());
        // Without anything to apply to them they are handed on as they are.
        if waivers.is_empty() && baseline.is_none() {
            for finding in resource.packed {
                counts.add_one(finding.outcome, finding.severity, finding.baseline);
                findings.push(finding)?;
            }
            return Ok(());
        }
        let mut own = resource.findings()?;
        for finding in &mut own {
            waivers.apply(finding, today);
        }
        for policy in waived(&own).filter_map(|policy| index.get(policy)) {
            counter.waive(*policy, resource.scope);
        }
        if let Some(baseline) = &mut baseline {
            let fate = resource.fate;
            baseline.settle(resource.seen, &mut own, |policy| {
                index.get(policy).is_some_and(|policy| fate.is_evaluated(*policy))
            });
        }
        for finding in &own {
            if new_only && finding.baseline == Some(BaselineState::Unchanged) {
                unchanged += 1;
                continue;
            }
            counts.add(finding);
            let mut bytes = Vec::new();
            packed::pack(finding, &mut bytes)?;
            findings.push(Packed::read(&mut bytes.as_slice())?)?;
        }
        Ok(())
    })?;
    let (fixed, not_checked) = baseline.map(Baseline::gone).transpose()?.unwrap_or_default();
    let settled = Settled {
        counts,
        unchanged,
        totals: counter.totals(&ids),
        superseded,
        gaps,
        fixed,
        not_checked,
    };
    Ok((findings, settled))
}

/// Returns the policies all of whose faults of one resource are waived.
fn waived(findings: &[Finding]) -> impl Iterator<Item = &PolicyId> {
    let mut policies: BTreeMap<&PolicyId, bool> = BTreeMap::new();
    for finding in findings {
        if matches!(finding.outcome, Outcome::Fail | Outcome::Waived) {
            *policies.entry(&finding.policy).or_insert(true) &= finding.outcome == Outcome::Waived;
        }
    }
    policies.into_iter().filter(|(_, all)| *all).map(|(policy, _)| policy)
}
