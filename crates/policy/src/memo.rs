//! Remembered verdicts: equal values on a policy's read set give an equal verdict, so they are judged once, by whichever thread
//! meets them first.
//!
//! The key is everything the policy can read, written out, so that no two inputs can be taken for one another: what stands at
//! each path, as far as the policy looks at it, and which paths are unknown. Parameters, helpers and data are the same for
//! a policy as long as its bundle lives. Verdicts with an error are not remembered.

use std::sync::Arc;

use ahash::RandomState;
use nephoscope_model::{Outcome, Unknown};
use quick_cache::sync::{Cache, DefaultLifecycle};
use quick_cache::{Equivalent, Weighter};

use crate::bundle::Policy;
use crate::deny::Deny;
use crate::evaluate::{Paths, Prepared, Verdict, shown};
use crate::projection::{number, text};

/// Bytes of keys and verdicts that all threads hold together; beyond it goes what is asked for least.
const HELD: u64 = 8 << 20;

/// Bytes of a key and its verdict, about.
const USUAL: usize = 256;

/// Keys longer than this are hardly ever met twice.
const LONGEST: usize = 4 << 10;

/// The verdicts that all threads remember, locked in parts: threads that ask for different things seldom meet.
pub(crate) struct Memo(Cache<Key, Arc<Remembered>, Size, RandomState, DefaultLifecycle<Key, Arc<Remembered>>>);

/// A policy, by its index, and what it reads.
#[derive(Hash, PartialEq, Eq)]
struct Key {
    policy: usize,
    read: Box<[u8]>,
}

/// As [`Key`], to ask with.
#[derive(Hash)]
struct Asked<'k> {
    policy: usize,
    read: &'k [u8],
}

impl Equivalent<Key> for Asked<'_> {
    fn equivalent(&self, key: &Key) -> bool {
        self.policy == key.policy && *self.read == *key.read
    }
}

/// A verdict without what differs between equal inputs: why a path is not known.
struct Remembered {
    outcome: Outcome,
    denies: Arc<[Deny]>,
    open: Vec<String>,
}

/// Tells how many bytes a verdict and its key take, about.
#[derive(Clone)]
struct Size;

impl Weighter<Key, Arc<Remembered>> for Size {
    fn weight(&self, key: &Key, remembered: &Arc<Remembered>) -> u64 {
        (key.read.len() + size_of::<Key>() + size_of::<Remembered>() + remembered.texts()) as u64
    }
}

impl Memo {
    pub(crate) fn new() -> Arc<Memo> {
        let held = usize::try_from(HELD).unwrap_or(usize::MAX);
        Arc::new(Memo(Cache::with(
            held / USUAL,
            HELD,
            Size,
            RandomState::new(),
            DefaultLifecycle::default(),
        )))
    }
}

/// One thread's questions to a memo.
pub(crate) struct Recall {
    memo: Arc<Memo>,
    /// What was asked for last, until it is kept.
    key: Vec<u8>,
}

impl Recall {
    pub(crate) fn of(memo: &Arc<Memo>) -> Recall {
        Recall {
            memo: Arc::clone(memo),
            key: Vec::new(),
        }
    }

    /// Returns the remembered verdict, or writes the key under which [`Recall::keep`] will remember it.
    ///
    /// `None` also where the policy cannot be remembered; then the key is empty.
    pub(crate) fn get(
        &mut self,
        index: usize,
        policy: &Policy,
        prepared: &Prepared<'_>,
        paths: &mut Paths,
    ) -> Option<Verdict> {
        self.key.clear();
        if !write_key(&mut self.key, index, policy, prepared, paths) || self.key.len() > LONGEST {
            self.key.clear();
            return None;
        }
        let asked = Asked {
            policy: index,
            read: &self.key,
        };
        let found = self.memo.0.get(&asked)?;
        let unknown = if found.open.is_empty() {
            Vec::new()
        } else {
            let mut open = still_open(&found.open, policy, prepared);
            open.sort();
            open.dedup();
            open
        };
        Some(Verdict {
            outcome: found.outcome,
            denies: Arc::clone(&found.denies),
            unknown,
            error: None,
        })
    }

    /// Remembers what was judged after [`Recall::get`] gave nothing.
    pub(crate) fn keep(&mut self, index: usize, verdict: &Verdict) {
        if self.key.is_empty() || verdict.error.is_some() {
            return;
        }
        let remembered = Remembered {
            outcome: verdict.outcome,
            denies: Arc::clone(&verdict.denies),
            open: verdict.unknown.iter().map(|unknown| unknown.path.clone()).collect(),
        };
        let key = Key {
            policy: index,
            read: self.key.as_slice().into(),
        };
        self.memo.0.insert(key, Arc::new(remembered));
    }
}

impl Remembered {
    fn texts(&self) -> usize {
        let denies = self.denies.iter().map(|deny| {
            // A value in evidence is a word or two.
            size_of::<Deny>() + deny.path.len() + deny.message.len() + deny.key.len() + 64
        });
        let open = self.open.iter().map(|path| size_of::<String>() + path.len());
        denies.chain(open).sum()
    }
}

/// Returns what of the paths that were open is so for this input, with its own reasons.
fn still_open(open: &[String], policy: &Policy, prepared: &Prepared<'_>) -> Vec<Unknown> {
    if policy.needs.is_empty() {
        let own = prepared.own().map(|own| own.unknown);
        return own.filter(|unknown| open.contains(&unknown.path)).cloned().collect();
    }
    let all = prepared.unknown(policy);
    let shown = all.iter().map(|(unknown, _)| shown(unknown));
    shown.filter(|unknown| open.contains(&unknown.path)).collect()
}

/// Writes all that the policy can read. Returns false where that is everything, or cannot be told.
fn write_key(key: &mut Vec<u8>, index: usize, policy: &Policy, prepared: &Prepared<'_>, paths: &mut Paths) -> bool {
    let projection = &policy.runtime.projection;
    if projection.takes_all() {
        return false;
    }
    for (root, below) in projection.children() {
        match root {
            "resource" if below.takes_all() => below.write(key, Some(prepared.plain_resource())),
            "resource" => {
                for (name, below) in below.children() {
                    below.write(key, prepared.field(name).as_deref());
                }
            }
            "related" if below.takes_all() => return false,
            "related" => {
                for (name, below) in below.children() {
                    let needed = policy.needs.iter().any(|need| need == name);
                    below.write(key, needed.then(|| prepared.related(name)).flatten());
                }
            }
            "as_of" => text(key, &prepared.as_of()),
            // Parameters are the same for a policy, and nothing else stands in the input.
            _ => {}
        }
    }
    if policy.needs.is_empty() {
        for own in prepared.own() {
            let there = prepared.there(own, paths);
            if paths.touches(own.path, there, index, policy) {
                text(key, &own.unknown.path);
                number(key, there);
            }
        }
        return true;
    }
    for (unknown, tokens) in prepared.unknown(policy).iter() {
        let there = prepared.depth(tokens);
        if policy.touches(tokens, there) {
            text(key, &unknown.path);
            number(key, there);
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_held_is_bounded() {
        let memo = Memo::new();
        for number in 0..100_000_usize {
            let key = Key {
                policy: 0,
                read: [number.to_le_bytes(); 30].concat().into(),
            };
            let remembered = Remembered {
                outcome: Outcome::Pass,
                denies: Arc::default(),
                open: Vec::new(),
            };
            memo.0.insert(key, Arc::new(remembered));
        }
        assert!((HELD / 2..=HELD).contains(&memo.0.weight()), "{}", memo.0.weight());
    }
}
