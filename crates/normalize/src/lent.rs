//! What resources that stand alone tell others: one attribute each, kept by key until the input ends.
//!
//! Who names a key or a security group does so by its id, and any number may name one: they cannot wait together, as
//! wholes and parts do. The attribute is small, so that all of them fit into memory.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use jiff::Timestamp;
use nephoscope_model::{Gap, Resource};
use serde_json::Value;

/// One attribute of one resource.
#[derive(Debug)]
pub(crate) struct Lent {
    rank: Rank,
    /// What is known of it; `None` where it is absent, unknown, or the resource is gone.
    pub(crate) value: Option<Value>,
    /// Why not all of it is known.
    pub(crate) gap: Option<Gap>,
}

/// By what versions are compared, the newest last; see [`crate::versions::newer_resource`].
type Rank = (Option<Timestamp>, Option<u128>, Option<String>, u64);

/// What was lent, by native type and key, each in its newest version. The order in which versions come changes nothing.
#[derive(Debug, Default)]
pub(crate) struct Lending(BTreeMap<&'static str, BTreeMap<String, Lent>>);

impl Lending {
    /// Notes the attribute `pointer` of a resource; `digest` is that of its document.
    pub(crate) fn note(&mut self, native_type: &'static str, pointer: &str, resource: &Resource, digest: u64) {
        let path = format!("/attributes{pointer}");
        let concerns = |other: &str| path.starts_with(other) || other.starts_with(&path);
        let unknown = resource.unknown.iter().find(|unknown| concerns(&unknown.path));
        let state = resource.state_id.as_ref();
        let lent = Lent {
            rank: (
                resource.observed_at,
                state.and_then(|id| id.parse().ok()),
                state.cloned(),
                digest,
            ),
            value: resource.attributes.pointer(pointer).cloned(),
            gap: unknown.map(|unknown| unknown.gap.clone()),
        };
        self.keep(native_type, resource.key.0.clone(), lent);
    }

    /// Takes over what `other` kept.
    pub(crate) fn merge(&mut self, other: Lending) {
        for (native_type, all) in other.0 {
            for (key, lent) in all {
                self.keep(native_type, key, lent);
            }
        }
    }

    /// Returns what the resource `key` lent; `None` where it was not read.
    pub(crate) fn of(&self, native_type: &str, key: &str) -> Option<&Lent> {
        self.0.get(native_type)?.get(key)
    }

    fn keep(&mut self, native_type: &'static str, key: String, lent: Lent) {
        match self.0.entry(native_type).or_default().entry(key) {
            Entry::Vacant(entry) => {
                entry.insert(lent);
            }
            Entry::Occupied(mut entry) => {
                if lent.rank > entry.get().rank {
                    entry.insert(lent);
                }
            }
        }
    }
}
