//! Digest of the values a policy reads of a resource: what a waiver can be bound to.

use nephoscope_model::{Resource, pointer};
use serde_json::Value;

/// What one policy reads of a resource, ready to be looked up.
pub struct ReadSet(Vec<ReadPath>);

struct ReadPath {
    path: String,
    /// From the resource on.
    tokens: Vec<String>,
}

impl ReadSet {
    /// Returns the read set of `paths`, JSON Pointers into `input`, in which a `*` stands for every element or key. Neighbors,
    /// parameters and time are not of the resource and left out.
    pub fn of(paths: Vec<String>) -> ReadSet {
        let of_resource = paths.into_iter().filter_map(|path| {
            let mut tokens = pointer::tokens(&path);
            (tokens.next().as_deref() == Some("resource"))
                .then(|| tokens.collect())
                .map(|tokens| ReadPath { path, tokens })
        });
        ReadSet(of_resource.collect())
    }

    /// Returns the digest of everything of `resource` that is in the read set.
    ///
    /// Equal values give equal digests in whatever order lists come from the source, since attributes are in canonical
    /// order.
    pub fn digest(&self, resource: &Resource) -> String {
        let mut parts: Vec<String> = Vec::new();
        for ReadPath { path, tokens } in &self.0 {
            // What is on the way into lists counts by its values only: an index is no value.
            match tokens.split_first() {
                Some((name, rest)) if name != "*" => {
                    if let Some(value) = resource.field(name) {
                        collect(&value, rest, path, &mut parts);
                    }
                }
                _ => {
                    // A resource holds only strings, times and JSON, which can always be written.
                    let whole = serde_json::to_value(resource).unwrap_or_default();
                    collect(&whole, tokens, path, &mut parts);
                }
            }
        }
        parts.sort_unstable();
        parts.dedup();
        nephoscope_model::digest(parts.iter().map(String::as_str))
    }
}

fn collect(value: &Value, tokens: &[String], path: &str, parts: &mut Vec<String>) {
    let Some((token, rest)) = tokens.split_first() else {
        // As `Display` writes it, in half the time.
        let value = serde_json::to_string(value).unwrap_or_default();
        return parts.push([path, "=", &value].concat());
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
