//! The analysis against the engine: what is outside the read set never changes a result, and what the effects rule
//! out never happens in any world.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::policies::{BODIES, SWITCHED, WHOLE};
use super::{LIBRARY, modules, policy};
use crate::analysis::reads::{ReadSet, Step, Uses, depth};

/// What stands at a place of the input.
pub(super) enum Type {
    Bool,
    Int,
    Text,
    List(&'static Type),
    Map(&'static Type),
    /// Members, each of which may be absent.
    Object(&'static [(&'static str, Type)]),
}

pub(super) const INPUT: Type = Type::Object(&[
    (
        "a",
        Type::Object(&[
            ("b", Type::Text),
            ("c", Type::Bool),
            ("n", Type::Int),
            ("open", Type::Bool),
            ("d", Type::Object(&[("x", Type::Text), ("z", Type::Text)])),
        ]),
    ),
    (
        "gs",
        Type::List(&Type::Object(&[
            ("open", Type::Bool),
            ("name", Type::Text),
            ("port", Type::Int),
            ("peers", Type::List(&Type::Text)),
        ])),
    ),
    ("tags", Type::Map(&Type::Text)),
    ("ids", Type::List(&Type::Text)),
    ("key", Type::Text),
    ("flag", Type::Bool),
]);

const TEXTS: &[&str] = &["x", "y", "team", "bad"];
const KEYS: &[&str] = &["team", "env", "x"];

/// A generator of its own, so that a failure can be run again.
pub(super) struct Random(pub(super) u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 33) as usize % bound
    }

    pub(super) fn value(&mut self, of: &Type) -> Value {
        match of {
            Type::Bool => json!(self.below(2) == 0),
            Type::Int => json!(self.below(3)),
            Type::Text => json!(TEXTS[self.below(TEXTS.len())]),
            Type::List(of) => (0..self.below(3)).map(|_| self.value(of)).collect(),
            Type::Map(of) => {
                let keys: Vec<_> = KEYS.iter().filter(|_| self.below(2) == 0).collect();
                Value::Object(
                    keys.into_iter()
                        .map(|key| ((*key).to_owned(), self.value(of)))
                        .collect(),
                )
            }
            Type::Object(members) => {
                let mut map = Map::new();
                for (name, of) in *members {
                    if self.below(4) != 0 {
                        map.insert((*name).to_owned(), self.value(of));
                    }
                }
                Value::Object(map)
            }
        }
    }
}

/// Returns every place of the input that is there or could be, with its type.
fn places(
    of: &'static Type,
    value: Option<&Value>,
    path: &mut Vec<String>,
    found: &mut Vec<(Vec<String>, &'static Type)>,
) {
    if !path.is_empty() {
        found.push((path.clone(), of));
    }
    let Some(value) = value else { return };
    let mut visit = |name: &str, of: &'static Type, value: Option<&Value>, found: &mut Vec<_>| {
        path.push(name.to_owned());
        places(of, value, path, found);
        path.pop();
    };
    match of {
        Type::Object(members) => members
            .iter()
            .for_each(|(name, of)| visit(name, of, value.get(name), found)),
        Type::Map(of) => KEYS.iter().for_each(|name| visit(name, of, value.get(name), found)),
        Type::List(of) => {
            for (index, value) in value.as_array().into_iter().flatten().enumerate() {
                visit(&index.to_string(), of, Some(value), found);
            }
        }
        Type::Bool | Type::Int | Type::Text => {}
    }
}

/// Puts a value at a path whose parent is there; `None` takes it out. Elements of lists are never taken out.
fn put(input: &mut Value, path: &[String], value: Option<Value>) -> bool {
    let Some((last, parents)) = path.split_last() else {
        return false;
    };
    let pointer: String = parents.iter().map(|step| format!("/{step}")).collect();
    match (input.pointer_mut(&pointer), value) {
        (Some(Value::Object(map)), Some(value)) => {
            map.insert(last.clone(), value);
            true
        }
        (Some(Value::Object(map)), None) => map.remove(last).is_some(),
        (Some(Value::Array(list)), Some(value)) => match list.get_mut(last.parse::<usize>().unwrap()) {
            Some(place) => {
                *place = value;
                true
            }
            None => false,
        },
        _ => false,
    }
}

/// What of `input` the read set allows a result to depend on.
fn digest(reads: &ReadSet, input: &Value) -> BTreeMap<Vec<String>, Value> {
    let mut found = BTreeMap::new();
    if reads.whole_input {
        found.insert(Vec::new(), input.clone());
    }
    for read in &reads.reads {
        project(&read.path, read.uses, input, &mut Vec::new(), &mut found);
    }
    found
}

fn project(path: &[Step], uses: Uses, value: &Value, at: &mut Vec<String>, found: &mut BTreeMap<Vec<String>, Value>) {
    let children: Vec<(String, &Value)> = match value {
        Value::Object(map) => map.iter().map(|(key, value)| (key.clone(), value)).collect(),
        Value::Array(list) => list
            .iter()
            .enumerate()
            .map(|(index, value)| (index.to_string(), value))
            .collect(),
        _ => Vec::new(),
    };
    match path.split_first() {
        None => {
            let tag = match value {
                Value::Number(_) => json!("number"),
                Value::String(_) => json!("text"),
                Value::Array(_) => json!("list"),
                Value::Object(_) => json!("map"),
                scalar => scalar.clone(),
            };
            let mut seen = json!({"tag": tag});
            if uses.count {
                let length = value.as_str().map_or(children.len(), |text| text.chars().count());
                seen["count"] = json!(length);
            }
            if uses.keys {
                seen["keys"] = children.iter().map(|(key, _)| key.clone()).collect();
            }
            if uses.value {
                seen["value"] = value.clone();
            }
            let all = found.entry(at.clone()).or_insert_with(|| json!([]));
            all.as_array_mut().unwrap().push(seen);
        }
        Some((step, rest)) => {
            for (key, child) in children {
                if *step == Step::Any || *step == Step::Key(key.clone()) {
                    at.push(key);
                    project(rest, uses, child, at, found);
                    at.pop();
                }
            }
        }
    }
}

/// What `input.params` holds.
fn params() -> Value {
    json!({"none": [], "some": ["x", "y"], "map": {}, "by": {"x": ["team"]}, "n": 2, "off": false, "on": true, "text": "x"})
}

/// Returns the input as policies get it.
pub(super) fn with_params(input: &Value) -> Value {
    let mut input = input.clone();
    input["params"] = params();
    input
}

pub(super) struct Clause {
    pub(super) text: String,
    reads: ReadSet,
    engine: regorus::Engine,
}

impl Clause {
    pub(super) fn new(rules: &str) -> Clause {
        let text = policy(rules);
        let mut engine = regorus::Engine::new();
        engine.set_rego_v0(false);
        engine.set_strict_builtin_errors(false);
        engine.set_gather_prints(true);
        engine
            .add_policy("p.rego".into(), text.clone())
            .unwrap_or_else(|error| panic!("{error}\n{text}"));
        engine.add_policy("lib.rego".into(), LIBRARY.into()).unwrap();
        Clause {
            reads: modules(rules).read_set_with("p", 0, Some(&params())),
            text,
            engine,
        }
    }

    /// Returns the set of findings, or `None` for an error.
    pub(super) fn eval(&mut self, input: &Value) -> Option<Value> {
        self.engine.set_input(regorus::Value::from(with_params(input)));
        let found = self.engine.eval_rule("data.p.deny".into()).ok();
        drop(self.engine.take_prints());
        found.map(|value| serde_json::to_value(value).unwrap())
    }
}

/// Returns the keys of findings.
fn keys(found: Option<&Value>) -> BTreeSet<String> {
    let items = found.and_then(Value::as_array).into_iter().flatten();
    items
        .map(|item| item.get("key").map(Value::to_string).unwrap_or_default())
        .collect()
}

/// Returns the rules of every policy.
pub(super) fn rules() -> impl Iterator<Item = String> {
    let bodies = BODIES
        .iter()
        .chain(SWITCHED)
        .map(|(body, rules)| format!("deny contains f if {{\n\t{body}\n\tf := {{\"message\": \"m\"}}\n}}\n{rules}"));
    bodies.chain(WHOLE.iter().map(|whole| (*whole).to_owned()))
}

fn clauses() -> impl Iterator<Item = Clause> {
    rules().map(|rules| Clause::new(&rules))
}

#[test]
fn nothing_outside_the_read_set_changes_the_result() {
    let mut random = Random(0x5eed_1234_5678_9abc);
    let mut checked = 0;
    for mut clause in clauses() {
        for _ in 0..40 {
            let input = random.value(&INPUT);
            let mut all = Vec::new();
            places(&INPUT, Some(&input), &mut Vec::new(), &mut all);
            // Half of the changes go where the clause looks.
            let near: Vec<_> = all
                .iter()
                .filter(|(path, _)| touched(&clause.reads, path))
                .cloned()
                .collect();
            let seen = digest(&clause.reads, &input);
            let mut result = None;
            for round in 0..6 {
                let pool = if round % 2 == 0 && !near.is_empty() {
                    &near
                } else {
                    &all
                };
                let (path, of) = &pool[random.below(pool.len())];
                let mut changed = input.clone();
                let value = (random.below(3) != 0).then(|| random.value(of));
                if !put(&mut changed, path, value) || changed == input || digest(&clause.reads, &changed) != seen {
                    continue;
                }
                let before = result.get_or_insert_with(|| clause.eval(&input)).clone();
                let after = clause.eval(&changed);
                checked += 1;
                assert_eq!(
                    before,
                    after,
                    "{}\n{input}\n{changed}\n{:?}",
                    clause.text,
                    clause.reads.paths()
                );
            }
        }
    }
    assert!(checked > 3000, "{checked}");
}

fn touched(reads: &ReadSet, path: &[String]) -> bool {
    reads.reads.iter().any(|read| {
        read.path
            .iter()
            .zip(path)
            .all(|(step, name)| *step == Step::Any || *step == Step::Key(name.clone()))
    })
}

/// An input of which a part is not known, and what is not known.
struct Gaps {
    input: Value,
    unknown: Vec<(Vec<String>, &'static Type)>,
}

fn gaps(random: &mut Random, clause: &Clause) -> Gaps {
    let mut input = random.value(&INPUT);
    let mut unknown: Vec<(Vec<String>, &Type)> = Vec::new();
    for _ in 0..=random.below(2) {
        let mut all = Vec::new();
        places(&INPUT, Some(&input), &mut Vec::new(), &mut all);
        let near: Vec<_> = all
            .iter()
            .filter(|(path, _)| touched(&clause.reads, path))
            .cloned()
            .collect();
        let pool = if random.below(4) != 0 && !near.is_empty() {
            near
        } else {
            all
        };
        let (path, of) = pool[random.below(pool.len())].clone();
        let pointer: String = path.iter().map(|step| format!("/{step}")).collect();
        let apart = |(other, _): &(Vec<String>, &Type)| !other.starts_with(&path) && !path.starts_with(other);
        let list = matches!(input.pointer(&pointer), Some(Value::Array(_)));
        let element = path.last().is_some_and(|step| step.parse::<usize>().is_ok());
        if !unknown.iter().all(apart) || (element && !list) {
            continue;
        }
        if !(list && random.below(2) == 0) {
            if element {
                continue;
            }
            put(&mut input, &path, None);
        }
        unknown.push((path, of));
    }
    Gaps { input, unknown }
}

#[test]
fn what_the_effects_rule_out_happens_in_no_world() {
    let mut random = Random(0x0dd_c0ff_ee15_600d);
    let mut certain = BTreeMap::from([("no deny", 0), ("deny", 0)]);
    let mut decided = 0;
    let mut total = 0;
    for mut clause in clauses() {
        for _ in 0..60 {
            let Gaps { input, unknown } = gaps(&mut random, &clause);
            if unknown.is_empty() {
                continue;
            }
            let (mut adds, mut removes) = (false, false);
            for (path, _) in &unknown {
                let effects = clause.reads.effect_of(path, depth(&input, path));
                adds |= effects.may_add;
                removes |= effects.may_remove;
            }
            total += 1;
            if adds && removes {
                continue;
            }
            let Some(found) = clause.eval(&input) else { continue };
            let before = keys(Some(&found));
            decided += 1;
            for _ in 0..6 {
                let mut world = input.clone();
                for (path, of) in &unknown {
                    let pointer: String = path.iter().map(|step| format!("/{step}")).collect();
                    match (world.pointer_mut(&pointer), of) {
                        (Some(Value::Array(list)), Type::List(of)) => {
                            (0..random.below(3)).for_each(|_| list.push(random.value(of)));
                        }
                        _ => {
                            if random.below(5) != 0 {
                                let value = random.value(of);
                                put(&mut world, path, Some(value));
                            }
                        }
                    }
                }
                let after = keys(clause.eval(&world).as_ref());
                let say = || {
                    format!(
                        "{}\n{input}\n{world}\nunknown {:?}\n{:#?}",
                        clause.text,
                        names(&unknown),
                        clause.reads
                    )
                };
                assert!(
                    adds || after.is_subset(&before),
                    "added {after:?} to {before:?}\n{}",
                    say()
                );
                assert!(
                    removes || before.is_subset(&after),
                    "left {after:?} of {before:?}\n{}",
                    say()
                );
                if !adds && before.is_empty() {
                    *certain.get_mut("no deny").unwrap() += 1;
                }
                if !removes && !before.is_empty() {
                    *certain.get_mut("deny").unwrap() += 1;
                }
            }
        }
    }
    // The test must not pass because everything goes either way.
    assert!(certain.values().all(|count| *count > 2000), "{certain:?}");
    assert!(decided * 2 > total, "{decided} of {total}");
}

fn names(unknown: &[(Vec<String>, &Type)]) -> Vec<String> {
    unknown.iter().map(|(path, _)| path.join("/")).collect()
}
