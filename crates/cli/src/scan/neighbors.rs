//! Neighbors of resources, for policies that name a relation.

use std::collections::{BTreeMap, BTreeSet};

use nephoscope_model::{Gap, Kind, Reason, Resource, ResourceKey, State};
use nephoscope_policy::{Bundle, Related};

/// Resources by key, for policies that name a relation.
#[derive(Default)]
pub(super) struct Neighbors<'r> {
    by_key: BTreeMap<&'r ResourceKey, &'r Resource>,
}

impl<'r> Neighbors<'r> {
    pub(super) fn new(resources: impl Iterator<Item = &'r Resource>) -> Neighbors<'r> {
        let mut by_key: BTreeMap<&ResourceKey, &Resource> = BTreeMap::new();
        for resource in resources.filter(|resource| resource.state != State::Deleted) {
            let newest = by_key.entry(&resource.key).or_insert(resource);
            if resource.observed_at > newest.observed_at {
                *newest = resource;
            }
        }
        Neighbors { by_key }
    }

    pub(super) fn of<'n>(
        &self,
        resource: &Resource,
        needs: impl Iterator<Item = &'n String>,
    ) -> BTreeMap<String, Related<'r>> {
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

/// Kinds of which a resource waits for the end of the input: those judged with neighbors, and the neighbors.
pub(super) fn judged_kinds(bundle: &Bundle) -> BTreeSet<Kind> {
    let judged = bundle.policies().iter().filter(|policy| !policy.needs.is_empty());
    judged
        .flat_map(|policy| policy.kinds.iter().copied())
        .chain(neighbor_kinds(bundle))
        .collect()
}

/// Kinds of the neighbors that policies ask for.
pub(super) fn neighbor_kinds(bundle: &Bundle) -> BTreeSet<Kind> {
    let needs: BTreeSet<&String> = bundle.policies().iter().flat_map(|policy| &policy.needs).collect();
    let relations = nephoscope_normalize::relations().iter();
    relations
        .filter(|relation| needs.iter().any(|need| *need == relation.name))
        .filter_map(|relation| Kind::named(relation.kind))
        .collect()
}

/// Kinds of which a policy asks for the time, or takes its input whole: what comes of them is not the same tomorrow.
pub(super) fn dated_kinds(bundle: &Bundle) -> BTreeSet<Kind> {
    let dated = (0..).zip(bundle.policies()).filter(|(index, _)| {
        let mut reads = bundle.reads(*index).iter();
        reads.any(|read| read.path.is_empty() || read.path == "/" || read.path.starts_with("/as_of"))
    });
    dated.flat_map(|(_, policy)| policy.kinds.iter().copied()).collect()
}
