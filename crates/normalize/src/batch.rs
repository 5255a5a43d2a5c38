//! A few documents, normalized in memory.

use std::collections::BTreeMap;

use jiff::Timestamp;
use nephoscope_model::{CoverageGap, Document, Resource, ScopeRead};

use crate::normalizer::{Normalizer, Taken};

/// A [`Normalizer`] that keeps in memory what waits: for as many documents as fit.
#[derive(Default)]
pub struct Batch {
    normalizer: Normalizer,
    waiting: BTreeMap<String, Vec<Document>>,
}

/// Everything that a batch kept.
#[derive(Debug)]
pub struct Finished {
    /// The resources that were not returned by [`Batch::push`], sorted by key.
    pub resources: Vec<Resource>,
    /// Parts whose whole was not read, sorted.
    pub gaps: Vec<CoverageGap>,
    /// Kept versions that a newer one replaced. Of resources returned at once the caller counts them.
    pub superseded: u64,
    /// Documents of any type that are newer than `as_of`.
    pub after_as_of: u64,
}

impl Batch {
    /// Returns a batch that judges the newest versions not after `as_of`.
    pub fn new(as_of: Option<Timestamp>) -> Self {
        Batch {
            normalizer: Normalizer::new(as_of),
            waiting: BTreeMap::new(),
        }
    }

    /// Takes one document; returns the resource if it needs nothing else. See [`Normalizer::push`].
    pub fn push(&mut self, document: Document) -> Option<Resource> {
        match self.normalizer.push(&document) {
            Taken::Resource(resource) => Some(*resource),
            Taken::Waits(group) => {
                self.waiting.entry(group).or_default().push(document);
                None
            }
            Taken::Both(resource, group) => {
                self.waiting.entry(group).or_default().push(document);
                Some(*resource)
            }
            Taken::Kept | Taken::Later => None,
        }
    }

    /// Notes that a scope was read in full. See [`Normalizer::scope_read`].
    pub fn scope_read(&mut self, scope: ScopeRead) {
        self.normalizer.scope_read(scope);
    }

    /// Takes over what `other` kept and counted. Both must have the same `as_of`.
    pub fn merge(&mut self, other: Batch) {
        self.normalizer.merge(other.normalizer);
        for (group, documents) in other.waiting {
            self.waiting.entry(group).or_default().extend(documents);
        }
    }

    /// Returns everything kept, assembled, related and derived.
    pub fn finish(self) -> Finished {
        let waiting = self.waiting;
        self.normalizer.close(|closed| {
            let mut finished = Finished {
                resources: (0..closed.len()).filter_map(|index| closed.build(index)).collect(),
                gaps: closed.gaps.clone(),
                superseded: closed.superseded,
                after_as_of: closed.after_as_of,
            };
            let mut beside: BTreeMap<String, Vec<Document>> = BTreeMap::new();
            for documents in waiting.into_values() {
                let joined = closed.join(&documents);
                finished.resources.extend(joined.resources);
                finished.gaps.extend(joined.gaps);
                finished.superseded += joined.superseded;
                for (place, document) in joined.beside {
                    beside.entry(place).or_default().push(document);
                }
            }
            for documents in beside.into_values() {
                finished.resources.extend(closed.together(&documents));
            }
            finished
                .resources
                .sort_by(|a, b| (&a.key, &a.native_type).cmp(&(&b.key, &b.native_type)));
            finished.gaps.sort();
            finished
        })
    }
}
