//! Every fixture through the whole crate: snapshots, schemas, order, and the tables of sources.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that fails should stop"
)]

#[path = "suite/corpus.rs"]
mod corpus;
#[path = "suite/denials.rs"]
mod denials;
#[path = "suite/support.rs"]
mod support;
#[path = "suite/versions.rs"]
mod versions;

use std::collections::BTreeMap;

use nephoscope_model::{Dialect, Reason, Resource, kind_schema};
use nephoscope_normalize::{Finished, mappings, trace};
use proptest::prelude::*;
use serde_json::{Value, json};
use support::{Fixture, fixtures, normalize, normalize_in, shown};

fn all(finished: &Finished) -> Value {
    json!({
        "resources": finished.resources.iter().map(shown).collect::<Vec<_>>(),
        "gaps": finished.gaps,
        "superseded": finished.superseded,
    })
}

#[test]
fn each_fixture_gives_its_snapshot() {
    for fixture in fixtures() {
        let finished = normalize(&fixture.documents, &fixture.scopes);
        insta::assert_snapshot!(
            fixture.name.as_str(),
            serde_json::to_string_pretty(&all(&finished)).unwrap()
        );
    }
}

#[test]
fn attributes_are_valid_and_hold_no_null() {
    for fixture in fixtures() {
        for resource in normalize(&fixture.documents, &fixture.scopes).resources {
            if let Some(schema) = kind_schema(resource.kind) {
                let validator = jsonschema::validator_for(&schema).unwrap();
                let errors: Vec<String> = validator
                    .iter_errors(&resource.attributes)
                    .map(|e| e.to_string())
                    .collect();
                assert!(errors.is_empty(), "{} {}: {errors:?}", fixture.name, resource.id);
            }
            assert!(
                !resource.attributes.to_string().contains("null"),
                "{}",
                resource.attributes
            );
            assert!(!resource.origins.is_empty() && !resource.key.0.is_empty());
        }
    }
}

#[test]
fn every_list_element_can_be_traced_to_something_there() {
    for fixture in fixtures() {
        for resource in normalize(&fixture.documents, &fixture.scopes).resources {
            for list in ["/rules", "/open_to_internet", "/public_access/grants"] {
                let length = resource
                    .attributes
                    .pointer(list)
                    .and_then(Value::as_array)
                    .map_or(0, Vec::len);
                for index in 0..length {
                    let (origin, pointer) = trace(&resource, &format!("/attributes{list}/{index}/from"));
                    let document = &fixture.documents[usize::try_from(origin.offset).unwrap()];
                    assert!(
                        through_strings(document, &pointer).is_some(),
                        "{}: {pointer}",
                        fixture.name
                    );
                }
            }
        }
    }
}

/// Reverses what has no order: every list but the line of ancestors.
fn reversed(value: &Value) -> Value {
    match value {
        Value::Array(list) => list.iter().rev().map(reversed).collect(),
        Value::Object(map) => (map.iter())
            .map(|(key, child)| {
                (
                    key.clone(),
                    if key == "ancestors" {
                        child.clone()
                    } else {
                        reversed(child)
                    },
                )
            })
            .collect::<serde_json::Map<_, _>>()
            .into(),
        // Lists inside of JSON strings have no order either.
        Value::String(text) if text.starts_with(['{', '[', '"']) => match serde_json::from_str::<Value>(text) {
            Ok(inner) => Value::String(reversed(&inner).to_string()),
            Err(_) => value.clone(),
        },
        other => other.clone(),
    }
}

#[test]
fn the_order_of_lists_changes_nothing() {
    let judged = |finished: &Finished| -> Vec<(String, Value, Value)> {
        let of = |r: &Resource| {
            (
                r.key.0.clone(),
                r.attributes.clone(),
                json!([r.unknown, r.tags, r.relationships]),
            )
        };
        finished.resources.iter().map(of).collect()
    };
    for fixture in fixtures() {
        let shuffled: Vec<Value> = fixture.documents.iter().map(reversed).collect();
        assert_eq!(
            judged(&normalize(&fixture.documents, &fixture.scopes)),
            judged(&normalize(&shuffled, &fixture.scopes)),
            "{}",
            fixture.name
        );
    }
}

/// The documents of every fixture, each fixture several times over, so that versions compete.
fn everything() -> (Vec<Value>, Fixture) {
    let mut documents = Vec::new();
    let mut scopes = Vec::new();
    for fixture in fixtures() {
        documents.extend(fixture.documents);
        scopes.extend(fixture.scopes);
    }
    (
        documents,
        Fixture {
            name: String::new(),
            documents: Vec::new(),
            scopes,
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]
    #[test]
    fn the_order_of_documents_and_merges_changes_nothing(seed in any::<u64>(), workers in 1usize..5) {
        let (documents, Fixture { scopes, .. }) = everything();
        let mut order: Vec<usize> = (0..documents.len()).collect();
        // A small generator of its own, so that a failing order is named by one number.
        let mut state = seed | 1;
        for last in (1..order.len()).rev() {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            order.swap(last, usize::try_from(state >> 33).unwrap() % (last + 1));
        }
        let expected = all(&normalize(&documents, &scopes));
        prop_assert_eq!(all(&normalize_in(&documents, &scopes, &order, workers)), expected);
    }
}

/// Follows a pointer, also into JSON that stands in strings.
fn through_strings(value: &Value, pointer: &str) -> Option<Value> {
    let mut here = value.clone();
    for token in nephoscope_model::pointer::tokens(pointer) {
        here = descend(unwrap(here), &token)?;
    }
    Some(here)
}

fn unwrap(mut value: Value) -> Value {
    while let Value::String(text) = &value {
        match serde_json::from_str(text) {
            Ok(inner) => value = inner,
            Err(_) => return value,
        }
    }
    value
}

fn descend(value: Value, token: &str) -> Option<Value> {
    match value {
        Value::Object(mut map) => map.remove(token),
        Value::Array(list) => list.get(token.parse::<usize>().ok()?).cloned(),
        _ => None,
    }
}

/// Returns `value` with what `pointer` names replaced, or taken out.
fn changed(value: &Value, pointer: &[String], to: Option<&Value>) -> Value {
    let Some((token, rest)) = pointer.split_first() else {
        return to.cloned().unwrap_or(Value::Null);
    };
    match value {
        Value::String(text) => match serde_json::from_str::<Value>(text) {
            Ok(inner) => Value::String(changed(&inner, pointer, to).to_string()),
            Err(_) => value.clone(),
        },
        Value::Object(map) => {
            let mut map = map.clone();
            match (rest, to) {
                ([], None) => drop(map.remove(token)),
                _ => {
                    let child = map.get(token).cloned().unwrap_or(Value::Null);
                    map.insert(token.clone(), changed(&child, rest, to));
                }
            }
            Value::Object(map)
        }
        Value::Array(list) => {
            let mut list = list.clone();
            let index: usize = token.parse().unwrap();
            list[index] = changed(&list[index], rest, to);
            Value::Array(list)
        }
        other => other.clone(),
    }
}

/// Other values of the same JSON type, and none.
fn others(value: &Value) -> Vec<Option<Value>> {
    let mut others = match value {
        Value::Bool(flag) => vec![Some(json!(!flag))],
        Value::Number(_) => vec![Some(json!(0)), Some(json!(86_400))],
        Value::Array(_) => vec![Some(json!([]))],
        Value::String(_) => ["Enabled", "Disabled", "Allow", "None", "TLS1_1", "0", "other"]
            .map(|s| Some(json!(s)))
            .into(),
        _ => Vec::new(),
    };
    others.push(None);
    others
}

fn pointers(value: &Value, here: &mut Vec<String>, all: &mut Vec<Vec<String>>) {
    all.push(here.clone());
    let children: Vec<(String, &Value)> = match value {
        Value::Object(map) => map.iter().map(|(key, child)| (key.clone(), child)).collect(),
        Value::Array(list) => list
            .iter()
            .enumerate()
            .map(|(index, child)| (index.to_string(), child))
            .collect(),
        _ => Vec::new(),
    };
    for (token, child) in children {
        here.push(token);
        pointers(child, here, all);
        here.pop();
    }
}

/// Any value may be of any type in a file that somebody made: the document is still told of, and what is said is valid.
#[test]
fn no_wrong_value_panics_or_loses_a_document() {
    let wrong = [
        json!(null),
        json!(true),
        json!(-70_000),
        json!("\u{0}/${x}*"),
        json!([[]]),
        json!({"a": {"b": []}}),
    ];
    let schemas: BTreeMap<String, jsonschema::Validator> = (nephoscope_model::kinds().iter())
        .filter_map(|info| {
            let schema = kind_schema(nephoscope_model::Kind::named(info.name)?)?;
            Some((info.name.to_owned(), jsonschema::validator_for(&schema).unwrap()))
        })
        .collect();
    for fixture in fixtures() {
        for index in 0..fixture.documents.len() {
            let mut all = Vec::new();
            pointers(&fixture.documents[index], &mut Vec::new(), &mut all);
            for pointer in all.iter().filter(|pointer| !pointer.is_empty()) {
                for value in &wrong {
                    let document = changed(&fixture.documents[index], pointer, Some(value));
                    if support::document(&document, 0).is_none() {
                        continue;
                    }
                    let finished = normalize(&[document], &fixture.scopes);
                    let told = finished.resources.len() + finished.gaps.len();
                    assert!(told > 0, "{}: {pointer:?} = {value}", fixture.name);
                    for resource in &finished.resources {
                        let valid = schemas
                            .get(resource.kind.as_str())
                            .is_none_or(|s| s.is_valid(&resource.attributes));
                        assert!(
                            valid,
                            "{}: {pointer:?} = {value}: {}",
                            fixture.name, resource.attributes
                        );
                    }
                }
            }
        }
    }
}

/// What a change of the attribute would change: its value and its being unknown, of every resource.
fn attribute(finished: &Finished, path: &str) -> BTreeMap<String, Value> {
    let path = format!("/attributes{path}");
    (finished.resources.iter())
        .map(|resource| {
            let value = json!({"attributes": resource.attributes}).pointer(&path).cloned();
            let unknown: Vec<_> = (resource.unknown.iter())
                // A field of a wrong type makes everything unknown, which shows nothing.
                .filter(|unknown| unknown.gap.reason != Reason::ParseError)
                .filter(|unknown| unknown.path.starts_with(&path) || path.starts_with(&unknown.path))
                .collect();
            (resource.key.0.clone(), json!([value, unknown]))
        })
        .collect()
}

#[test]
fn each_source_decides_its_attribute() {
    let fixtures = fixtures();
    let mut dead = Vec::new();
    let clouds = |dialect| dialect != Dialect::TerraformPlan && dialect != Dialect::AzureResourceGraph;
    for row in mappings().filter(|row| clouds(row.dialect)) {
        for source in row.sources {
            let decides = fixtures
                .iter()
                .any(|fixture| decides(fixture, row.native_type, source.attribute, source.native));
            if !decides {
                dead.push(format!("{} {} <- {}", row.native_type, source.attribute, source.native));
            }
        }
    }
    assert!(
        dead.is_empty(),
        "no fixture shows that these sources are read:\n{}",
        dead.join("\n")
    );
}

fn decides(fixture: &Fixture, native_type: &str, path: &str, native: &str) -> bool {
    let before = attribute(&normalize(&fixture.documents, &fixture.scopes), path);
    let tokens: Vec<String> = nephoscope_model::pointer::tokens(native).collect();
    (0..fixture.documents.len()).any(|index| {
        let document = &fixture.documents[index];
        let named = ["resourceType", "type", "asset_type", "assetType"]
            .iter()
            .find_map(|name| document.get(*name));
        if !named
            .and_then(Value::as_str)
            .is_some_and(|name| name.eq_ignore_ascii_case(native_type))
        {
            return false;
        }
        let Some(value) = through_strings(document, native) else {
            return false;
        };
        others(&value).iter().any(|other| {
            let mut documents = fixture.documents.clone();
            documents[index] = changed(document, &tokens, other.as_ref());
            let after = normalize(&documents, &fixture.scopes);
            let failed = |r: &Resource| {
                r.unknown
                    .iter()
                    .any(|u| u.path == "/attributes" && u.gap.reason == Reason::ParseError)
            };
            !after.resources.iter().any(failed) && attribute(&after, path) != before
        })
    })
}
