//! Of several versions of one document the newest, and what is odd about the others.

use std::cmp::{Ordering, Reverse};
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;
use nephoscope_model::{CoverageGap, Dialect, Resource};

use crate::gaps::{contradicted, replanned};
use crate::group::Piece;
use crate::terraform;

/// What one version of one document, or section, is kept under: (resource key, native type, section).
pub(crate) type Slot = (String, &'static str, &'static str);

/// The newest version of each document. The order in which versions come changes nothing.
#[derive(Default)]
pub(crate) struct Versions {
    pub(crate) pieces: BTreeMap<Slot, Piece>,
    /// Versions that a newer one replaced.
    pub(crate) superseded: u64,
    /// Plans that plan one resource, by its slot.
    replanned: BTreeMap<Slot, BTreeSet<Arc<str>>>,
    /// Documents of which several are about one resource and which do not say when they were read, each by its encoding
    /// and the digest of its bytes.
    undated: BTreeMap<Slot, BTreeSet<(Dialect, u64)>>,
}

impl Versions {
    /// Takes one more version.
    pub(crate) fn keep(&mut self, piece: Piece) {
        let slot = (piece.resource.key.0.clone(), piece.mapping.native_type, piece.facet);
        match self.pieces.entry(slot) {
            Entry::Vacant(entry) => {
                entry.insert(piece);
            }
            Entry::Occupied(mut entry) => {
                // What is a resource of its own as well is counted as that.
                self.superseded += u64::from(!piece.mapping.stands);
                let kept = entry.get();
                if piece.mapping.dialects.contains(&Dialect::TerraformPlan) && file(&piece) != file(kept) {
                    let files = self.replanned.entry(entry.key().clone()).or_default();
                    files.extend(file(&piece).into_iter().chain(file(kept)));
                }
                // Every version is noted, not only one that differs from what happens to be kept: documents of two
                // encodings come in any order.
                let undated: Vec<_> = undated(&piece).into_iter().chain(undated(kept)).collect();
                if !undated.is_empty() {
                    self.undated.entry(entry.key().clone()).or_default().extend(undated);
                }
                if newer(&piece, entry.get()) == Ordering::Greater {
                    entry.insert(piece);
                }
            }
        }
    }

    /// Takes over what `other` kept.
    pub(crate) fn merge(&mut self, other: Versions) {
        for piece in other.pieces.into_values() {
            self.keep(piece);
        }
        for (slot, files) in other.replanned {
            self.replanned.entry(slot).or_default().extend(files);
        }
        for (slot, documents) in other.undated {
            self.undated.entry(slot).or_default().extend(documents);
        }
        self.superseded += other.superseded;
    }

    /// Returns the resources of which nobody can tell the newest version, in no particular order.
    pub(crate) fn gaps(&self) -> impl Iterator<Item = CoverageGap> {
        let replanned = (self.replanned.iter())
            .filter_map(|(slot, files)| self.pieces.get(slot).map(|piece| replanned(piece, files)));
        let undated = (self.undated.iter()).filter_map(|(slot, documents)| {
            // What says when it was read is newer than all that does not.
            let piece = (self.pieces.get(slot)).filter(|piece| piece.resource.observed_at.is_none())?;
            differ(documents).then(|| contradicted(piece, documents.len()))
        });
        replanned.chain(undated)
    }
}

fn file(piece: &Piece) -> Option<Arc<str>> {
    piece.origin().map(|origin| origin.file.clone())
}

/// Returns what a document that does not say when it was read is noted by.
fn undated(piece: &Piece) -> Option<(Dialect, u64)> {
    let (dialect, _) = piece.resource.mapping?;
    let dated = piece.resource.observed_at.is_some() || dialect == Dialect::TerraformPlan;
    (!dated).then_some((dialect, piece.digest))
}

/// Returns whether two documents of one encoding differ; those of two encodings always do.
fn differ(documents: &BTreeSet<(Dialect, u64)>) -> bool {
    let mut pairs = documents.iter().zip(documents.iter().skip(1));
    pairs.any(|((one, _), (next, _))| one == next)
}

/// Compares two versions: what a plan keeps before what it forgets or deletes, then by [`newer_resource`].
fn newer(a: &Piece, b: &Piece) -> Ordering {
    terraform::staying(a)
        .cmp(&terraform::staying(b))
        .then_with(|| newer_resource((&a.resource, a.digest), (&b.resource, b.digest)))
}

/// Compares two versions by envelope and digest of the bytes: the later look, then the greater state id, then the
/// bytes, then the first place.
pub(crate) fn newer_resource(a: (&Resource, u64), b: (&Resource, u64)) -> Ordering {
    fn rank<'r>((resource, digest): (&'r Resource, u64)) -> impl Ord + use<'r> {
        let age = age(resource.observed_at, resource.state_id.as_deref(), digest);
        (age, Reverse(resource.origins.first()))
    }
    rank(a).cmp(&rank(b))
}

/// Returns by what versions are ordered, the newest last: when the source looked, the state id, the bytes.
pub(crate) fn age(observed_at: Option<Timestamp>, state_id: Option<&str>, digest: u64) -> impl Ord + use<'_> {
    // State ids of AWS Config are numbers of differing length.
    let number = state_id.and_then(|id| id.parse::<u128>().ok());
    (observed_at, number, state_id, digest)
}
