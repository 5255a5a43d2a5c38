//! A set of policies, checked and ready to evaluate.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use nephoscope_model::{Kind, PolicyInfo, Provider, Severity, digest};
use serde_json::{Map, Value};

use crate::analysis::{ReadPath, ReadSet};
use crate::constraint::Judge;
use crate::evaluate::Evaluator;
use crate::load;
use crate::memo::Memo;
use crate::param::Param;
use crate::problem::LoadErrors;
use crate::program::Program;
use crate::projection::Projection;
use crate::remote::Host;
use crate::source::Root;
use crate::worlds::Finite;

/// What the configuration says about policies.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Values of parameters by policy id.
    pub params: BTreeMap<String, Map<String, Value>>,
    /// Severities by policy id, instead of those in METADATA.
    pub severities: BTreeMap<String, Severity>,
    /// Limits.
    pub limits: EvaluationLimits,
    /// Where policies run that are not to run in this process ([`Root::in_process`]); without one, all do.
    pub host: Option<Arc<dyn Host>>,
    /// A policy whose parameter has no value is loaded and waits for it, as those of the program do, instead of being a problem: for whoever
    /// chooses among the policies first.
    pub waits: bool,
    /// Has every clause interpreted, also those that the bytecode VM answers alike: to compare with.
    pub interpreted: bool,
}

/// Limits of one evaluation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EvaluationLimits {
    /// Longest time that one clause may take for one resource.
    pub per_evaluation: Duration,
}

impl Default for EvaluationLimits {
    fn default() -> Self {
        EvaluationLimits {
            per_evaluation: Duration::from_secs(2),
        }
    }
}

/// One policy.
#[derive(Debug, Clone)]
pub struct Policy {
    /// What a report shows of it.
    pub info: PolicyInfo,
    /// The kinds it judges, sorted.
    pub kinds: Vec<Kind>,
    /// The relations it reads under `input.related`.
    pub needs: Vec<String>,
    /// Its parameters, sorted by name.
    pub params: Vec<Param>,
    /// Parameters that have neither default nor value: until they are configured the policy says nothing.
    pub missing: Vec<String>,
    /// It is part of the program.
    pub shipped: bool,
    /// Attributes it can do without, as pointers into the resource.
    pub optional: Vec<String>,
    /// The native types it judges, where it names any; compared without regard to case.
    pub native_types: Vec<String>,
    /// The version of the common model it was written for, where it says so.
    pub model: Option<String>,
    pub(crate) runtime: Arc<Runtime>,
}

impl Policy {
    /// Returns whether it judges documents as they stand: what is about no kind and is no constraint.
    fn judges_documents(&self) -> bool {
        self.kinds.is_empty() && self.runtime.judge.is_none()
    }

    /// Returns whether a clause looks at what may appear at a path into the input, of whose tokens the first `there` lead to something.
    pub(crate) fn touches(&self, tokens: &[String], there: usize) -> bool {
        // What an unknown path can do depends on how much of it is there: the first step that is not may appear.
        let appears = tokens.get(..=there).unwrap_or(tokens);
        self.runtime.clauses.iter().any(|clause| clause.reads.touches(appears))
    }
}

/// What a policy needs to run.
pub(crate) struct Runtime {
    pub(crate) clauses: Vec<Clause>,
    pub(crate) params: Map<String, Value>,
    /// What the clauses can read.
    pub(crate) projection: Projection,
    /// What the clauses read whatever the parameters are.
    pub(crate) paths: Vec<ReadPath>,
    /// Attributes on the conditions that not every provider has, by kind, with those that do.
    pub(crate) narrow: BTreeMap<Kind, Vec<(String, Vec<Provider>)>>,
    /// Attributes that have but a few values, by kind.
    pub(crate) finite: BTreeMap<Kind, Vec<Finite>>,
    /// Digest of the policy, the modules and data it uses, and its parameters.
    pub(crate) digest: String,
    /// What makes it a constraint, which judges assets and no resources.
    pub(crate) judge: Option<Judge>,
}

impl fmt::Debug for Runtime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Runtime")
            .field("digest", &self.digest)
            .finish_non_exhaustive()
    }
}

/// One `deny` clause.
pub(crate) struct Clause {
    /// `file:line` of its head.
    pub(crate) place: String,
    /// It runs on the bytecode VM.
    pub(crate) on_vm: bool,
    pub(crate) program: Program,
    pub(crate) reads: ReadSet,
}

/// A set of policies, checked and ready to evaluate. Shared between threads; see [`Bundle::evaluator`].
#[derive(Debug, Clone)]
pub struct Bundle {
    // INVARIANT: sorted by id, and `by_kind` holds indexes into it, ascending.
    policies: Vec<Policy>,
    by_kind: BTreeMap<Kind, Vec<usize>>,
    // Indexes of constraints, ascending.
    of_assets: Vec<usize>,
    // Indexes of rules of conftest packages, ascending.
    of_documents: Vec<usize>,
}

impl Bundle {
    /// Loads policies, their helpers and data.
    ///
    /// # Errors
    ///
    /// Every problem of every file: syntax, METADATA, parameters, misspelt paths, and what would end or stall
    /// the process.
    pub fn load(roots: &[Root], options: &Options) -> Result<Bundle, LoadErrors> {
        load::policies(roots, options).map(Bundle::new)
    }

    fn new(mut policies: Vec<Policy>) -> Bundle {
        policies.sort_by(|a, b| a.info.id.cmp(&b.info.id));
        let mut by_kind: BTreeMap<Kind, Vec<usize>> = BTreeMap::new();
        for (index, policy) in policies.iter().enumerate() {
            for kind in &policy.kinds {
                by_kind.entry(*kind).or_default().push(index);
            }
        }
        let constraints = (0..)
            .zip(&policies)
            .filter(|(_, policy)| policy.runtime.judge.is_some());
        let of_assets = constraints.map(|(index, _)| index).collect();
        let of_documents = (0..).zip(&policies).filter(|(_, policy)| policy.judges_documents());
        let of_documents = of_documents.map(|(index, _)| index).collect();
        Bundle {
            policies,
            by_kind,
            of_assets,
            of_documents,
        }
    }

    /// Returns the policies, sorted by id.
    pub fn policies(&self) -> &[Policy] {
        &self.policies
    }

    /// Returns the bundle with only those policies for which `keep` holds. Indexes change.
    #[must_use]
    pub fn select(&self, keep: impl Fn(&PolicyInfo) -> bool) -> Bundle {
        Bundle::new(
            self.policies
                .iter()
                .filter(|policy| keep(&policy.info))
                .cloned()
                .collect(),
        )
    }

    /// Returns the bundle with only those policies whose parameters all have a value. Indexes change.
    #[must_use]
    pub fn configured(&self) -> Bundle {
        let policies = self.policies.iter().filter(|policy| policy.missing.is_empty());
        Bundle::new(policies.cloned().collect())
    }

    /// Returns the indexes of the policies that judge `kind`, ascending.
    pub fn policies_for(&self, kind: Kind) -> &[usize] {
        self.by_kind.get(&kind).map_or(&[], Vec::as_slice)
    }

    /// Returns the indexes of the constraints, which judge assets of Cloud Asset Inventory as they are written, ascending.
    pub fn constraints(&self) -> &[usize] {
        &self.of_assets
    }

    /// Returns the indexes of the policies that judge documents as they stand, ascending. Where there are any, there are no others.
    pub fn of_documents(&self) -> &[usize] {
        &self.of_documents
    }

    /// Returns the members of an asset that a constraint looks at, as far as its text tells.
    pub fn sections(&self, constraint: usize) -> &[&'static str] {
        let judge = self
            .policies
            .get(constraint)
            .and_then(|policy| policy.runtime.judge.as_ref());
        judge.map_or(&[], |judge| judge.sections.as_slice())
    }

    /// Returns an evaluator for one thread. It remembers what it judged.
    pub fn evaluator(&self) -> Evaluator<'_> {
        Evaluator::new(self, Some(&Memo::new()))
    }

    /// Returns evaluators for as many threads, which remember together what they judged.
    pub fn evaluators(&self, threads: usize) -> Vec<Evaluator<'_>> {
        let memo = Memo::new();
        (0..threads).map(|_| Evaluator::new(self, Some(&memo))).collect()
    }

    /// Returns an evaluator that judges everything anew and gives policies the whole input, to compare with.
    pub fn evaluator_without_memo(&self) -> Evaluator<'_> {
        Evaluator::new(self, None)
    }

    /// Returns the places of a policy's clauses, and whether the bytecode VM runs each; the others are interpreted.
    pub fn clauses(&self, policy: usize) -> impl Iterator<Item = (&str, bool)> {
        let policy = self.policies.get(policy).into_iter();
        let clauses = policy.flat_map(|policy| &policy.runtime.clauses);
        clauses.map(|clause| (clause.place.as_str(), clause.on_vm))
    }

    /// Returns the paths of `input` that the policy can touch, whatever its parameters are, sorted: pointers with `*` for
    /// any element.
    pub fn read_set_paths(&self, policy: usize) -> Vec<String> {
        let reads = self.reads(policy);
        reads.iter().map(|read| read.path.clone()).collect()
    }

    /// Returns what stands at these paths does, in the same order.
    pub fn reads(&self, policy: usize) -> &[ReadPath] {
        let policy = self.policies.get(policy);
        policy.map_or(&[], |policy| &policy.runtime.paths)
    }

    /// Returns the digest of everything that decides an outcome: the bytes of policies, helpers and data, and
    /// the parameters. Severities are in it, the order of files is not.
    pub fn digest(&self) -> String {
        digest(self.policies.iter().flat_map(|policy| {
            [
                policy.info.id.0.as_str(),
                policy.info.severity.as_str(),
                policy.runtime.digest.as_str(),
            ]
        }))
    }
}
