//! Constraints of Config Validator: judges assets as they are written, when all of them are known.
//!
//! The documents of one asset come one by one, each with another content; of each content the newest counts.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
use std::io;

use nephoscope_model::{
    CoverageGap, Dialect, Document, Finding, Gap, GapScope, Outcome, Provider, Reason, Resource, State,
};
use nephoscope_policy::{Asset, Policy, Verdict};

use super::groups::Groups;
use super::worker::{Worker, scope, version};
use super::{BATCH, Scan, on_all};
use crate::kept;
use crate::ledger::{Fate, Seen};
use crate::runs::{Sorted, Sorter};

impl Scan<'_> {
    /// Judges the documents that were noted, and returns which contents constraints ask for in vain.
    pub(super) fn judge_assets(&self, workers: &mut [Worker<'_>]) -> io::Result<Vec<CoverageGap>> {
        let assets = workers
            .iter_mut()
            .map(|worker| std::mem::replace(&mut worker.assets, Sorter::new(0)));
        let assets = Sorted::of(assets)?;
        let groups = Groups::of(&assets);
        on_all(workers, |worker| {
            let batch = groups.next(BATCH)?;
            let more = !batch.is_empty();
            for documents in batch {
                worker.judge_asset(documents)?;
            }
            Ok(more)
        })?;
        let sections: BTreeSet<&str> = workers
            .iter()
            .flat_map(|worker| worker.sections.iter().copied())
            .collect();
        Ok(self.contents_missing(&sections))
    }

    /// A constraint passes on every asset whose content it does not get to see.
    fn contents_missing(&self, sections: &BTreeSet<&str>) -> Vec<CoverageGap> {
        let mut missing: BTreeMap<String, Vec<&str>> = BTreeMap::new();
        for (index, policy) in self.scan_constraints() {
            let wanted = self.bundle.sections(index);
            let blind = !wanted.is_empty() && !wanted.iter().any(|section| sections.contains(section));
            if blind && !sections.is_empty() {
                missing.entry(wanted.join("`, `")).or_default().push(&policy.info.id.0);
            }
        }
        let gaps = missing.into_iter().map(|(wanted, ids)| CoverageGap {
            scope: GapScope {
                provider: Some(Provider::Gcp),
                ..GapScope::default()
            },
            gap: Gap::new(Reason::NotRead),
            message: format!(
                "no asset comes with `{wanted}`, which constraints judge: {} (help: export that content type too)",
                ids.join(", ")
            ),
            line: None,
            offset: None,
            incomplete: true,
            accepted_by: None,
        });
        gaps.collect()
    }

    fn scan_constraints(&self) -> impl Iterator<Item = (usize, &Policy)> {
        let constraints = self.bundle.constraints().iter();
        constraints.filter_map(|index| Some((*index, self.bundle.policies().get(*index)?)))
    }
}

/// A document with what it is about.
struct Version {
    resource: Resource,
    document: Document,
}

impl Worker<'_> {
    /// Keeps a document that constraints are to judge.
    pub(super) fn note_asset(&mut self, document: &Document) -> io::Result<()> {
        if document.dialect != Dialect::GcpCai || self.scan.bundle.constraints().is_empty() {
            return Ok(());
        }
        let resource = nephoscope_normalize::resource_of(document);
        self.assets.push(resource.key.0.as_bytes(), &kept::bytes(document)?)
    }

    /// Returns whether constraints judge the documents of a resource.
    pub(super) fn may_be_asset(&self, resource: &Resource) -> bool {
        let live = resource.provider == Provider::Gcp && resource.state == State::Live;
        live && !self.scan.bundle.constraints().is_empty()
    }

    /// Judges the documents of one asset, and enters what came of them.
    fn judge_asset(&mut self, documents: Vec<Vec<u8>>) -> io::Result<()> {
        let mut versions = Vec::new();
        for bytes in documents {
            let document = kept::document(bytes)?;
            let resource = nephoscope_normalize::resource_of(&document);
            if resource.observed_at.is_none_or(|observed| observed <= self.scan.as_of) {
                versions.push(Version { resource, document });
            }
        }
        // The newest first; of equal ones the order must not depend on that of the input.
        versions.sort_by(|a, b| {
            let rank = |version: &Version| (version.resource.observed_at, version.document.body.get().to_owned());
            rank(b)
                .cmp(&rank(a))
                .then_with(|| a.document.origin.cmp(&b.document.origin))
        });
        let Some(Version { resource: newest, .. }) = versions.first() else {
            return Ok(());
        };
        // The normal way counts what is gone or left out.
        if newest.state == State::Deleted || !self.scan.selection.takes(newest) {
            return Ok(());
        }
        let mut verdicts: BTreeMap<usize, Vec<(usize, Verdict, String)>> = BTreeMap::new();
        let mut told: BTreeSet<&str> = BTreeSet::new();
        for (place, version) in versions.iter().enumerate() {
            let Some(mut asset) = Asset::of(version.document.body.get()) else {
                continue;
            };
            asset.keep(|section| !told.contains(section));
            if asset.sections().next().is_none() {
                continue;
            }
            told.extend(asset.sections());
            self.sections.extend(asset.sections());
            let digest = asset.digest();
            for (policy, verdict) in self.evaluator.evaluate_asset(&asset, self.scan.as_of) {
                verdicts
                    .entry(policy)
                    .or_default()
                    .push((place, verdict, digest.clone()));
            }
        }
        let mut outcomes = Vec::new();
        let mut findings: Vec<Finding> = Vec::new();
        for (policy, of_documents) in verdicts {
            let Some(outcome) = worst(of_documents.iter().map(|(_, verdict, _)| verdict.outcome)) else {
                continue;
            };
            outcomes.push((u32::try_from(policy).unwrap_or(u32::MAX), outcome));
            let mut seen = BTreeSet::new();
            for (place, verdict, digest) in of_documents {
                let Some(version) = versions.get(place).filter(|_| verdict.outcome == outcome) else {
                    continue;
                };
                let mut found = Vec::new();
                let values = || digest.clone();
                self.findings(
                    policy,
                    verdict,
                    &version.resource,
                    &OnceCell::new(),
                    &values,
                    &mut found,
                );
                // Two contents may have the same fault.
                findings.extend(found.into_iter().filter(|finding| seen.insert(finding.id.clone())));
            }
        }
        let fate = Fate::Beside(outcomes);
        self.page.enter(
            Seen::of(&newest.key),
            version(newest),
            scope(newest),
            fate,
            findings,
            None,
        )
    }
}

/// Returns the worst of outcomes.
fn worst(outcomes: impl Iterator<Item = Outcome> + Clone) -> Option<Outcome> {
    // INVARIANT: `Outcome::ALL` lists the worst first.
    Outcome::ALL
        .into_iter()
        .find(|worst| outcomes.clone().any(|outcome| outcome == *worst))
}
