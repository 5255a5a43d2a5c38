//! Remembered verdicts: equal values on a policy's read set give an equal verdict, so they are judged once.
//!
//! The key is everything the policy can read, written out, so that no two inputs can be taken for one another: what stands at
//! each path, as far as the policy looks at it, and which paths are unknown. Parameters, helpers and data are the same for
//! a policy as long as its bundle lives. Verdicts with an error are not remembered.

use std::collections::HashMap;

use ahash::RandomState;
use nephoscope_model::{Outcome, Unknown};
use serde_json::Value;

use crate::analysis::{Step, Uses};
use crate::bundle::Policy;
use crate::deny::Deny;
use crate::evaluate::{Prepared, Verdict, shown};

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
            let mut open: Vec<Unknown> = (prepared.unknown(policy).iter().map(shown))
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
    for clause in &policy.runtime.clauses {
        if clause.reads.whole_input {
            return false;
        }
        for read in &clause.reads.reads {
            if !write_read(key, &read.path, read.uses, policy, prepared) {
                return false;
            }
        }
    }
    for (unknown, tokens) in prepared.unknown_tokens(policy).iter() {
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

fn write_read(key: &mut Vec<u8>, path: &[Step], uses: Uses, policy: &Policy, prepared: &Prepared<'_>) -> bool {
    match path {
        [Step::Key(root), rest @ ..] if root == "resource" => match rest {
            [Step::Key(name), rest @ ..] => write_at(key, prepared.field(name).as_deref(), rest, uses),
            // That there is a resource is always so.
            [] if !uses.value && !uses.keys && !uses.count => {}
            _ => write_at(key, Some(prepared.plain_resource()), rest, uses),
        },
        [Step::Key(root), rest @ ..] if root == "related" => match rest {
            [Step::Key(name), rest @ ..] => {
                let list = policy.needs.contains(name).then(|| prepared.related(name)).flatten();
                write_at(key, list, rest, uses);
            }
            [] if !uses.value && !uses.keys && !uses.count => {}
            _ => return false,
        },
        [Step::Key(root), ..] if root == "params" => {}
        [Step::Key(root), ..] if root == "as_of" => text(key, &prepared.as_of()),
        // Nothing else stands in the input.
        [Step::Key(_), ..] => {}
        [Step::Any, ..] | [] => return false,
    }
    true
}

fn write_at(key: &mut Vec<u8>, at: Option<&Value>, path: &[Step], uses: Uses) {
    match (at, path) {
        (None, _) => key.push(b'-'),
        (Some(value), []) => write_value(key, value, uses),
        (Some(Value::Object(map)), [Step::Key(name), rest @ ..]) => write_at(key, map.get(name), rest, uses),
        (Some(Value::Array(list)), [Step::Key(index), rest @ ..]) => {
            let item = index.parse::<usize>().ok().and_then(|index| list.get(index));
            write_at(key, item, rest, uses);
        }
        (Some(Value::Object(map)), [Step::Any, rest @ ..]) => {
            key.push(b'{');
            number(key, map.len());
            for (name, value) in map {
                text(key, name);
                write_at(key, Some(value), rest, uses);
            }
        }
        (Some(Value::Array(list)), [Step::Any, rest @ ..]) => {
            key.push(b'[');
            number(key, list.len());
            list.iter().for_each(|value| write_at(key, Some(value), rest, uses));
        }
        (Some(other), _) => write_value(key, other, Uses::default()),
    }
}

fn write_value(key: &mut Vec<u8>, value: &Value, uses: Uses) {
    match value {
        Value::Null => key.push(b'n'),
        Value::Bool(true) => key.push(b't'),
        Value::Bool(false) => key.push(b'f'),
        Value::Number(given) => {
            key.push(b'#');
            if uses.value {
                text(key, &given.to_string());
            }
        }
        Value::String(given) => {
            key.push(b'"');
            if uses.value || uses.count || uses.keys {
                text(key, given);
            }
        }
        Value::Array(list) => {
            key.push(b'a');
            if uses.value || uses.count || uses.keys {
                number(key, list.len());
            }
            if uses.value {
                list.iter().for_each(|item| write_value(key, item, uses));
            }
        }
        Value::Object(map) => {
            key.push(b'o');
            if uses.value || uses.count || uses.keys {
                number(key, map.len());
            }
            if uses.value || uses.keys {
                for (name, item) in map {
                    text(key, name);
                    if uses.value {
                        write_value(key, item, uses);
                    }
                }
            }
        }
    }
}

fn text(key: &mut Vec<u8>, text: &str) {
    number(key, text.len());
    key.extend_from_slice(text.as_bytes());
}

fn number(key: &mut Vec<u8>, number: usize) {
    key.extend_from_slice(&(number as u64).to_le_bytes());
}
