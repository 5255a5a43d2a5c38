//! Sums over the ledger.

use std::collections::BTreeMap;

use nephoscope_model::{Outcome, PolicyId, Provider, Tally, UnjudgedType};

use crate::ledger::{Fate, Scope};

/// Sums over a ledger.
#[derive(Default)]
pub struct Totals {
    /// Resources judged.
    pub judged: u64,
    /// Resources that are gone.
    pub deleted: u64,
    /// Resources left out by a selection.
    pub filtered: u64,
    /// Resources of every fate but deleted.
    pub resources: u64,
    /// Types that no policy judges, sorted.
    pub unjudged: Vec<UnjudgedType>,
    /// Counts by policy and scope, sorted.
    pub tallies: Vec<Tally>,
    /// Pairs that came to an outcome that does not depend on what is unknown.
    pub evaluated: u64,
    /// Pairs that came to `unknown` or `error`.
    pub unknown: u64,
}

/// Sums while resources are counted one by one.
#[derive(Default)]
pub struct Counter<'l> {
    fates: BTreeMap<(&'l Scope, &'l Fate), u64>,
    /// Pairs all of whose faults are accepted.
    waived: BTreeMap<(u32, &'l Scope), u64>,
}

type Cells<'l> = BTreeMap<(u32, &'l Scope), [u64; Outcome::ALL.len()]>;

impl<'l> Counter<'l> {
    /// Counts one resource.
    pub fn add(&mut self, scope: &'l Scope, fate: &'l Fate) {
        *self.fates.entry((scope, fate)).or_default() += 1;
    }

    /// Moves one pair from `fail` to `waived`.
    pub fn waive(&mut self, policy: u32, scope: &'l Scope) {
        *self.waived.entry((policy, scope)).or_default() += 1;
    }

    /// Returns the sums; `policies` are the ids by index.
    pub fn totals(self, policies: &[PolicyId]) -> Totals {
        let mut totals = Totals::default();
        let mut unjudged: BTreeMap<(Provider, &str), u64> = BTreeMap::new();
        let mut cells = Cells::new();
        for ((scope, fate), count) in self.fates {
            match fate {
                Fate::Deleted => totals.deleted += count,
                Fate::Filtered => totals.filtered += count,
                Fate::Unjudged => *unjudged.entry((scope.provider, &scope.native_type)).or_default() += count,
                Fate::Judged(outcomes) | Fate::Beside(outcomes) => {
                    if matches!(fate, Fate::Judged(_)) {
                        totals.judged += count;
                    }
                    for (policy, outcome) in outcomes {
                        add(&mut cells, *policy, scope, *outcome, count);
                        match outcome {
                            Outcome::Unknown | Outcome::Error => totals.unknown += count,
                            Outcome::NotApplicable => {}
                            _ => totals.evaluated += count,
                        }
                    }
                }
            }
            if !matches!(fate, Fate::Deleted | Fate::Beside(_)) {
                totals.resources += count;
            }
        }
        for ((policy, scope), count) in self.waived {
            let cell = cells.get_mut(&(policy, scope));
            if let Some(fails) = cell.and_then(|cell| cell.get_mut(Outcome::Fail as usize)) {
                *fails = fails.saturating_sub(count);
            }
            add(&mut cells, policy, scope, Outcome::Waived, count);
        }
        totals.unjudged = unjudged
            .into_iter()
            .map(|((provider, native_type), resources)| UnjudgedType {
                provider,
                native_type: native_type.to_owned(),
                resources,
            })
            .collect();
        totals.tallies = tallies(cells, policies);
        totals
    }
}

fn tallies(cells: Cells<'_>, policies: &[PolicyId]) -> Vec<Tally> {
    let mut tallies: Vec<Tally> = (cells.into_iter())
        .filter_map(|((policy, scope), counts)| {
            let [fail, error, unknown, waived, pass, not_applicable] = counts;
            Some(Tally {
                policy: policies.get(policy as usize)?.clone(),
                provider: scope.provider,
                account: scope.account.to_string(),
                region: scope.region.to_string(),
                native_type: scope.native_type.to_string(),
                fail,
                error,
                unknown,
                waived,
                pass,
                not_applicable,
            })
        })
        .collect();
    tallies.sort();
    tallies
}

fn add<'l>(cells: &mut Cells<'l>, policy: u32, scope: &'l Scope, outcome: Outcome, count: u64) {
    // INVARIANT: `Outcome::ALL` lists the outcomes in the order of their discriminants.
    if let Some(cell) = cells.entry((policy, scope)).or_default().get_mut(outcome as usize) {
        *cell += count;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_waived_pair_moves_from_fail_to_waived() {
        let scope = Scope {
            provider: Provider::Aws,
            account: "1".into(),
            region: "r".into(),
            native_type: "T".into(),
        };
        let fate = Fate::Judged(vec![(0, Outcome::Fail)]);
        let mut counter = Counter::default();
        counter.add(&scope, &fate);
        counter.add(&scope, &fate);
        counter.waive(0, &scope);
        let totals = counter.totals(&[PolicyId("P".into())]);
        assert_eq!((totals.tallies[0].fail, totals.tallies[0].waived), (1, 1));
    }
}
