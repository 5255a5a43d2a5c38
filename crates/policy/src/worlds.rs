//! Possible worlds: where what is not known can be one of a few values only, each of them is tried.
//!
//! The read set tells which unknown paths could change an outcome by how each is read. It cannot see that another condition
//! fails anyway; the policy itself can, when it is run for every value there may be.

use nephoscope_model::{Unknown, pointer};
use serde_json::{Map, Value};

use crate::applicable;

/// So many worlds are tried at most for one verdict: four switches, each on, off or not there.
const MOST: usize = 81;

/// The values that an attribute can have, for those of which the schema names all of them.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Finite {
    /// Tokens from the attributes on, `*` for any element.
    path: Vec<String>,
    values: Vec<Value>,
}

/// Returns those of `paths`, pointers from the resource on, of which `schema`, that of the attributes, names all values.
pub(crate) fn finite<'p>(schema: &Value, paths: impl Iterator<Item = &'p String>) -> Vec<Finite> {
    let of_path = |path: &String| {
        let below = pointer::strip(path, "/attributes")?;
        Some(Finite {
            path: pointer::tokens(below).collect(),
            values: values(applicable::attribute(schema, below)?)?,
        })
    };
    paths.filter_map(of_path).collect()
}

fn values(schema: &Value) -> Option<Vec<Value>> {
    if let Some(values) = schema.get("enum").and_then(Value::as_array) {
        return Some(values.clone());
    }
    (schema.get("type")?.as_str()? == "boolean").then(|| vec![Value::Bool(false), Value::Bool(true)])
}

/// One unknown path and what may stand there.
struct Choice<'a> {
    tokens: Vec<String>,
    values: &'a [Value],
}

impl Choice<'_> {
    /// An attribute that is not known may also not be there.
    fn count(&self) -> usize {
        self.values.len() + 1
    }
}

/// All worlds of one input.
pub(crate) struct Worlds<'a> {
    input: &'a Value,
    choices: Vec<Choice<'a>>,
    /// What stays unknown in each of them.
    pub(crate) rest: Vec<Unknown>,
}

impl<'a> Worlds<'a> {
    /// Returns the worlds of `input`, a policy's input as plain JSON: those of its `unknown` paths that are `open`, could
    /// change its outcome, and have but a few values. `None` where there are none, or too many.
    pub(crate) fn of(
        input: &'a Value,
        unknown: &[Unknown],
        open: impl Fn(&Unknown) -> bool,
        finite: &'a [Finite],
    ) -> Option<Worlds<'a>> {
        let mut choices: Vec<Choice<'a>> = Vec::new();
        let mut rest = Vec::new();
        for unknown in unknown {
            match choice(unknown, finite).filter(|_| open(unknown)) {
                // Two reasons may stand at one path.
                Some(choice) if choices.iter().any(|other| other.tokens == choice.tokens) => {}
                Some(choice) => choices.push(choice),
                None => rest.push(unknown.clone()),
            }
        }
        let count = choices
            .iter()
            .try_fold(1_usize, |count, choice| count.checked_mul(choice.count()))?;
        (count > 1 && count <= MOST).then_some(Worlds { input, choices, rest })
    }

    /// Returns the input of each world.
    pub(crate) fn iter(&self) -> impl Iterator<Item = Value> {
        let count: usize = self.choices.iter().map(Choice::count).product();
        (0..count).map(|mut number| {
            let mut input = self.input.clone();
            for choice in &self.choices {
                let value = choice.values.get(number % choice.count());
                number /= choice.count();
                if let Some(value) = value {
                    put(&mut input, &choice.tokens, value.clone());
                }
            }
            input
        })
    }
}

fn choice<'a>(unknown: &Unknown, finite: &'a [Finite]) -> Option<Choice<'a>> {
    let attribute = pointer::strip(&unknown.path, "/resource/attributes")?;
    let path: Vec<String> = pointer::tokens(attribute).collect();
    let same = |finite: &&Finite| {
        let pairs = finite.path.iter().zip(&path);
        finite.path.len() == path.len() && { pairs }.all(|(known, token)| known == "*" || known == token)
    };
    let finite = finite.iter().find(same)?;
    let mut tokens = vec!["resource".to_owned(), "attributes".to_owned()];
    tokens.extend(path);
    Some(Choice {
        tokens,
        values: &finite.values,
    })
}

/// Puts a value at a path, below objects that are made where they are missing; not where something else stands in the way.
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
