//! Paths held against the schema of a policy's input.

use serde_json::{Map, Value};

use super::Problem;
use super::eval::Evaluator;
use super::reads::Step;
use super::safety::problem;
use super::scope::Program;

/// What a schema says of a path.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Known<'a> {
    /// The schema of what stands there; `None` where anything may stand.
    Yes(Option<&'a Value>),
    /// No such member: its place in the path, and the names the schema knows there.
    No { step: usize, names: Vec<&'a str> },
}

/// Follows a path through a schema.
pub(super) fn look_up<'a>(schema: &'a Value, path: &[Step]) -> Known<'a> {
    let mut at = schema;
    for (step, name) in path.iter().enumerate() {
        let properties = at.get("properties").and_then(Value::as_object);
        let more = at.get("additionalProperties");
        let next = match (kind(at), name) {
            (Some("array"), Step::Key(index)) if index.parse::<usize>().is_err() => None,
            (Some("array"), _) => match at.get("items") {
                Some(items) => Some(items),
                None => return Known::Yes(None),
            },
            (Some("object") | None, Step::Key(key)) => match (properties.and_then(|known| known.get(key)), more) {
                (Some(found), _) => Some(found),
                (None, Some(Value::Bool(false))) => None,
                (None, Some(more)) if more.is_object() => Some(more),
                (None, _) => return Known::Yes(None),
            },
            (Some("object") | None, Step::Any) => match (properties, more) {
                (None, Some(more)) if more.is_object() => Some(more),
                _ => return Known::Yes(None),
            },
            _ => None,
        };
        match next {
            Some(next) => at = next,
            None => {
                let names = properties.into_iter().flat_map(Map::keys).map(String::as_str).collect();
                return Known::No { step, names };
            }
        }
    }
    Known::Yes(Some(at))
}

/// Returns the one type a schema names.
pub(super) fn kind(schema: &Value) -> Option<&str> {
    schema.get("type").and_then(Value::as_str)
}

/// Whether what stands at the path is there whenever its parent is.
pub(super) fn required(schema: &Value, path: &[Step]) -> bool {
    let Some((Step::Key(name), parent)) = path.split_last() else {
        return true;
    };
    match look_up(schema, parent) {
        Known::Yes(Some(parent)) => {
            let names = parent.get("required").and_then(Value::as_array);
            names.is_some_and(|names| names.iter().any(|known| known == name.as_str()))
        }
        _ => false,
    }
}

pub(super) fn unknown_paths(program: &Program, package: &str, schema: &Value) -> Vec<Problem> {
    let mut evaluator = Evaluator::new(program);
    evaluator.package(package);
    let mut found: Vec<Problem> = Vec::new();
    for seen in &evaluator.trace {
        let Known::No { step, names } = look_up(schema, &seen.path) else {
            continue;
        };
        let Some(Step::Key(name)) = seen.path.get(step) else {
            continue;
        };
        let place = super::reads::text(seen.path.get(..=step).unwrap_or_default());
        let help = match nearest(name, &names) {
            Some(near) => format!("did you mean `{near}`?"),
            None => String::new(),
        };
        let message = format!("the schema knows no `{place}`");
        let new = problem(program, seen.module, seen.at, "path", message, &help);
        if !found.contains(&new) {
            found.push(new);
        }
    }
    found
}

/// Returns the name with the fewest changed letters, if that is not too many.
fn nearest<'a>(name: &str, names: &[&'a str]) -> Option<&'a str> {
    let distances = names.iter().map(|known| (distance(name, known), *known));
    let (changed, best) = distances.min()?;
    (changed <= name.len().div_ceil(2)).then_some(best)
}

/// Levenshtein's distance.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut next = vec![i + 1];
        for (j, y) in b.iter().enumerate() {
            let replace = row.get(j).copied().unwrap_or_default() + usize::from(x != *y);
            let remove = row.get(j + 1).copied().unwrap_or_default() + 1;
            let insert = next.last().copied().unwrap_or_default() + 1;
            next.push(replace.min(remove).min(insert));
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}
