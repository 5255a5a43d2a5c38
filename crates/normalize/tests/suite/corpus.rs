//! Every real item of the corpus goes through: nothing panics, nothing is lost, what fails is known.

use std::path::Path;

use nephoscope_model::{Reason, kind_schema};
use serde_json::Value;

use crate::support::{document, normalize, walk};

/// Returns every native document inside of a JSON value.
fn native(value: &Value, found: &mut Vec<Value>) {
    match value {
        Value::Object(map) => {
            let text = |name: &str| map.get(name).and_then(Value::as_str).unwrap_or_default();
            let aws = map.contains_key("resourceId") && map.contains_key("configurationItemStatus");
            let azure = text("id").to_ascii_lowercase().starts_with("/subscriptions/") && text("type").contains('/');
            let gcp = map.contains_key("asset_type") && map.contains_key("name");
            if (aws || azure || gcp) && document(value, 0).is_some() {
                found.push(value.clone());
            } else {
                map.values().for_each(|child| native(child, found));
            }
        }
        Value::Array(list) => list.iter().for_each(|child| native(child, found)),
        // Items inside of messages.
        Value::String(text) if text.starts_with('{') => {
            if let Ok(inner) = serde_json::from_str::<Value>(text) {
                native(&inner, found);
            }
        }
        _ => {}
    }
}

#[test]
fn every_item_of_the_corpus_is_read() {
    let Ok(corpus) = std::env::var("NEPHOSCOPE_CORPUS") else {
        assert!(
            std::env::var("NEPHOSCOPE_REQUIRE_ALL").as_deref() != Ok("1"),
            "NEPHOSCOPE_CORPUS is not set"
        );
        eprintln!("SKIPPED: every_item_of_the_corpus_is_read: NEPHOSCOPE_CORPUS is not set");
        return;
    };
    let mut files = Vec::new();
    for folder in ["aws/config", "azure/arm", "azure/resource-graph", "gcp/cai"] {
        walk(&Path::new(&corpus).join(folder), &mut files);
    }
    files.sort();
    let mut kinds = std::collections::BTreeMap::<&str, usize>::new();
    let mut unexpected = Vec::new();
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        // Some files are several values one after another; some are broken on purpose.
        let values = serde_json::Deserializer::from_str(&text).into_iter::<Value>();
        let mut items = Vec::new();
        values
            .map_while(Result::ok)
            .for_each(|value| native(&value, &mut items));
        let finished = normalize(&items, &[]);
        let name = file.strip_prefix(&corpus).unwrap().to_string_lossy().into_owned();
        for resource in &finished.resources {
            *kinds.entry(resource.kind.as_str()).or_default() += 1;
            let failed = resource
                .unknown
                .iter()
                .find(|unknown| unknown.gap.reason == Reason::ParseError);
            if let Some(unknown) = failed {
                unexpected.push(format!("{name}: {} {}", unknown.path, unknown.gap));
            }
            assert!(
                !resource.key.0.is_empty() && !resource.name.is_empty(),
                "{name}: {resource:?}"
            );
            if let Some(schema) = kind_schema(resource.kind) {
                assert!(
                    jsonschema::is_valid(&schema, &resource.attributes),
                    "{name}: {}",
                    resource.attributes
                );
            }
        }
        // Every item is judged, kept as a part, replaced by a newer version, or named as missing its whole.
        let told = finished
            .resources
            .iter()
            .map(|resource| resource.origins.len())
            .sum::<usize>();
        let told = told + usize::try_from(finished.superseded).unwrap() + finished.gaps.len();
        assert!(
            items.is_empty() || told > 0,
            "{name}: {} items and nothing told of them",
            items.len()
        );
    }
    assert!(unexpected.is_empty(), "{}", unexpected.join("\n"));
    for kind in ["account.scope", "network.firewall", "storage.bucket", "other"] {
        assert!(
            kinds.get(kind).is_some_and(|count| *count > 0),
            "no {kind} in {kinds:?}"
        );
    }
}
