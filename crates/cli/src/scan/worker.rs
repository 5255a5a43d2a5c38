//! One thread's part of a scan: judges resources and enters what came of them.

use std::cell::OnceCell;
use std::collections::BTreeSet;
use std::io;
use std::sync::Arc;

use nephoscope_model::{
    CoverageGap, Document, Finding, FindingId, GapScope, Kind, Location, Outcome, Reason, Resource, ResourceSummary,
    State,
};
use nephoscope_normalize::{Closed, Normalizer, Taken};
use nephoscope_policy::{Clock, Count, Evaluator, Subject, Verdict};

use super::documents::is_raw;
use super::neighbors::{Neighbors, dated_kinds, judged_kinds, neighbor_kinds};
use super::{Batch, Item, Scan};
use crate::cache::{Came, Desk, Key};
use crate::kept;
use crate::ledger::{Fate, Page, Scope, Seen, Sorters, Version};
use crate::runs::Sorter;
use crate::values::ReadSet;

/// What a worker keeps beyond a bounded amount on disk.
pub(super) struct Keep {
    /// What came of each resource.
    pub(super) page: Sorters,
    /// Documents that wait for the end of the input, by group.
    pub(super) waiting: Sorter,
    /// Documents that wait for others at the same place.
    pub(super) beside: Sorter,
    /// Documents that constraints judge, by resource.
    pub(super) assets: Sorter,
}

/// One thread's part of a scan.
pub(super) struct Worker<'a> {
    pub(super) scan: &'a Scan<'a>,
    pub(super) normalizer: Normalizer,
    pub(super) evaluator: Evaluator<'a>,
    /// What each policy reads, by its index.
    read_sets: Vec<ReadSet>,
    pub(super) page: Page,
    pub(super) waiting: Sorter,
    pub(super) beside: Sorter,
    pub(super) assets: Sorter,
    /// What the assets hold that constraints judged.
    pub(super) sections: BTreeSet<&'static str>,
    /// Resources that policies ask for as neighbors.
    pub(super) neighbors: Vec<Resource>,
    /// Kinds that are judged with neighbors, and kinds of neighbors.
    judged_with: BTreeSet<Kind>,
    neighbor_kinds: BTreeSet<Kind>,
    /// Kinds of which a policy asks for the time.
    dated_kinds: BTreeSet<Kind>,
    pub(super) gaps: Vec<CoverageGap>,
    /// Versions that a newer one replaced before they were judged.
    pub(super) superseded: u64,
    /// Versions newer than the instant judged that the normalizer did not count.
    pub(super) after_as_of: u64,
    /// What came of documents in earlier scans, where that is asked.
    desk: Option<Desk<'a>>,
    /// Why it does no more.
    pub(super) failed: Option<io::Error>,
}

impl<'a> Worker<'a> {
    pub(super) fn new(scan: &'a Scan<'a>, number: u32, evaluator: Evaluator<'a>, keep: Keep) -> Worker<'a> {
        Worker {
            normalizer: Normalizer::new(Some(scan.as_of)),
            evaluator,
            read_sets: (0..scan.bundle.policies().len())
                .map(|index| ReadSet::of(scan.bundle.read_set_paths(index)))
                .collect(),
            page: Page::new(number, keep.page),
            waiting: keep.waiting,
            beside: keep.beside,
            assets: keep.assets,
            sections: BTreeSet::new(),
            neighbors: Vec::new(),
            judged_with: judged_kinds(scan.bundle),
            neighbor_kinds: neighbor_kinds(scan.bundle),
            dated_kinds: dated_kinds(scan.bundle),
            gaps: Vec::new(),
            superseded: 0,
            after_as_of: 0,
            desk: scan.cache.map(Desk::new),
            failed: None,
            scan,
        }
    }

    /// Counts what each policy does.
    pub(super) fn measure(&mut self, clock: Clock) {
        self.evaluator.measure(clock);
    }

    /// What each policy did, by its index; empty unless it is measured.
    pub(super) fn counts(&self) -> &[Count] {
        self.evaluator.counts()
    }

    /// Does a piece of work, unless an earlier one failed.
    pub(super) fn attempt(&mut self, work: impl FnOnce(&mut Self) -> io::Result<()>) {
        if self.failed.is_none()
            && let Err(error) = work(self)
        {
            self.failed = Some(error);
        }
    }

    pub(super) fn take(&mut self, batch: Batch) -> io::Result<()> {
        for item in batch {
            match item {
                Item::Scope(scope) => self.normalizer.scope_read(scope),
                Item::Document(document) if is_raw(&document) => self.judge_document(&document)?,
                Item::Document(document) => {
                    self.note_asset(&document)?;
                    self.take_document(&document)?;
                }
            }
        }
        Ok(())
    }

    fn take_document(&mut self, document: &Document) -> io::Result<()> {
        let key = (self.desk.is_some() && document.begin.is_some()).then(|| Key::of(document));
        if let (Some(desk), Some(key)) = (&mut self.desk, key)
            && desk.recall(key, document, self.scan.as_of, &mut self.page, |loan| {
                self.normalizer.lend(loan)
            })?
        {
            return Ok(());
        }
        match self.normalizer.push(document) {
            Taken::Resource(resource) => self.take_resource(*resource, document, key),
            Taken::Waits(group) => self.waiting.push(group.as_bytes(), &kept::bytes(document)?),
            Taken::Both(resource, group) => {
                self.waiting.push(group.as_bytes(), &kept::bytes(document)?)?;
                self.take_resource(*resource, document, None)
            }
            Taken::Kept | Taken::Later => Ok(()),
        }
    }

    fn take_resource(&mut self, resource: Resource, document: &Document, key: Option<Key>) -> io::Result<()> {
        if self.neighbor_kinds.contains(&resource.kind) {
            self.neighbors.push(resource);
        } else if self.judged_with.contains(&resource.kind) {
            // Nothing would build it again from its document when no mapping reads it.
            match resource.mapping {
                Some(_) => self.waiting.push(resource.key.0.as_bytes(), &kept::bytes(document)?)?,
                None => self.neighbors.push(resource),
            }
        } else {
            self.judge(&resource, &Neighbors::default(), std::slice::from_ref(document), key)?;
        }
        Ok(())
    }

    /// Joins the documents of one group and judges what they make.
    pub(super) fn join(
        &mut self,
        documents: Vec<Vec<u8>>,
        closed: &Closed<'_>,
        neighbors: &Neighbors<'_>,
    ) -> io::Result<()> {
        let documents: Vec<_> = documents.into_iter().map(kept::document).collect::<io::Result<_>>()?;
        let joined = closed.join(&documents);
        self.gaps.extend(joined.gaps);
        self.superseded += joined.superseded;
        for (place, document) in &joined.beside {
            self.beside.push(place.as_bytes(), &kept::bytes(document)?)?;
        }
        joined
            .resources
            .iter()
            .try_for_each(|resource| self.judge(resource, neighbors, &documents, None))
    }

    /// Judges the resources of one place.
    pub(super) fn judge_together(
        &mut self,
        documents: Vec<Vec<u8>>,
        closed: &Closed<'_>,
        neighbors: &Neighbors<'_>,
    ) -> io::Result<()> {
        let documents: Vec<_> = documents.into_iter().map(kept::document).collect::<io::Result<_>>()?;
        closed
            .together(&documents)
            .iter()
            .try_for_each(|resource| self.judge(resource, neighbors, &documents, None))
    }

    /// Judges a resource, and enters what came of it. Faults are shown in those of its documents that are at hand; with a key, that of
    /// its only document, what came of it is noted for later scans, if nothing but the document decided it.
    pub(super) fn judge(
        &mut self,
        resource: &Resource,
        neighbors: &Neighbors<'_>,
        documents: &[Document],
        key: Option<Key>,
    ) -> io::Result<()> {
        if resource.observed_at.is_some_and(|observed| observed > self.scan.as_of) {
            self.after_as_of += 1;
            return Ok(());
        }
        let (fate, mut findings) = self.fate(resource, neighbors);
        documents.iter().for_each(|document| locate(&mut findings, document));
        let gap = unreadable(resource).filter(|_| matches!(fate, Fate::Judged(_)));
        let seen = Seen::of(&resource.key);
        let (version, scope) = (version(resource), scope(resource));
        if let (Some(desk), Some(key), [document]) = (&self.desk, key, documents)
            && gap.is_none()
            && !self.dated_kinds.contains(&resource.kind)
            && nephoscope_normalize::stands_alone(document)
            && !findings.iter().any(|finding| finding.outcome == Outcome::Error)
        {
            let came = Came {
                seen,
                version: &version,
                scope: &scope,
                fate: &fate,
                loan: nephoscope_normalize::loan(document, resource).unwrap_or_default(),
                findings: &findings,
            };
            desk.note(key, document, &came);
        }
        self.page.enter(seen, version, scope, fate, findings, gap)
    }

    fn fate(&mut self, resource: &Resource, neighbors: &Neighbors<'_>) -> (Fate, Vec<Finding>) {
        if resource.state == State::Deleted {
            return (Fate::Deleted, Vec::new());
        }
        if !self.scan.selection.takes(resource) {
            return (Fate::Filtered, Vec::new());
        }
        let policies = self.scan.bundle.policies_for(resource.kind);
        if policies.is_empty() && self.may_be_asset(resource) {
            return (Fate::Judged(Vec::new()), Vec::new());
        }
        if policies.is_empty() {
            return (Fate::Unjudged, Vec::new());
        }
        let mut outcomes = Vec::with_capacity(policies.len());
        let mut findings = Vec::new();
        // Most resources have no finding, some have several.
        let summary = OnceCell::new();
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
            let digest = || {
                (self.read_sets.get(index))
                    .map(|reads| reads.digest(resource))
                    .unwrap_or_default()
            };
            self.findings(index, verdict, resource, &summary, &digest, &mut findings);
        }
        (Fate::Judged(outcomes), findings)
    }

    pub(super) fn findings(
        &self,
        index: usize,
        verdict: Verdict,
        resource: &Resource,
        summary: &OnceCell<Arc<ResourceSummary>>,
        values: &dyn Fn() -> String,
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
                resource: Arc::clone(summary.get_or_init(|| Arc::new(self::summary(resource)))),
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
                let values = values();
                for deny in verdict.denies.iter().cloned() {
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

/// Notes where the faults that `document` holds stand in its text.
fn locate(findings: &mut [Finding], document: &Document) {
    let here = |finding: &Finding| finding.outcome == Outcome::Fail && finding.location.origin == document.origin;
    let mut faults: Vec<&mut Finding> = findings.iter_mut().filter(|finding| here(finding)).collect();
    if faults.is_empty() {
        return;
    }
    let pointers: Vec<&str> = faults.iter().map(|fault| fault.location.pointer.as_str()).collect();
    let found = nephoscope_read::show(document, &pointers);
    for (fault, found) in faults.iter_mut().zip(found) {
        if let Some(found) = found {
            found.note(&mut fault.location);
        }
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

pub(super) fn scope(resource: &Resource) -> Scope {
    Scope {
        provider: resource.provider,
        account: resource.account.as_str().into(),
        region: resource.region.as_str().into(),
        native_type: resource.native_type.as_str().into(),
    }
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

pub(super) fn version(resource: &Resource) -> Version {
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
        pointer: origin.map(|origin| origin.pointer.clone()).unwrap_or_default(),
    }
}

/// Digest of the attributes, which are in canonical order: of two documents that disagree about one instant the
/// same one counts in whatever order they and their lists come.
fn fingerprint(resource: &Resource) -> u64 {
    // Attributes are JSON already, which can always be written.
    let text = serde_json::to_vec(&resource.attributes).unwrap_or_default();
    // The same in every run, unlike the standard library's hasher.
    xxhash_rust::xxh3::xxh3_64(&text)
}
