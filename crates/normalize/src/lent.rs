//! What resources that stand alone tell others: one attribute each, kept by key until the input ends.
//!
//! Who names a key or a security group does so by its id, and any number may name one: they cannot wait together, as
//! wholes and parts do. The attribute is small, so that all of them fit into memory.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use jiff::Timestamp;
use nephoscope_model::{Gap, Resource};
use serde_json::Value;

use crate::versions::age;

/// One attribute of one resource, in as few bytes as may be: there may be one for every security group of an estate.
#[derive(Debug)]
pub(crate) struct Lent {
    account: Box<str>,
    observed_at: Option<Timestamp>,
    state: Option<Box<str>>,
    digest: u64,
    /// As JSON.
    value: Option<Box<str>>,
    gap: Option<Box<Gap>>,
}

impl Lent {
    /// Returns what is known of it; `None` where it is absent, unknown, or the resource is gone.
    pub(crate) fn value(&self) -> Option<Value> {
        serde_json::from_str(self.value.as_deref()?).ok()
    }

    /// Returns why not all of it is known.
    pub(crate) fn gap(&self) -> Option<&Gap> {
        self.gap.as_deref()
    }

    fn age(&self) -> impl Ord + use<'_> {
        age(self.observed_at, self.state.as_deref(), self.digest)
    }
}

/// What was lent, by native type and key, each in its newest version. The order in which versions come changes nothing.
#[derive(Debug, Default)]
pub(crate) struct Lending(BTreeMap<&'static str, BTreeMap<Box<str>, Lent>>);

impl Lending {
    /// Notes the attribute `pointer` of a resource; `digest` is that of its document.
    pub(crate) fn note(&mut self, native_type: &'static str, pointer: &str, resource: &Resource, digest: u64) {
        let path = format!("/attributes{pointer}");
        let concerns = |other: &str| path.starts_with(other) || other.starts_with(&path);
        let unknown = resource.unknown.iter().find(|unknown| concerns(&unknown.path));
        let lent = Lent {
            account: resource.account.as_str().into(),
            observed_at: resource.observed_at,
            state: resource.state_id.as_deref().map(Box::from),
            digest,
            value: (resource.attributes.pointer(pointer)).map(|value| value.to_string().into_boxed_str()),
            gap: unknown.map(|unknown| Box::new(unknown.gap.clone())),
        };
        self.keep(native_type, resource.key.0.as_str().into(), lent);
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

    /// Returns what the resources of an account lent, by key.
    pub(crate) fn of_account(&self, native_type: &str, account: &str) -> impl Iterator<Item = &Lent> {
        let all = self.0.get(native_type).into_iter().flat_map(BTreeMap::values);
        all.filter(move |lent| !account.is_empty() && lent.account.eq_ignore_ascii_case(account))
    }

    fn keep(&mut self, native_type: &'static str, key: Box<str>, lent: Lent) {
        match self.0.entry(native_type).or_default().entry(key) {
            Entry::Vacant(entry) => {
                entry.insert(lent);
            }
            Entry::Occupied(mut entry) => {
                if lent.age() > entry.get().age() {
                    entry.insert(lent);
                }
            }
        }
    }
}
