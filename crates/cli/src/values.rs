//! Digest of the values a policy reads of a resource: what a waiver can be bound to.

use nephoscope_model::{Resource, pointer};
use serde_json::{Map, Value};

/// Returns a resource as policies see it: `input` without neighbors and parameters.
pub fn input(resource: &Resource) -> Value {
    let whole = serde_json::to_value(resource).unwrap_or_default();
    Value::Object(Map::from_iter([("resource".to_owned(), whole)]))
}

/// Returns the digest of everything of `input` that lies on `paths`, the read set of a policy.
///
/// `paths` are JSON Pointers into `input`, in which a `*` stands for every element or key. Equal values give
/// equal digests in whatever order lists come from the source, since attributes are in canonical order.
pub fn digest(input: &Value, paths: &[String]) -> String {
    let mut parts: Vec<String> = Vec::new();
    for path in paths {
        let tokens: Vec<String> = pointer::tokens(path).collect();
        // What is on the way into lists counts by its values only: an index is no value.
        collect(input, &tokens, path, &mut parts);
    }
    parts.sort();
    parts.dedup();
    nephoscope_model::digest(parts.iter().map(String::as_str))
}

fn collect(value: &Value, tokens: &[String], path: &str, parts: &mut Vec<String>) {
    let Some((token, rest)) = tokens.split_first() else {
        return parts.push(format!("{path}={value}"));
    };
    match value {
        Value::Array(list) if token == "*" => list.iter().for_each(|child| collect(child, rest, path, parts)),
        Value::Object(map) if token == "*" => map.values().for_each(|child| collect(child, rest, path, parts)),
        Value::Array(list) => {
            if let Some(child) = token.parse::<usize>().ok().and_then(|index| list.get(index)) {
                collect(child, rest, path, parts);
            }
        }
        Value::Object(map) => {
            if let Some(child) = map.get(token) {
                collect(child, rest, path, parts);
            }
        }
        _ => {}
    }
}
