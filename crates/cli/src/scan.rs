//! A scan, from the input to the assessment: read → normalize → relate → evaluate → judge.
//!
//! One thread reads. What it reads goes in batches to workers, each with a normalizer, an evaluator and a
//! ledger of its own; when all are busy the reading thread works too. A resource that needs nothing but
//! itself is judged and dropped by the worker that got it; the others wait until the input has ended.
//! Nothing that comes out depends on which worker got what.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
use std::hash::Hasher;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use nephoscope_model::{
    CoverageGap, Document, Finding, FindingId, Gap, GapScope, InputRecord, Kind, Location, Outcome, Reason, Resource,
    ResourceKey, ResourceSummary, ScopeRead, State,
};
use nephoscope_normalize::{Closed, Normalizer};
use nephoscope_policy::{Bundle, Evaluator, Related, Subject, Verdict};
use nephoscope_read::{Event, Input, Limits};
use serde_json::Value;

use crate::ledger::{Fate, Ledger, Scope, Seen, Version};
use crate::progress::Progress;
use crate::select::Selection;
use crate::values;

/// What a scan judges by.
pub struct Scan<'a> {
    /// The policies.
    pub bundle: &'a Bundle,
    /// Which resources are judged.
    pub selection: &'a Selection,
    /// The instant judged.
    pub as_of: Timestamp,
    /// Whether a pass becomes an entry of its own.
    pub include_pass: bool,
    /// Threads, at least 1.
    pub jobs: usize,
    /// Limits on inputs.
    pub limits: &'a Limits,
}

/// What a scan found, before waivers and baseline.
pub struct Found {
    /// What came of every resource.
    pub ledger: Ledger,
    /// Every input, in the order given.
    pub inputs: Vec<InputRecord>,
    /// What was not read.
    pub gaps: Vec<CoverageGap>,
}

enum Item {
    Document(Document),
    Scope(ScopeRead),
}

type Batch = Vec<Item>;

// Small enough that threads end together, large enough that the channel costs nothing.
const BATCH: usize = 64;

impl Scan<'_> {
    /// Reads and judges every input. Never fails: what went wrong is a gap.
    pub fn run(&self, inputs: &[Input], progress: &Progress) -> Found {
        let (sender, receiver) = sync_channel::<Batch>(self.jobs * 4);
        let receiver = Mutex::new(receiver);
        let mut gaps = Vec::new();
        let mut records = Vec::new();
        let mut workers = std::thread::scope(|threads| {
            let others: Vec<_> = (1..self.jobs).map(|_| threads.spawn(|| self.work(&receiver))).collect();
            let mut own = Worker::new(self);
            let mut batch = Batch::new();
            for input in inputs {
                let mut on_event = |event: Event| {
                    match event {
                        Event::Gap(gap) => return gaps.push(gap),
                        Event::Document(document) => batch.push(Item::Document(document)),
                        Event::ScopeRead(scope) => batch.push(Item::Scope(scope)),
                    }
                    progress.document();
                    if batch.len() >= BATCH {
                        self.hand_over(std::mem::take(&mut batch), &sender, &mut own);
                    }
                };
                records.push(nephoscope_read::read(input, None, self.limits, &mut on_event));
            }
            own.take(batch);
            drop(sender);
            let mut workers = vec![own];
            // A worker ends when the channel is closed; it does not panic on input.
            workers.extend(others.into_iter().filter_map(|thread| thread.join().ok()));
            workers
        });
        progress.stage("judging what needs its neighbors");
        let ledger = self.finish(&mut workers, &mut gaps);
        Found {
            ledger,
            inputs: records,
            gaps,
        }
    }

    fn hand_over<'a>(&'a self, batch: Batch, sender: &SyncSender<Batch>, own: &mut Worker<'a>) {
        if self.jobs == 1 {
            return own.take(batch);
        }
        match sender.try_send(batch) {
            Ok(()) => {}
            Err(TrySendError::Full(batch) | TrySendError::Disconnected(batch)) => own.take(batch),
        }
    }

    fn work<'a>(&'a self, receiver: &Mutex<Receiver<Batch>>) -> Worker<'a> {
        let mut worker = Worker::new(self);
        loop {
            let next = receiver.lock().unwrap_or_else(PoisonError::into_inner).recv();
            match next {
                Ok(batch) => worker.take(batch),
                Err(_closed) => return worker,
            }
        }
    }

    /// Judges what waited for the end of the input and brings the workers' ledgers together.
    fn finish<'a>(&'a self, workers: &mut Vec<Worker<'a>>, gaps: &mut Vec<CoverageGap>) -> Ledger {
        let mut waiting = Vec::new();
        let mut normalizer = Normalizer::new(Some(self.as_of));
        let mut ledger = Ledger::default();
        for worker in workers.iter_mut() {
            normalizer.merge(std::mem::replace(&mut worker.normalizer, Normalizer::new(None)));
            waiting.append(&mut worker.waiting);
        }
        normalizer.close(|closed| {
            gaps.extend(closed.gaps.iter().cloned());
            ledger.superseded += closed.superseded;
            ledger.after_as_of += closed.after_as_of;
            self.judge_waiting(workers, &waiting, closed);
        });
        for worker in workers.drain(..) {
            gaps.extend(worker.gaps);
            ledger.merge(worker.ledger);
        }
        ledger
    }

    /// Judges on all threads what waited; what is assembled is built and dropped one by one.
    fn judge_waiting<'a>(&'a self, workers: &mut [Worker<'a>], waiting: &[Resource], closed: &Closed<'_>) {
        // Neighbors that policies ask for are held; they are few: accounts, not what is in them.
        let kinds = neighbor_kinds(self.bundle);
        let built: Vec<Resource> = (0..closed.len())
            .filter(|index| closed.kind(*index).is_some_and(|kind| kinds.contains(&kind)))
            .filter_map(|index| closed.build(index))
            .collect();
        let neighbors = Neighbors::new(
            waiting
                .iter()
                .chain(&built)
                .filter(|resource| kinds.contains(&resource.kind)),
        );
        let next = AtomicUsize::new(0);
        let (neighbors, next) = (&neighbors, &next);
        std::thread::scope(|threads| {
            for worker in workers {
                threads.spawn(move || {
                    loop {
                        let index = next.fetch_add(1, Ordering::Relaxed);
                        if let Some(resource) = waiting.get(index) {
                            worker.judge(resource, neighbors);
                        } else if let Some(resource) = closed.build(index - waiting.len()) {
                            worker.judge(&resource, neighbors);
                        } else {
                            return;
                        }
                    }
                });
            }
        });
    }
}

/// One thread's part of a scan.
struct Worker<'a> {
    scan: &'a Scan<'a>,
    normalizer: Normalizer,
    evaluator: Evaluator<'a>,
    /// What each policy reads, by its index.
    read_sets: Vec<Vec<String>>,
    ledger: Ledger,
    /// Resources that are judged, or looked at as neighbors, when the input has ended.
    waiting: Vec<Resource>,
    waits: BTreeSet<Kind>,
    gaps: Vec<CoverageGap>,
}

impl<'a> Worker<'a> {
    fn new(scan: &'a Scan<'a>) -> Worker<'a> {
        Worker {
            normalizer: Normalizer::new(Some(scan.as_of)),
            evaluator: scan.bundle.evaluator(),
            read_sets: (0..scan.bundle.policies().len())
                .map(|index| scan.bundle.read_set_paths(index))
                .collect(),
            ledger: Ledger::default(),
            waiting: Vec::new(),
            waits: waiting_kinds(scan.bundle),
            gaps: Vec::new(),
            scan,
        }
    }

    fn take(&mut self, batch: Batch) {
        for item in batch {
            match item {
                Item::Scope(scope) => self.normalizer.scope_read(scope),
                Item::Document(document) => {
                    if let Some(resource) = self.normalizer.push(document) {
                        if self.waits.contains(&resource.kind) {
                            self.waiting.push(resource);
                        } else {
                            self.judge(&resource, &Neighbors::default());
                        }
                    }
                }
            }
        }
    }

    fn judge(&mut self, resource: &Resource, neighbors: &Neighbors) {
        if resource.observed_at.is_some_and(|observed| observed > self.scan.as_of) {
            self.ledger.after_as_of += 1;
            return;
        }
        let seen = Seen::of(&resource.key);
        let version = version(resource);
        if !self.ledger.would_count(seen, &version) {
            return self.ledger.skip();
        }
        let (fate, findings) = self.fate(resource, neighbors);
        let scope = Scope {
            provider: resource.provider,
            account: resource.account.as_str().into(),
            region: resource.region.as_str().into(),
            native_type: resource.native_type.as_str().into(),
        };
        self.ledger.enter(seen, version, scope, fate, findings);
    }

    fn fate(&mut self, resource: &Resource, neighbors: &Neighbors) -> (Fate, Vec<Finding>) {
        if resource.state == State::Deleted {
            return (Fate::Deleted, Vec::new());
        }
        if !self.scan.selection.takes(resource) {
            return (Fate::Filtered, Vec::new());
        }
        let policies = self.scan.bundle.policies_for(resource.kind);
        if policies.is_empty() {
            return (Fate::Unjudged, Vec::new());
        }
        if let Some(gap) = unreadable(resource) {
            self.gaps.push(gap);
        }
        let mut outcomes = Vec::with_capacity(policies.len());
        let mut findings = Vec::new();
        let summary = Arc::new(summary(resource));
        // Only a fault needs it, and several policies may find one.
        let input = OnceCell::new();
        let needs = policies
            .iter()
            .filter_map(|index| self.scan.bundle.policies().get(*index))
            .flat_map(|policy| &policy.needs);
        let subject = Subject {
            resource,
            related: neighbors.of(resource, needs),
            as_of: self.scan.as_of,
        };
        for (index, verdict) in self.evaluator.evaluate_all(&subject) {
            outcomes.push((u32::try_from(index).unwrap_or(u32::MAX), verdict.outcome));
            self.findings(index, verdict, resource, &summary, &input, &mut findings);
        }
        (Fate::Judged(outcomes), findings)
    }

    fn findings(
        &self,
        index: usize,
        verdict: Verdict,
        resource: &Resource,
        summary: &Arc<ResourceSummary>,
        input: &OnceCell<Value>,
        findings: &mut Vec<Finding>,
    ) {
        let Some(policy) = self.scan.bundle.policies().get(index) else {
            return;
        };
        let info = &policy.info;
        let finding = |key: String, path: String, message: String| {
            let (origin, pointer) = nephoscope_normalize::trace(resource, &path);
            Finding {
                id: FindingId::new(&info.id, &resource.key, &key),
                policy: info.id.clone(),
                outcome: verdict.outcome,
                severity: info.severity,
                resource: Arc::clone(summary),
                key,
                path,
                message,
                evidence: None,
                values: String::new(),
                unknown: Vec::new(),
                waiver: None,
                baseline: None,
                location: Location {
                    origin,
                    pointer,
                    line: None,
                    column: None,
                    mark: None,
                    snippet: Vec::new(),
                },
            }
        };
        match verdict.outcome {
            Outcome::Fail => {
                let input = input.get_or_init(|| values::input(resource));
                let values = values::digest(input, self.read_sets.get(index).map_or(&[][..], Vec::as_slice));
                for deny in verdict.denies {
                    let mut one = finding(deny.key, deny.path, deny.message);
                    one.evidence = deny.evidence;
                    one.values.clone_from(&values);
                    findings.push(one);
                }
            }
            Outcome::Unknown => {
                let paths: Vec<&str> = verdict.unknown.iter().map(|unknown| unknown.path.as_str()).collect();
                let message = format!("cannot tell: {} not known", paths.join(", "));
                let mut one = finding(String::new(), String::new(), message);
                one.unknown = verdict.unknown;
                findings.push(one);
            }
            Outcome::Error => {
                let message = verdict.error.unwrap_or_else(|| "the evaluation failed".to_owned());
                findings.push(finding(String::new(), String::new(), message));
            }
            Outcome::Pass if self.scan.include_pass => {
                findings.push(finding(String::new(), String::new(), "no fault".to_owned()));
            }
            Outcome::Pass | Outcome::NotApplicable | Outcome::Waived => {}
        }
    }
}

/// Kinds of which a resource waits for the end of the input: those judged with neighbors, and the neighbors.
fn waiting_kinds(bundle: &Bundle) -> BTreeSet<Kind> {
    let judged = bundle.policies().iter().filter(|policy| !policy.needs.is_empty());
    judged
        .flat_map(|policy| policy.kinds.iter().copied())
        .chain(neighbor_kinds(bundle))
        .collect()
}

/// Kinds of the neighbors that policies ask for.
fn neighbor_kinds(bundle: &Bundle) -> BTreeSet<Kind> {
    let needs: BTreeSet<&String> = bundle.policies().iter().flat_map(|policy| &policy.needs).collect();
    let relations = nephoscope_normalize::relations().iter();
    relations
        .filter(|relation| needs.iter().any(|need| *need == relation.name))
        .filter_map(|relation| Kind::named(relation.kind))
        .collect()
}

/// Resources by key, for policies that name a relation.
#[derive(Default)]
struct Neighbors<'r> {
    by_key: BTreeMap<&'r ResourceKey, &'r Resource>,
}

impl<'r> Neighbors<'r> {
    fn new(resources: impl Iterator<Item = &'r Resource>) -> Neighbors<'r> {
        let mut by_key: BTreeMap<&ResourceKey, &Resource> = BTreeMap::new();
        for resource in resources.filter(|resource| resource.state != State::Deleted) {
            let newest = by_key.entry(&resource.key).or_insert(resource);
            if resource.observed_at > newest.observed_at {
                *newest = resource;
            }
        }
        Neighbors { by_key }
    }

    fn of<'n>(&self, resource: &Resource, needs: impl Iterator<Item = &'n String>) -> BTreeMap<String, Related<'r>> {
        let mut related = BTreeMap::new();
        for need in needs {
            let keys = nephoscope_normalize::relation(resource, need)
                .map(|relation| relation.keys)
                .unwrap_or_default();
            let resources: Vec<&Resource> = keys.iter().filter_map(|key| self.by_key.get(key).copied()).collect();
            // Complete only where the resource names its neighbors and all were found.
            let missing: Vec<&str> = keys
                .iter()
                .filter(|key| !self.by_key.contains_key(key))
                .map(|key| key.0.as_str())
                .collect();
            let gap = if keys.is_empty() {
                Some(Gap::with(Reason::NotRead, need.clone()))
            } else if missing.is_empty() {
                None
            } else {
                Some(Gap::with(Reason::NotRead, missing.join(", ")))
            };
            related.insert(need.clone(), Related { resources, gap });
        }
        related
    }
}

/// Returns the gap of a resource whose attributes could not be understood.
fn unreadable(resource: &Resource) -> Option<CoverageGap> {
    let unknown = resource.unknown.iter().find(|unknown| {
        unknown.path == "/attributes" && matches!(unknown.gap.reason, Reason::ParseError | Reason::Truncated)
    })?;
    let origin = resource.origins.first();
    Some(CoverageGap {
        scope: GapScope {
            input: origin.map(|origin| origin.file.to_string()),
            provider: Some(resource.provider),
            account: Some(resource.account.clone()),
            region: Some(resource.region.clone()),
            native_type: Some(resource.native_type.clone()),
            resource: Some(resource.id.clone()),
        },
        gap: unknown.gap.clone(),
        message: match &unknown.gap.detail {
            Some(detail) => format!("cannot judge the resource: {detail}"),
            None => "cannot judge the resource".to_owned(),
        },
        line: None,
        offset: origin.map(|origin| origin.offset),
        incomplete: true,
        accepted_by: None,
    })
}

fn summary(resource: &Resource) -> ResourceSummary {
    ResourceSummary {
        id: resource.id.clone(),
        key: resource.key.clone(),
        provider: resource.provider,
        kind: resource.kind.as_str().to_owned(),
        native_type: resource.native_type.clone(),
        name: resource.name.clone(),
        account: resource.account.clone(),
        region: resource.region.clone(),
        state: resource.state,
    }
}

fn version(resource: &Resource) -> Version {
    let origin = resource.origins.first();
    Version {
        observed_at: resource.observed_at,
        state: resource
            .state_id
            .as_ref()
            .and_then(|id| id.parse().ok())
            .unwrap_or_default(),
        content: fingerprint(resource),
        file: origin
            .map(|origin| Arc::clone(&origin.file))
            .unwrap_or_else(|| "".into()),
        offset: origin.map(|origin| origin.offset).unwrap_or_default(),
    }
}

/// Digest of the attributes, which are in canonical order: of two documents that disagree about one instant the
/// same one counts in whatever order they and their lists come.
fn fingerprint(resource: &Resource) -> u64 {
    // Keyed with constants: the same attributes give the same number in every run.
    let mut hasher = std::hash::DefaultHasher::new();
    hasher.write(resource.attributes.to_string().as_bytes());
    hasher.finish()
}
