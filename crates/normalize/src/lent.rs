//! What resources that stand alone tell others: one attribute each, kept by key until the input ends.
//!
//! Who names a key or a security group does so by its id, and any number may name one: they cannot wait together, as
//! wholes and parts do. The attribute is small, so that all of them fit into memory.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use jiff::Timestamp;
use nephoscope_model::{Dialect, Document, Gap, Resource};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::mapping::{self, Mapping};
use crate::open;
use crate::versions::age;

/// One attribute of one resource, in as few bytes as may be: there may be one for every security group of an estate.
#[derive(Debug, Serialize, Deserialize)]
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

impl Lent {
    fn of(pointer: &str, resource: &Resource, digest: u64) -> Lent {
        let path = format!("/attributes{pointer}");
        let concerns = |other: &str| path.starts_with(other) || other.starts_with(&path);
        let unknown = resource.unknown.iter().find(|unknown| concerns(&unknown.path));
        Lent {
            account: resource.account.as_str().into(),
            observed_at: resource.observed_at,
            state: resource.state_id.as_deref().map(Box::from),
            digest,
            value: (resource.attributes.pointer(pointer)).map(|value| value.to_string().into_boxed_str()),
            gap: unknown.map(|unknown| Box::new(unknown.gap.clone())),
        }
    }
}

/// What one resource lends, as it is written down.
#[derive(Serialize, Deserialize)]
struct Loan<'a> {
    dialect: Dialect,
    native_type: &'a str,
    key: &'a str,
    lent: Lent,
}

/// Returns what a resource that stands alone tells others, as bytes for [`Normalizer::lend`](crate::Normalizer::lend); `None` when it is nothing.
pub fn loan(document: &Document, resource: &Resource) -> Option<Vec<u8>> {
    let (dialect, native_type) = resource.mapping?;
    let pointer = lender(dialect, native_type)?.lends?;
    let loan = Loan {
        dialect,
        native_type,
        key: &resource.key.0,
        lent: Lent::of(pointer, resource, open::digest(document)),
    };
    // INVARIANT: texts, times and numbers can always be written.
    serde_json::to_vec(&loan).ok()
}

fn lender(dialect: Dialect, native_type: &str) -> Option<&'static Mapping> {
    mapping::find(dialect, native_type, String::new).filter(|mapping| mapping.lends.is_some())
}

/// What was lent, by native type and key, each in its newest version. The order in which versions come changes nothing.
#[derive(Debug, Default)]
pub(crate) struct Lending(BTreeMap<&'static str, BTreeMap<Box<str>, Lent>>);

impl Lending {
    /// Notes the attribute `pointer` of a resource; `digest` is that of its document.
    pub(crate) fn note(&mut self, native_type: &'static str, pointer: &str, resource: &Resource, digest: u64) {
        let lent = Lent::of(pointer, resource, digest);
        self.keep(native_type, resource.key.0.as_str().into(), lent);
    }

    /// Notes what [`loan`] returned; `false` when the bytes are none.
    pub(crate) fn note_loan(&mut self, bytes: &[u8]) -> bool {
        let Ok(Loan {
            dialect,
            native_type,
            key,
            lent,
        }) = serde_json::from_slice(bytes)
        else {
            return false;
        };
        let Some(mapping) = lender(dialect, native_type) else {
            return false;
        };
        self.keep(mapping.native_type, key.into(), lent);
        true
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
