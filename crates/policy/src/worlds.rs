//! Possible worlds: where what is not known can be one of a few values only, each of them is tried.
//!
//! The read set tells which unknown paths could change an outcome by how each is read. It cannot see that another condition
//! fails anyway; the policy itself can, when it is run for every value there may be. One path is filled in at a time: what is
//! open in one world may be settled in the next, and a path that could only take a fault back opens where there is one.

use nephoscope_model::{Outcome, pointer};
use serde_json::{Map, Value};

use crate::analysis;
use crate::evaluate::{Tokens, Verdict, shown};

/// The values of all paths that are filled in together, multiplied, are so many at most: four switches, each on, off or not
/// there. As this holds on every way through the tree of worlds, the tree has no more leaves than that.
const MOST: usize = 81;

/// The values that an attribute can have, for those of which the schema names all of them.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Finite {
    /// Tokens from the attributes on, `*` for any element.
    path: Vec<String>,
    values: Vec<Value>,
}

/// Returns those attributes of which `schema`, that of a kind's attributes, names all values.
pub(crate) fn finite(schema: &Value) -> Vec<Finite> {
    let mut found = Vec::new();
    collect(schema, &mut Vec::new(), &mut found);
    found
}

fn collect(schema: &Value, path: &mut Vec<String>, found: &mut Vec<Finite>) {
    if let Some(values) = all_values(schema) {
        let path = path.clone();
        found.push(Finite { path, values });
        return;
    }
    let members = schema
        .get("properties")
        .and_then(Value::as_object)
        .into_iter()
        .flatten();
    let members = members.map(|(name, schema)| (name.as_str(), schema));
    for (token, schema) in members.chain(schema.get("items").map(|items| ("*", items))) {
        path.push(token.to_owned());
        collect(schema, path, found);
        path.pop();
    }
}

fn all_values(schema: &Value) -> Option<Vec<Value>> {
    if let Some(values) = schema.get("enum").and_then(Value::as_array) {
        return Some(values.clone());
    }
    (schema.get("type")?.as_str()? == "boolean").then(|| vec![Value::Bool(false), Value::Bool(true)])
}

/// Runs a policy on an input in plain JSON of which these paths are unknown.
pub(crate) type Judge<'j> = dyn FnMut(&Value, &[Tokens]) -> Verdict + 'j;

/// Returns the verdict that all worlds of an input share: `Pass` or `Fail`, with nothing open. `None` where they differ, where
/// what is open can be anything, or where there are too many.
///
/// `verdict` is that of `input`, a policy's input as plain JSON, with its `unknown` paths left out; `without` tells what it would be if only
/// some of them were unknown.
pub(crate) fn agreed(
    input: &Value,
    unknown: &[Tokens],
    verdict: &Verdict,
    finite: &[Finite],
    without: &dyn Fn(&[Tokens]) -> Verdict,
    judge: &mut Judge<'_>,
) -> Option<Verdict> {
    if differ(input, unknown, verdict, finite, without, judge) {
        return None;
    }
    let mut search = Search {
        finite,
        judge,
        shared: None,
    };
    search.holds_below(input, unknown, verdict, 1)?;
    search.shared
}

/// Returns whether two worlds differ that are far apart: one without anything of what is open, one with the last value of each. Most that
/// differ at all do there, and are found out without a way through the tree.
fn differ(
    input: &Value,
    unknown: &[Tokens],
    verdict: &Verdict,
    finite: &[Finite],
    without: &dyn Fn(&[Tokens]) -> Verdict,
    judge: &mut Judge<'_>,
) -> bool {
    let is_open = |(path, _): &Tokens| verdict.unknown.contains(&shown(path));
    let (open, rest): (Vec<Tokens>, Vec<Tokens>) = unknown.iter().cloned().partition(is_open);
    let mut full = input.clone();
    for (_, tokens) in &open {
        let there = analysis::depth(&full, tokens);
        match values(&full, tokens, there, finite).and_then(<[Value]>::last) {
            Some(value) => put(&mut full, tokens, value.clone()),
            // What can be anything is no world.
            None => return false,
        }
    }
    let without = without(&rest);
    if !is_certain(&without) {
        return false;
    }
    let with = judge(&full, &rest);
    is_certain(&with) && without != with
}

/// Nothing is open, and it is no error.
fn is_certain(verdict: &Verdict) -> bool {
    verdict.unknown.is_empty() && matches!(verdict.outcome, Outcome::Pass | Outcome::Fail)
}

struct Search<'s, 'j> {
    finite: &'s [Finite],
    judge: &'s mut Judge<'j>,
    /// The verdict of the worlds seen.
    shared: Option<Verdict>,
}

impl Search<'_, '_> {
    /// Looks at all worlds of an input whose verdict leaves something open; `None` as soon as they do not share one verdict.
    /// `product` is that of the counts of worlds on the way here.
    fn holds_below(&mut self, input: &Value, unknown: &[Tokens], verdict: &Verdict, product: usize) -> Option<()> {
        let mut open = unknown
            .iter()
            .filter(|(path, _)| verdict.unknown.contains(&shown(path)));
        let (tokens, worlds) = open.find_map(|(_, tokens)| Some((tokens, worlds(input, tokens, self.finite)?)))?;
        let product = product * worlds.len();
        if product > MOST {
            return None;
        }
        // Two reasons may stand at one path.
        let rest: Vec<Tokens> = unknown.iter().filter(|(_, other)| other != tokens).cloned().collect();
        for world in worlds {
            let verdict = (self.judge)(&world, &rest);
            if !verdict.unknown.is_empty() {
                self.holds_below(&world, &rest, &verdict, product)?;
                continue;
            }
            if !is_certain(&verdict) {
                return None;
            }
            if self.shared.get_or_insert_with(|| verdict.clone()) != &verdict {
                return None;
            }
        }
        Some(())
    }
}

/// Returns the input with each value that the unknown path can have, and without one. `None` where it can have any value, or
/// stands where no value can be put.
fn worlds(input: &Value, tokens: &[String], finite: &[Finite]) -> Option<Vec<Value>> {
    let there = analysis::depth(input, tokens);
    let values = values(input, tokens, there, finite)?;
    let missing = tokens.len() - there;
    let groups = (1..missing).map(|length| (length, Value::Object(Map::new())));
    let values = values.iter().map(|value| (missing, value.clone()));
    let filled = values.chain(groups).filter_map(|(length, value)| {
        let mut world = input.clone();
        put(&mut world, tokens.get(..there + length)?, value);
        Some(world)
    });
    // An attribute that is not known may also not be there, with or without the group that it is in.
    Some(filled.chain([input.clone()]).collect())
}

/// Returns the values that the unknown path can have, of which `there` tokens lead to something. `None` as in [`worlds`].
fn values<'f>(input: &Value, tokens: &[String], there: usize, finite: &'f [Finite]) -> Option<&'f [Value]> {
    let [root, attributes, path @ ..] = tokens else {
        return None;
    };
    let same = |finite: &&Finite| {
        let mut pairs = finite.path.iter().zip(path);
        finite.path.len() == path.len() && pairs.all(|(known, token)| known == "*" || known == token)
    };
    let finite = finite
        .iter()
        .filter(|_| root == "resource" && attributes == "attributes" && there < tokens.len())
        .find(same)?;
    // Lists that are not there are not made up, nor elements of those that are.
    let mut steps = finite.path.get(there.checked_sub(2)?..)?.iter();
    if steps.any(|step| step == "*") || !parent(input, tokens, there)?.is_object() {
        return None;
    }
    Some(&finite.values)
}

fn parent<'v>(input: &'v Value, tokens: &[String], there: usize) -> Option<&'v Value> {
    let tokens = tokens.get(..there)?.iter();
    input.pointer(&pointer::join(tokens.map(String::as_str)))
}

/// Puts a value at a path, below objects that are made where they are missing.
fn put(input: &mut Value, tokens: &[String], value: Value) {
    let Some((token, rest)) = tokens.split_first() else {
        *input = value;
        return;
    };
    let child = match input {
        Value::Object(map) => Some(map.entry(token).or_insert_with(|| Value::Object(Map::new()))),
        Value::Array(list) => token.parse::<usize>().ok().and_then(|index| list.get_mut(index)),
        _ => None,
    };
    if let Some(child) = child {
        put(child, rest, value);
    }
}
