//! From what came of each resource to what is reported: versions, waivers, baseline, sums.

use std::collections::BTreeMap;
use std::io;

use anyhow::Result;
use jiff::civil::Date;
use nephoscope_model::{BaselineState, CoverageGap, Finding, FindingId, FixedFinding, Outcome, PolicyId, ResourceKey};
use nephoscope_policy::Bundle;

use crate::baseline::Baseline;
use crate::ledger::{Ledger, Live, Scope};
use crate::locate::Faults;
use crate::packed::{self, Packed};
use crate::runs::{Budget, Record};
use crate::totals::{Counter, Totals};
use crate::waivers::Waivers;

/// What is left of a ledger when waivers and baseline were applied.
pub struct Settled {
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
    let mut gaps = Vec::new();
    let replaced = ledger.settle(|resource| {
        counter.add(resource.scope, resource.fate);
        gaps.extend(resource.gap);
        if let Some(baseline) = &mut baseline {
            baseline.judged(resource.seen, |policy| {
                let policy = index.get(policy);
                policy.is_some_and(|policy| resource.fate.is_evaluated(*policy))
            });
        }
        Ok(())
    })?;
    let superseded = replaced.count();
    let mut findings = Told {
        faults: Faults::new(budget),
        unchanged: 0,
    };
    if waivers.is_empty() && baseline.is_none() {
        // Without anything to apply to them they are handed on as they are.
        for live in ledger.live(&replaced) {
            findings.pass(&live?.record)?;
        }
        findings.faults.hold(ledger.all_findings(), replaced);
    } else {
        let mut pair = Pair::default();
        for live in ledger.live(&replaced) {
            let Live { scope, record } = live?;
            let mut finding = Packed::read(&mut record.value.as_slice())?.finding()?;
            waivers.apply(&mut finding, today);
            if let Some(baseline) = &mut baseline {
                baseline.mark(&mut finding);
            }
            pair.add(&finding, scope, &index, &mut counter);
            findings.push(&finding, new_only)?;
        }
        pair.end(&index, &mut counter);
    }
    let (fixed, not_checked) = baseline.map(Baseline::gone).transpose()?.unwrap_or_default();
    let settled = Settled {
        unchanged: findings.unchanged,
        totals: counter.totals(&ids),
        superseded,
        gaps,
        fixed,
        not_checked,
    };
    Ok((findings.faults, settled))
}

/// What is to be reported.
struct Told {
    faults: Faults,
    unchanged: u64,
}

impl Told {
    /// Takes a finding that is told as it is.
    fn pass(&mut self, record: &Record) -> io::Result<()> {
        let mut finding = Packed::read(&mut record.value.as_slice())?;
        finding.order = &record.key;
        self.faults.pass(finding)
    }

    fn push(&mut self, finding: &Finding, new_only: bool) -> io::Result<()> {
        if new_only && finding.baseline == Some(BaselineState::Unchanged) {
            self.unchanged += 1;
            return Ok(());
        }
        let mut bytes = Vec::new();
        packed::pack(finding, &mut bytes)?;
        self.faults.push(Packed::read(&mut bytes.as_slice())?)
    }
}

/// The faults of one policy and one resource, which come one after the other.
#[derive(Default)]
struct Pair<'l> {
    of: Option<(PolicyId, ResourceKey, &'l Scope)>,
    waived: bool,
}

impl<'l> Pair<'l> {
    fn add(
        &mut self,
        finding: &Finding,
        scope: &'l Scope,
        index: &BTreeMap<&PolicyId, u32>,
        counter: &mut Counter<'l>,
    ) {
        if !matches!(finding.outcome, Outcome::Fail | Outcome::Waived) {
            return;
        }
        let same = (self.of.as_ref())
            .is_some_and(|(policy, resource, _)| (policy, resource) == (&finding.policy, &finding.resource.key));
        if !same {
            self.end(index, counter);
            self.of = Some((finding.policy.clone(), finding.resource.key.clone(), scope));
            self.waived = true;
        }
        self.waived &= finding.outcome == Outcome::Waived;
    }

    /// Counts the pair as waived if all its faults are.
    fn end(&mut self, index: &BTreeMap<&PolicyId, u32>, counter: &mut Counter<'l>) {
        if let Some((policy, _, scope)) = self.of.take()
            && self.waived
            && let Some(policy) = index.get(&policy)
        {
            counter.waive(*policy, scope);
        }
    }
}
