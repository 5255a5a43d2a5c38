//! Outcomes of policies over one resource.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::BTreeMap;

use jiff::Timestamp;
use nephoscope_model::{Gap, Outcome, Reason, Resource, Unknown, pointer};
use regorus::Value as Rego;
use serde_json::{Map, Value, json};

use crate::analysis;
use crate::bundle::{Bundle, Clause, Policy};
use crate::conftest;
use crate::constraint::{self, Asset};
use crate::convert::{self, plain, rego};
use crate::deny::{self, Deny};
use crate::memo::Memo;
use crate::meter::{Clock, Count, Meter};
use crate::program::Runner;
use crate::projection::Projection;
use crate::worlds;

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
    pub denies: Vec<Deny>,
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
            denies: Vec::new(),
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
    memo: Option<Memo>,
    meter: Option<Meter>,
}

impl<'a> Evaluator<'a> {
    pub(crate) fn new(bundle: &'a Bundle, remembers: bool) -> Self {
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
            memo: remembers.then(|| Memo::new(bundle.policies().len())),
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
        let prepared = Prepared::new(subject);
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
        self.judge(policy, &Prepared::new(subject))
    }

    fn judge(&mut self, index: usize, prepared: &Prepared<'_>) -> Verdict {
        let Some(policy) = self.bundle.policies().get(index) else {
            return Verdict::of(Outcome::NotApplicable);
        };
        if !applies(policy, prepared.resource()) {
            return Verdict::of(Outcome::NotApplicable);
        }
        if let Some(verdict) = self.memo.as_mut().and_then(|memo| memo.get(index, policy, prepared)) {
            if let Some(meter) = &mut self.meter {
                meter.remembered(index);
            }
            return verdict;
        }
        let verdict = match self.meter.as_ref().map(Meter::clock) {
            None => self.run(index, policy, prepared),
            Some(clock) => self.run_measured(index, policy, prepared, clock),
        };
        if let Some(memo) = &mut self.memo {
            memo.keep(index, &verdict);
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
        let projection = match self.memo {
            Some(_) => &policy.runtime.projection,
            None => &whole,
        };
        let input = prepared.input(policy, projection, params);
        let unknown = prepared.unknown_tokens(policy);
        let verdict = sum(policy, runners, &input, &unknown, &|tokens| prepared.depth(tokens));
        let finite = policy.runtime.finite.get(&prepared.resource().kind);
        let Some(finite) = finite.filter(|_| verdict.outcome == Outcome::Unknown) else {
            return verdict;
        };
        let plain = prepared.plain(policy);
        let mut judge = |plain: &Value, unknown: &[Tokens]| {
            let input = projection.input(plain, params);
            sum(policy, runners, &input, unknown, &|tokens| {
                analysis::depth(plain, tokens)
            })
        };
        worlds::agreed(&plain, &unknown, &verdict, finite, &mut judge).unwrap_or(verdict)
    }
}

/// Runs every clause on one input; `depth` tells how many tokens of a path into it lead to something that is there.
fn sum(
    policy: &Policy,
    runners: &mut [Runner<'_>],
    input: &Rego,
    unknown: &[Tokens],
    depth: &dyn Fn(&[String]) -> usize,
) -> Verdict {
    let mut sum = Sum::default();
    for (clause, runner) in policy.runtime.clauses.iter().zip(runners) {
        let result = runner.denies(input, None).map_err(|failure| failure.message);
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
    fn add(&mut self, clause: &Clause, result: Result<Vec<Deny>, String>, open: Vec<Open<'_>>) {
        let certain = !open.iter().any(|open| open.takes_back);
        self.open.extend(open.iter().map(|open| shown(open.unknown)));
        match result {
            Ok(denies) if certain => self.certain.extend(denies),
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
            denies: self.certain,
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

/// A subject, converted as far as a policy asks and then once for all that judge it.
pub(crate) struct Prepared<'a> {
    subject: &'a Subject<'a>,
    plain: OnceCell<Value>,
    rego: OnceCell<Rego>,
    related: OnceCell<Map<String, Value>>,
    own: Vec<Unknown>,
    /// `own`, each with its tokens.
    own_tokens: OnceCell<Vec<Tokens>>,
    neighbors: BTreeMap<String, Vec<Unknown>>,
}

impl<'a> Prepared<'a> {
    fn new(subject: &'a Subject<'a>) -> Prepared<'a> {
        let mut neighbors: BTreeMap<String, Vec<Unknown>> = subject
            .related
            .iter()
            .map(|(name, found)| (name.clone(), unknown_of_neighbors(name, found)))
            .collect();
        let (related_paths, own): (Vec<&Unknown>, Vec<&Unknown>) = subject
            .resource
            .unknown
            .iter()
            .partition(|unknown| unknown.path.starts_with("/related/"));
        for unknown in related_paths {
            if let Some(name) = pointer::tokens(&unknown.path).nth(1) {
                neighbors.entry(name).or_default().push(unknown.clone());
            }
        }
        Prepared {
            subject,
            plain: OnceCell::new(),
            rego: OnceCell::new(),
            related: OnceCell::new(),
            own: own.into_iter().map(|unknown| below("/resource", unknown)).collect(),
            own_tokens: OnceCell::new(),
            neighbors,
        }
    }

    pub(crate) fn resource(&self) -> &'a Resource {
        self.subject.resource
    }

    /// The resource as plain JSON.
    pub(crate) fn plain_resource(&self) -> &Value {
        self.plain.get_or_init(|| plain(self.subject.resource))
    }

    /// One member of [`Prepared::plain_resource`].
    pub(crate) fn field(&self, name: &str) -> Option<Cow<'a, Value>> {
        convert::field(self.subject.resource, name)
    }

    pub(crate) fn as_of(&self) -> String {
        self.subject.as_of.to_string()
    }

    /// The neighbors by a relation, as a list.
    pub(crate) fn related(&self, name: &str) -> Option<&Value> {
        self.all_related().get(name)
    }

    fn all_related(&self) -> &Map<String, Value> {
        self.related.get_or_init(|| {
            let related = self.subject.related.iter();
            let list = |found: &Related<'_>| found.resources.iter().map(|resource| plain(resource)).collect();
            related
                .map(|(name, found)| (name.clone(), Value::Array(list(found))))
                .collect()
        })
    }

    /// The unknown paths of `input` for a policy, sorted, each with its tokens.
    pub(crate) fn unknown_tokens(&self, policy: &Policy) -> Cow<'_, [Tokens]> {
        if policy.needs.is_empty() {
            let own = (self.own_tokens).get_or_init(|| self.unknown(policy).into_iter().map(with_tokens).collect());
            return Cow::Borrowed(own);
        }
        Cow::Owned(self.unknown(policy).into_iter().map(with_tokens).collect())
    }

    /// How many tokens of a path into `input` lead to something that is there.
    pub(crate) fn depth(&self, tokens: &[String]) -> usize {
        match tokens {
            [root, name, rest @ ..] if root == "resource" => match self.field(name) {
                Some(value) => 2 + analysis::depth(&value, rest),
                None => 1,
            },
            [root] if root == "resource" => 1,
            [root, name, rest @ ..] if root == "related" => match self.related(name) {
                Some(list) => 2 + analysis::depth(list, rest),
                None => 1,
            },
            _ => 0,
        }
    }

    /// `input` as the engine takes it: what the policy reads, and of the neighbors only those that it needs.
    fn input(&self, policy: &Policy, projection: &Projection, params: &Rego) -> Rego {
        let all = projection.takes_all();
        let mut input = BTreeMap::from([(Rego::from("params"), params.clone())]);
        match projection.below("resource") {
            _ if all => drop(input.insert(Rego::from("resource"), self.whole_resource())),
            Some(below) if below.takes_all() => drop(input.insert(Rego::from("resource"), self.whole_resource())),
            Some(below) => {
                let resource = below.resource(self.subject.resource);
                input.insert(Rego::from("resource"), resource);
            }
            None => {}
        }
        if let Some(below) = projection.below("related").or(all.then_some(projection)) {
            let related = policy.needs.iter().filter_map(|name| {
                let list = self.related(name)?;
                let list = match below.below(name) {
                    Some(below) if !all => below.value(list),
                    _ => rego(list),
                };
                Some((Rego::from(name.as_str()), list))
            });
            let related: BTreeMap<Rego, Rego> = related.collect();
            input.insert(Rego::from("related"), Rego::from(related));
        }
        if all || projection.below("as_of").is_some() {
            input.insert(Rego::from("as_of"), Rego::from(self.as_of()));
        }
        Rego::from(input)
    }

    fn whole_resource(&self) -> Rego {
        self.rego.get_or_init(|| rego(self.plain_resource())).clone()
    }

    fn plain(&self, policy: &Policy) -> Value {
        let related: Map<String, Value> = policy
            .needs
            .iter()
            .filter_map(|name| Some((name.clone(), self.related(name)?.clone())))
            .collect();
        json!({
            "resource": self.plain_resource(),
            "related": related,
            "params": policy.runtime.params,
            "as_of": self.as_of(),
        })
    }

    /// The unknown paths of `input` for a policy, sorted.
    pub(crate) fn unknown(&self, policy: &Policy) -> Vec<Unknown> {
        let mut all = self.own.clone();
        for name in &policy.needs {
            match self.neighbors.get(name) {
                Some(unknown) => all.extend(unknown.iter().cloned()),
                None => all.push(Unknown {
                    path: pointer::join(["related", name]),
                    gap: Gap::with(Reason::NotRead, name.clone()),
                }),
            }
        }
        all.sort();
        all.dedup();
        all
    }
}

fn unknown_of_neighbors(name: &str, related: &Related<'_>) -> Vec<Unknown> {
    let prefix = pointer::join(["related", name]);
    let mut unknown: Vec<Unknown> = related
        .gap
        .iter()
        .map(|gap| Unknown {
            path: prefix.clone(),
            gap: gap.clone(),
        })
        .collect();
    for (index, resource) in related.resources.iter().enumerate() {
        let prefix = format!("{prefix}/{index}");
        let own = resource
            .unknown
            .iter()
            .filter(|unknown| !unknown.path.starts_with("/related/"));
        unknown.extend(own.map(|unknown| below(&prefix, unknown)));
    }
    unknown
}

fn below(prefix: &str, unknown: &Unknown) -> Unknown {
    Unknown {
        path: format!("{prefix}{}", unknown.path),
        gap: unknown.gap.clone(),
    }
}

#[cfg(test)]
mod tests;
