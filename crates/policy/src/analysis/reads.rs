//! Read sets: which paths of `input` are read, how, and what a change there does to a `deny`.

use std::collections::BTreeMap;
use std::ops::BitOr;

use nephoscope_model::pointer;
use serde_json::Value;

/// One step of a path into `input`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Step {
    /// A member's name or an element's index.
    Key(String),
    /// Any member or element.
    Any,
}

/// How a path is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub(crate) struct Uses {
    /// Its type, with true, false and null apart.
    pub presence: bool,
    /// Its length.
    pub count: bool,
    /// The names of its members.
    pub keys: bool,
    /// All of it.
    pub value: bool,
}

/// What a change can do to a `deny`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub(crate) struct Effect {
    /// It can add one.
    pub adds: bool,
    /// It can take one back.
    pub removes: bool,
}

impl Effect {
    pub(super) const NONE: Effect = Effect {
        adds: false,
        removes: false,
    };
    pub(super) const ADDS: Effect = Effect {
        adds: true,
        removes: false,
    };
    pub(super) const REMOVES: Effect = Effect {
        adds: false,
        removes: true,
    };
    pub(super) const EITHER: Effect = Effect {
        adds: true,
        removes: true,
    };

    fn inverted(self) -> Effect {
        Effect {
            adds: self.removes,
            removes: self.adds,
        }
    }

    fn either(self) -> Effect {
        if self == Effect::NONE { self } else { Effect::EITHER }
    }
}

impl BitOr for Effect {
    type Output = Effect;
    fn bitor(self, other: Effect) -> Effect {
        Effect {
            adds: self.adds | other.adds,
            removes: self.removes | other.removes,
        }
    }
}

impl BitOr for Uses {
    type Output = Uses;
    fn bitor(self, other: Uses) -> Uses {
        Uses {
            presence: self.presence | other.presence,
            count: self.count | other.count,
            keys: self.keys | other.keys,
            value: self.value | other.value,
        }
    }
}

/// Uses and effects of one path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub(super) struct Info {
    pub uses: Uses,
    pub appears: Effect,
    pub grows: Effect,
}

/// Reads in the making. Effects are those on the truth or definedness of the expression read so far.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub(super) struct Reads {
    pub paths: BTreeMap<Vec<Step>, Info>,
    /// Everything, either way.
    pub whole: bool,
}

pub(super) const PRESENCE: Uses = Uses {
    presence: true,
    count: false,
    keys: false,
    value: false,
};
pub(super) const COUNT: Uses = Uses {
    presence: true,
    count: true,
    keys: false,
    value: false,
};
pub(super) const KEYS: Uses = Uses {
    presence: true,
    count: true,
    keys: true,
    value: false,
};
pub(super) const VALUE: Uses = Uses {
    presence: true,
    count: true,
    keys: true,
    value: true,
};

impl Reads {
    pub(super) fn whole() -> Reads {
        Reads {
            whole: true,
            ..Reads::default()
        }
    }

    pub(super) fn add(&mut self, path: &[Step], uses: Uses, appears: Effect, grows: Effect) {
        if path.is_empty() && uses.value {
            self.whole = true;
        }
        let info = self.paths.entry(path.to_vec()).or_default();
        info.uses = info.uses | uses;
        info.appears = info.appears | appears;
        info.grows = info.grows | grows;
    }

    pub(super) fn join(&mut self, other: &Reads) {
        self.whole |= other.whole;
        for (path, info) in &other.paths {
            self.add(path, info.uses, info.appears, info.grows);
        }
    }

    /// The same reads under `not`.
    pub(super) fn inverted(&self) -> Reads {
        self.map(Effect::inverted)
    }

    /// The same reads where more can go either way.
    pub(super) fn either(&self) -> Reads {
        self.map(Effect::either)
    }

    fn map(&self, change: impl Fn(Effect) -> Effect) -> Reads {
        let mut reads = self.clone();
        for info in reads.paths.values_mut() {
            info.appears = change(info.appears);
            info.grows = change(info.grows);
        }
        reads
    }
}

/// One path a clause reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Read {
    /// The path below `input`.
    pub path: Vec<Step>,
    /// How it is read.
    pub uses: Uses,
    /// What happens to a `deny` when the path was absent and appears.
    pub appears: Effect,
    /// What happens to a `deny` when something is added below the path, which is there.
    pub grows: Effect,
    /// False where it only feeds the message or the evidence and cannot make them undefined.
    pub condition: bool,
}

/// What filling in an unknown path can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Effects {
    /// It can add a `deny`.
    pub may_add: bool,
    /// It can take a `deny` back.
    pub may_remove: bool,
}

/// A path that a policy reads, for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadPath {
    /// JSON Pointer into `input`, with `*` for any member or element; "" for all of it.
    pub path: String,
    /// It decides whether there is a finding; else it is only told in one.
    pub condition: bool,
    /// A value that appears there, or grows, can add a finding.
    pub adds: bool,
    /// It can take one back.
    pub removes: bool,
    /// By the values that the parameters have, nothing is read there.
    pub off: bool,
}

impl ReadPath {
    /// Makes one of several reads of one path, sorted.
    pub(crate) fn merged(mut paths: Vec<ReadPath>) -> Vec<ReadPath> {
        paths.sort_by(|a, b| a.path.cmp(&b.path));
        paths.dedup_by(|other, held| {
            let same = other.path == held.path;
            if same {
                held.condition |= other.condition;
                held.adds |= other.adds;
                held.removes |= other.removes;
            }
            same
        });
        paths
    }
}

/// All that a clause reads of `input`. A change to anything else cannot change the clause's result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ReadSet {
    /// By path; a path may be there twice, as a condition and as text.
    pub reads: Vec<Read>,
    /// The clause takes `input` whole, or the analysis could not tell.
    pub whole_input: bool,
}

impl ReadSet {
    /// Returns the read set of a clause of which nothing is known.
    pub(crate) fn whole() -> ReadSet {
        ReadSet {
            reads: Vec::new(),
            whole_input: true,
        }
    }

    pub(super) fn new(conditions: &Reads, text: &Reads) -> ReadSet {
        let list = |reads: &Reads, condition| -> Vec<Read> {
            let reads = reads.paths.iter();
            reads
                .map(|(path, info)| Read {
                    path: path.clone(),
                    uses: info.uses,
                    appears: info.appears,
                    grows: info.grows,
                    condition,
                })
                .collect()
        };
        let mut reads = list(conditions, true);
        reads.extend(list(text, false));
        reads.sort_by(|a, b| (&a.path, !a.condition).cmp(&(&b.path, !b.condition)));
        ReadSet {
            reads,
            whole_input: conditions.whole || text.whole,
        }
    }

    /// Returns what filling in `unknown`, a path into the input, can do to a `deny` of this clause; `there` is the number
    /// of its tokens that lead to something that is there.
    ///
    /// A path that is there as a whole is a list known in part.
    pub(crate) fn effect_of(&self, unknown: &[String], there: usize) -> Effects {
        if self.whole_input {
            return Effects {
                may_add: true,
                may_remove: true,
            };
        }
        // The number of tokens up to and with the first that is absent.
        let absent = (there < unknown.len()).then_some(there + 1);
        let reads = self.reads.iter().filter(|read| read.condition);
        let effect = reads.fold(Effect::NONE, |effect, read| {
            effect
                | match absent {
                    Some(length) => read.appearing(unknown.get(..length).unwrap_or(unknown)),
                    None => read.growing(unknown),
                }
        });
        Effects {
            may_add: effect.adds,
            may_remove: effect.removes,
        }
    }

    /// Whether something that appears or grows at `target` can do anything to a `deny`.
    pub(crate) fn touches(&self, target: &[String]) -> bool {
        let mut conditions = self.reads.iter().filter(|read| read.condition);
        self.whole_input || conditions.any(|read| matches(&read.path, target))
    }

    /// Returns each path, sorted, with what a change there can do to a `deny`.
    pub(crate) fn described(&self) -> Vec<ReadPath> {
        let mut paths: Vec<ReadPath> = (self.reads.iter())
            .map(|read| {
                let effect = match read.condition {
                    true => read.appears | read.grows,
                    false => Effect::NONE,
                };
                ReadPath {
                    path: text(&read.path),
                    condition: read.condition,
                    adds: effect.adds,
                    removes: effect.removes,
                    off: false,
                }
            })
            .collect();
        paths.extend(self.whole_input.then(|| ReadPath {
            path: String::new(),
            condition: true,
            adds: true,
            removes: true,
            off: false,
        }));
        paths
    }

    /// Returns the paths as JSON Pointers with `*` for any step, sorted, each once. The whole input is `""`.
    pub(crate) fn paths(&self) -> Vec<String> {
        let mut paths: Vec<String> = self.reads.iter().map(|read| text(&read.path)).collect();
        if self.whole_input {
            paths.push(String::new());
        }
        paths.sort();
        paths.dedup();
        paths
    }
}

impl Read {
    /// The effect when `target`, whose last step alone is absent, appears.
    fn appearing(&self, target: &[String]) -> Effect {
        if !matches(&self.path, target) {
            Effect::NONE
        } else if self.path.len() >= target.len() {
            self.appears
        } else if self.uses.value || (self.path.len() + 1 == target.len() && (self.uses.keys || self.uses.count)) {
            self.grows
        } else {
            Effect::NONE
        }
    }

    /// The effect when elements are added to `target`, a list that is there.
    fn growing(&self, target: &[String]) -> Effect {
        if !matches(&self.path, target) {
            return Effect::NONE;
        }
        match self.path.get(target.len()) {
            Some(Step::Any) => self.appears,
            Some(Step::Key(_)) => Effect::EITHER,
            None if self.uses.value => self.grows,
            None if self.path.len() == target.len() && (self.uses.keys || self.uses.count) => self.grows,
            None => Effect::NONE,
        }
    }
}

/// Whether the two agree as far as the shorter one goes.
fn matches(path: &[Step], target: &[String]) -> bool {
    path.iter().zip(target).all(|(step, token)| match step {
        Step::Any => true,
        Step::Key(key) => key == token,
    })
}

/// Returns how many tokens of a path lead to something that is there.
pub(crate) fn depth(value: &Value, path: &[String]) -> usize {
    let mut at = value;
    for (index, token) in path.iter().enumerate() {
        match child(at, token) {
            Some(next) => at = next,
            None => return index,
        }
    }
    path.len()
}

fn child<'a>(value: &'a Value, token: &str) -> Option<&'a Value> {
    match value {
        Value::Object(map) => map.get(token),
        Value::Array(list) => list.get(token.parse::<usize>().ok()?),
        _ => None,
    }
}

/// Returns a path as a JSON Pointer with `*` for any step.
pub(super) fn text(path: &[Step]) -> String {
    pointer::join(path.iter().map(|step| match step {
        Step::Any => "*",
        Step::Key(key) => key,
    }))
}
