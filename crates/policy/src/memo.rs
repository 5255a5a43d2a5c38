//! Remembered verdicts: equal values on a policy's read set give an equal verdict, so they are judged once.
//!
//! The key is everything the policy can read, written out, so that no two inputs can be taken for one another: what stands at
//! each path, as far as the policy looks at it, and which paths are unknown. Parameters, helpers and data are the same for
//! a policy as long as its bundle lives. Verdicts with an error are not remembered.

use std::collections::HashMap;

use ahash::RandomState;
use nephoscope_model::{Outcome, Unknown};

use crate::bundle::Policy;
use crate::deny::Deny;
use crate::evaluate::{Prepared, Verdict, shown};
use crate::projection::{number, text};

/// Bytes of keys and verdicts that one thread holds; when they are reached it forgets all and begins anew.
const HELD: usize = 8 << 20;

/// Keys longer than this are hardly ever met twice.
const LONGEST: usize = 4 << 10;

/// The verdicts that one thread remembers, by policy.
pub(crate) struct Memo {
    verdicts: Vec<HashMap<Box<[u8]>, Remembered, RandomState>>,
    held: usize,
    key: Vec<u8>,
}

/// A verdict without what differs between equal inputs: why a path is not known.
struct Remembered {
    outcome: Outcome,
    denies: Vec<Deny>,
    open: Vec<String>,
}

impl Memo {
    pub(crate) fn new(policies: usize) -> Memo {
        Memo {
            verdicts: (0..policies).map(|_| HashMap::default()).collect(),
            held: 0,
            key: Vec::new(),
        }
    }

    /// Returns the remembered verdict, or writes the key under which [`Memo::keep`] will remember it.
    ///
    /// `None` also where the policy cannot be remembered; then the key is empty.
    pub(crate) fn get(&mut self, index: usize, policy: &Policy, prepared: &Prepared<'_>) -> Option<Verdict> {
        self.key.clear();
        if !write_key(&mut self.key, policy, prepared) || self.key.len() > LONGEST {
            self.key.clear();
            return None;
        }
        let found = self.verdicts.get(index)?.get(self.key.as_slice())?;
        let unknown = if found.open.is_empty() {
            Vec::new()
        } else {
            let mut open: Vec<Unknown> = (prepared.unknown(policy).iter().map(|(unknown, _)| shown(unknown)))
                .filter(|unknown| found.open.contains(&unknown.path))
                .collect();
            open.sort();
            open.dedup();
            open
        };
        Some(Verdict {
            outcome: found.outcome,
            denies: found.denies.clone(),
            unknown,
            error: None,
        })
    }

    /// Remembers what was judged after [`Memo::get`] gave nothing.
    pub(crate) fn keep(&mut self, index: usize, verdict: &Verdict) {
        if self.key.is_empty() || verdict.error.is_some() {
            return;
        }
        let remembered = Remembered {
            outcome: verdict.outcome,
            denies: verdict.denies.clone(),
            open: verdict.unknown.iter().map(|unknown| unknown.path.clone()).collect(),
        };
        let size = self.key.len() + size_of::<Remembered>() + remembered.texts();
        if self.held + size > HELD {
            self.verdicts.iter_mut().for_each(HashMap::clear);
            self.held = 0;
        }
        if let Some(verdicts) = self.verdicts.get_mut(index) {
            self.held += size;
            verdicts.insert(self.key.as_slice().into(), remembered);
        }
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

/// Writes all that the policy can read. Returns false where that is everything, or cannot be told.
fn write_key(key: &mut Vec<u8>, policy: &Policy, prepared: &Prepared<'_>) -> bool {
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
    for (unknown, tokens) in prepared.unknown(policy).iter() {
        // What an unknown path can do depends on how much of it is there: the first step that is not may appear.
        let there = prepared.depth(tokens);
        let appears = tokens.get(..=there).unwrap_or(tokens);
        let mut clauses = policy.runtime.clauses.iter();
        if clauses.any(|clause| clause.reads.touches(appears)) {
            text(key, &unknown.path);
            number(key, there);
        }
    }
    true
}
