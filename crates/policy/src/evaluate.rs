//! Outcomes of policies over one resource.

mod paths;
mod prepared;

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use nephoscope_model::{Gap, Outcome, Resource, Unknown, pointer};
use regorus::Value as Rego;
use serde_json::Value;

use crate::analysis;
use crate::bundle::{Bundle, Clause, Policy};
use crate::conftest;
use crate::constraint::{self, Asset};
use crate::convert::rego;
use crate::deny::{self, Deny};
use crate::memo::{Memo, Recall};
use crate::meter::{Clock, Count, Meter};
use crate::program::Runner;
use crate::projection::Projection;
use crate::worlds;
pub(crate) use paths::Paths;
pub(crate) use prepared::Prepared;

/// The neighbors of a resource by one relation.
#[derive(Debug, Clone, Default)]
pub struct Related<'a> {
    /// Those that were found.
    pub resources: Vec<&'a Resource>,
    /// Why others may be missing; `None` when these are all.
    pub gap: Option<Gap>,
}

/// What is judged: one resource with its neighbors at one time.
#[derive(Debug, Clone)]
pub struct Subject<'a> {
    /// The resource.
    pub resource: &'a Resource,
    /// Its neighbors by relation. A relation that a policy needs and that is not here was not read.
    pub related: BTreeMap<String, Related<'a>>,
    /// `input.as_of`.
    pub as_of: Timestamp,
}

/// What came of one policy over one resource.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict {
    /// `Fail`, `Error`, `Unknown`, `Pass` or `NotApplicable`.
    pub outcome: Outcome,
    /// The faults that nothing unknown can take back, sorted by key and path; only with `Fail`.
    pub denies: Arc<[Deny]>,
    /// The unknown paths that could still change something, sorted: with `Unknown`, and with `Fail` and
    /// `Error` where there are any.
    pub unknown: Vec<Unknown>,
    /// What went wrong, one line; with `Error`, and with `Fail` when some other clause failed to run.
    pub error: Option<String>,
}

impl Verdict {
    pub(crate) fn of(outcome: Outcome) -> Verdict {
        Verdict {
            outcome,
            denies: Arc::default(),
            unknown: Vec::new(),
            error: None,
        }
    }
}

/// Evaluates the policies of a bundle on one thread.
pub struct Evaluator<'a> {
    bundle: &'a Bundle,
    runners: Vec<Vec<Runner<'a>>>,
    params: Vec<Rego>,
    recall: Option<Recall>,
    paths: Paths,
    meter: Option<Meter>,
}

impl<'a> Evaluator<'a> {
    pub(crate) fn new(bundle: &'a Bundle, memo: Option<&Arc<Memo>>) -> Self {
        let policies = bundle.policies().iter();
        Evaluator {
            bundle,
            runners: policies
                .clone()
                .map(|policy| {
                    policy
                        .runtime
                        .clauses
                        .iter()
                        .map(|clause| clause.program.runner())
                        .collect()
                })
                .collect(),
            params: policies
                .map(|policy| Rego::from(Value::Object(policy.runtime.params.clone())))
                .collect(),
            recall: memo.map(Recall::of),
            paths: Paths::default(),
            meter: None,
        }
    }

    /// Counts from now on, anew, what each policy does and how long it takes by `clock`. Runs every policy on nothing first:
    /// no evaluation is charged with compiling, and with what an engine does but once.
    pub fn measure(&mut self, clock: Clock) {
        for runner in self.runners.iter_mut().flatten() {
            // One that cannot run says so when it is given a resource.
            let _tried = runner.denies(&Rego::new_object(), None);
        }
        self.meter = Some(Meter::new(clock, self.bundle.policies().len()));
    }

    /// Returns what was counted for each policy, by its index; empty unless [`Evaluator::measure`] was called.
    pub fn counts(&self) -> &[Count] {
        self.meter.as_ref().map_or(&[], Meter::counts)
    }

    /// Evaluates every policy that judges the resource's kind. Sorted by policy; the resource is converted at most once.
    pub fn evaluate_all(&mut self, subject: &Subject<'_>) -> Vec<(usize, Verdict)> {
        let bundle = self.bundle;
        let prepared = Prepared::new(subject, &mut self.paths);
        let indexes = bundle.policies_for(subject.resource.kind);
        indexes
            .iter()
            .map(|&index| (index, self.judge(index, &prepared)))
            .collect()
    }

    /// Evaluates every constraint over one asset. Sorted by policy.
    pub fn evaluate_asset(&mut self, asset: &Asset, as_of: Timestamp) -> Vec<(usize, Verdict)> {
        let constraints = self.bundle.constraints().iter();
        constraints
            .filter_map(|&index| Some((index, self.judge_asset(index, asset, as_of)?)))
            .collect()
    }

    fn judge_asset(&mut self, index: usize, asset: &Asset, as_of: Timestamp) -> Option<Verdict> {
        let policy = self.bundle.policies().get(index)?;
        let (clause, judge) = policy.runtime.clauses.first().zip(policy.runtime.judge.as_ref())?;
        let runner = self.runners.get_mut(index)?.first_mut()?;
        let clock = self.meter.as_ref().map(Meter::clock);
        let started = clock.map(|clock| clock());
        let verdict = constraint::judge(judge, &clause.place, runner, asset, as_of);
        if let (Some(meter), Some(clock), Some(started)) = (&mut self.meter, clock, started) {
            meter.evaluated(index, clock().saturating_sub(started));
        }
        Some(verdict)
    }

    /// Evaluates every rule of conftest packages over one document. Sorted by policy.
    pub fn evaluate_document(&mut self, document: &Value) -> Vec<(usize, Verdict)> {
        let input = rego(document);
        let rules = self.bundle.of_documents().iter();
        rules
            .filter_map(|&index| Some((index, self.judge_document(index, &input)?)))
            .collect()
    }

    fn judge_document(&mut self, index: usize, input: &Rego) -> Option<Verdict> {
        let policy = self.bundle.policies().get(index)?;
        let clause = policy.runtime.clauses.first()?;
        let runner = self.runners.get_mut(index)?.first_mut()?;
        let clock = self.meter.as_ref().map(Meter::clock);
        let started = clock.map(|clock| clock());
        let verdict = conftest::judge(&clause.place, runner, input);
        if let (Some(meter), Some(clock), Some(started)) = (&mut self.meter, clock, started) {
            meter.evaluated(index, clock().saturating_sub(started));
        }
        Some(verdict)
    }

    /// Evaluates one policy, by its index in [`Bundle::policies`].
    pub fn evaluate(&mut self, policy: usize, subject: &Subject<'_>) -> Verdict {
        let prepared = Prepared::new(subject, &mut self.paths);
        self.judge(policy, &prepared)
    }

    fn judge(&mut self, index: usize, prepared: &Prepared<'_>) -> Verdict {
        let Some(policy) = self.bundle.policies().get(index) else {
            return Verdict::of(Outcome::NotApplicable);
        };
        if !applies(policy, prepared.resource()) {
            return Verdict::of(Outcome::NotApplicable);
        }
        let recall = self.recall.as_mut();
        let known = recall.and_then(|recall| recall.get(index, policy, prepared, &mut self.paths));
        if let Some(verdict) = known {
            if let Some(meter) = &mut self.meter {
                meter.remembered(index);
            }
            return verdict;
        }
        let verdict = match self.meter.as_ref().map(Meter::clock) {
            None => self.run(index, policy, prepared),
            Some(clock) => self.run_measured(index, policy, prepared, clock),
        };
        if let Some(recall) = &mut self.recall {
            recall.keep(index, &verdict);
        }
        verdict
    }

    fn run_measured(&mut self, index: usize, policy: &Policy, prepared: &Prepared<'_>, clock: Clock) -> Verdict {
        let started = clock();
        let verdict = self.run(index, policy, prepared);
        let took = clock().saturating_sub(started);
        if let Some(meter) = &mut self.meter {
            meter.evaluated(index, took);
        }
        verdict
    }

    fn run(&mut self, index: usize, policy: &Policy, prepared: &Prepared<'_>) -> Verdict {
        let (Some(runners), Some(params)) = (self.runners.get_mut(index), self.params.get(index)) else {
            return Verdict::of(Outcome::NotApplicable);
        };
        let whole = Projection::whole();
        let projection = match self.recall {
            Some(_) => &policy.runtime.projection,
            None => &whole,
        };
        let input = prepared.input(policy, projection, params);
        let unknown = prepared.unknown(policy);
        let results = results(runners, &input);
        let depth = |tokens: &[String]| prepared.depth(tokens);
        let verdict = sum(policy, &results, &unknown, &depth);
        let finite = policy.runtime.finite.get(&prepared.resource().kind);
        let Some(finite) = finite.filter(|_| verdict.outcome == Outcome::Unknown) else {
            return verdict;
        };
        // What the policy does not read makes no world. An input is JSON, whoever holds it.
        let plain = serde_json::to_value(&input).unwrap_or_default();
        let without = |unknown: &[Tokens]| sum(policy, &results, unknown, &depth);
        let mut judge = |plain: &Value, unknown: &[Tokens]| {
            let results = self::results(runners, &projection.input(plain, params));
            sum(policy, &results, unknown, &|tokens| analysis::depth(plain, tokens))
        };
        worlds::agreed(&plain, &unknown, &verdict, finite, &without, &mut judge).unwrap_or(verdict)
    }
}

/// What the clauses of a policy gave for one input, one by one.
type Results = Vec<Result<Vec<Deny>, String>>;

/// Runs every clause on one input.
fn results(runners: &mut [Runner<'_>], input: &Rego) -> Results {
    let run = |runner: &mut Runner<'_>| runner.denies(input, None).map_err(|failure| failure.message);
    runners.iter_mut().map(run).collect()
}

/// Returns what the results come to where these paths are unknown; `depth` tells how many tokens of a path into the input lead to
/// something that is there.
fn sum(policy: &Policy, results: &Results, unknown: &[Tokens], depth: &dyn Fn(&[String]) -> usize) -> Verdict {
    let mut sum = Sum::default();
    for (clause, result) in policy.runtime.clauses.iter().zip(results) {
        let found = result.as_ref().is_ok_and(|denies| !denies.is_empty());
        let open = open_paths(clause, unknown, depth, found);
        sum.add(clause, result, open);
    }
    sum.verdict()
}

/// An unknown path with its tokens.
pub(crate) type Tokens = (Unknown, Vec<String>);

fn with_tokens(unknown: Unknown) -> Tokens {
    let tokens = pointer::tokens(&unknown.path).collect();
    (unknown, tokens)
}

/// What one unknown path could do to a clause.
struct Open<'a> {
    unknown: &'a Unknown,
    takes_back: bool,
}

/// Returns the unknown paths that could change what the clause gave.
fn open_paths<'a>(
    clause: &Clause,
    unknown: &'a [Tokens],
    depth: &dyn Fn(&[String]) -> usize,
    found: bool,
) -> Vec<Open<'a>> {
    let open = unknown.iter().filter_map(|(unknown, tokens)| {
        let effects = clause.reads.effect_of(tokens, depth(tokens));
        // Where nothing was found there is nothing to take back.
        let takes_back = effects.may_remove && found;
        (effects.may_add || takes_back).then_some(Open { unknown, takes_back })
    });
    open.collect()
}

/// The outcome rule, clause by clause.
#[derive(Default)]
struct Sum {
    certain: Vec<Deny>,
    open: Vec<Unknown>,
    errors: Vec<String>,
}

impl Sum {
    fn add(&mut self, clause: &Clause, result: &Result<Vec<Deny>, String>, open: Vec<Open<'_>>) {
        let certain = !open.iter().any(|open| open.takes_back);
        self.open.extend(open.iter().map(|open| shown(open.unknown)));
        match result {
            Ok(denies) if certain => self.certain.extend(denies.iter().cloned()),
            Ok(_) => {}
            Err(error) => self.errors.push(format!("clause at {}: {error}", clause.place)),
        }
    }

    fn verdict(mut self) -> Verdict {
        for key in deny::settle(&mut self.certain) {
            self.errors.push(format!("two findings with one key: `{key}`"));
        }
        self.open.sort();
        self.open.dedup();
        let outcome = if !self.certain.is_empty() {
            Outcome::Fail
        } else if !self.errors.is_empty() {
            Outcome::Error
        } else if !self.open.is_empty() {
            Outcome::Unknown
        } else {
            Outcome::Pass
        };
        Verdict {
            outcome,
            denies: self.certain.into(),
            unknown: self.open,
            error: (!self.errors.is_empty()).then(|| self.errors.join("; ")),
        }
    }
}

/// Paths of the resource are shown from the resource on.
pub(crate) fn shown(unknown: &Unknown) -> Unknown {
    Unknown {
        path: pointer::strip(&unknown.path, "/resource")
            .unwrap_or(&unknown.path)
            .to_owned(),
        gap: unknown.gap.clone(),
    }
}

/// The provider has what the policy needs, and the native type is one it judges.
fn applies(policy: &Policy, resource: &Resource) -> bool {
    let Some(kind) = policy.kinds.iter().find(|kind| **kind == resource.kind) else {
        return false;
    };
    let mut types = policy.native_types.iter();
    if !policy.native_types.is_empty() && !types.any(|name| name.eq_ignore_ascii_case(&resource.native_type)) {
        return false;
    }
    let narrow = policy.runtime.narrow.get(kind).map_or(&[][..], Vec::as_slice);
    narrow
        .iter()
        .all(|(_, providers)| providers.contains(&resource.provider))
}

#[cfg(test)]
mod tests;
