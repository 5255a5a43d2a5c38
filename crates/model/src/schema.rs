//! JSON Schemas of the model, generated from the types.

use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use crate::kind::{Kind, kinds};

/// Returns the schema of a kind's attributes, every reference inlined, or `None` for a kind that has only its envelope.
pub fn kind_schema(kind: Kind) -> Option<Value> {
    let build = kind.info().schema?;
    let mut settings = SchemaSettings::draft07();
    settings.inline_subschemas = true;
    let mut generator = settings.into_generator();
    let mut schema = build(&mut generator).to_value();
    tidy(&mut schema);
    Some(schema)
}

/// Returns the schema of a policy's whole `input` for a kind: what `schema.<name>` in METADATA stands for.
pub fn input_schema(kind: Kind) -> Value {
    let attributes =
        kind_schema(kind).unwrap_or_else(|| json!({"type": "object", "additionalProperties": false, "properties": {}}));
    let text = json!({"type": "string"});
    let properties = json!({
        "id": text, "key": text,
        "provider": {"type": "string", "enum": ["aws", "azure", "gcp"]},
        "kind": {"type": "string", "enum": kinds().iter().map(|info| info.name).collect::<Vec<_>>()},
        "native_type": text, "name": text, "account": text,
        "org_path": {"type": "array", "items": text},
        "region": text, "native_region": text,
        "tags": {"type": "object", "additionalProperties": text},
        "created_at": {"type": "string", "format": "date-time"},
        "changed_at": {"type": "string", "format": "date-time"},
        "observed_at": {"type": "string", "format": "date-time"},
        "state_id": text,
        "state": {"type": "string", "enum": ["live", "planned", "deleted"]},
        "relationships": {"type": "array", "items": {
            "type": "object", "additionalProperties": false, "required": ["name", "target"],
            "properties": {"name": text, "native_type": text, "target": text},
        }},
        "attributes": attributes,
        "native": {},
    });
    json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": format!("input of a policy for {}", kind.as_str()),
        "type": "object",
        "additionalProperties": false,
        "required": ["resource", "related", "params", "as_of"],
        "properties": {
            "resource": {
                "type": "object",
                "additionalProperties": false,
                "required": ["id", "key", "provider", "kind", "native_type", "name", "account", "region", "native_region", "tags", "state", "attributes"],
                "properties": properties,
            },
            "related": {"type": "object"},
            "params": {"type": "object"},
            "as_of": {"type": "string", "format": "date-time"},
        },
    })
}

/// Makes the generated schema say what the lowered attributes are: no nulls, no defaults, nothing beyond the
/// named properties, and no `oneOf` or `allOf` (OPA's checker ignores them).
fn tidy(schema: &mut Value) {
    if let Value::Object(map) = schema {
        map.remove("default");
        map.remove("$schema");
        if let Some(Value::Array(list)) = map.get("allOf")
            && let [Value::Object(inner)] = list.as_slice()
        {
            let inner = inner.clone();
            map.remove("allOf");
            for (key, value) in inner {
                map.entry(key).or_insert(value);
            }
        }
        if let Some(Value::Array(variants)) = map.get("oneOf") {
            // An enumeration whose members carry docs comes as oneOf consts.
            let names: Option<Vec<Value>> = variants.iter().map(constant).collect();
            if let Some(names) = names {
                map.remove("oneOf");
                map.insert("type".into(), json!("string"));
                map.insert("enum".into(), names.into_iter().collect());
            }
        }
        if let Some(Value::Array(types)) = map.get("type") {
            // `Option` fields are left out when empty, so null is no value of theirs.
            let kept: Vec<Value> = types.iter().filter(|name| *name != "null").cloned().collect();
            if let [only] = kept.as_slice() {
                let only = only.clone();
                map.insert("type".into(), only);
            }
        }
        if map.get("type") == Some(&json!("object")) {
            map.entry("additionalProperties").or_insert(json!(false));
        }
        for key in ["properties", "definitions"] {
            if let Some(Value::Object(children)) = map.get_mut(key) {
                children.values_mut().for_each(tidy);
            }
        }
        if let Some(items) = map.get_mut("items") {
            tidy(items);
        }
    }
}

fn constant(variant: &Value) -> Option<Value> {
    let map: &Map<String, Value> = variant.as_object()?;
    map.get("const")
        .cloned()
        .or_else(|| match map.get("enum")?.as_array()?.as_slice() {
            [only] => Some(only.clone()),
            _ => None,
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn walk(schema: &Value, path: &str, seen: &mut Vec<String>) {
        if let Some(map) = schema.as_object() {
            for banned in ["oneOf", "anyOf", "allOf", "$ref", "default"] {
                assert!(!map.contains_key(banned), "{banned} at {path}: {schema}");
            }
            if let Some(Value::Object(children)) = map.get("properties") {
                for (name, child) in children {
                    seen.push(format!("{path}/{name}"));
                    walk(child, &format!("{path}/{name}"), seen);
                }
            }
            if let Some(items) = map.get("items") {
                walk(items, &format!("{path}/*"), seen);
            }
        }
    }

    #[test]
    fn schemas_are_plain_enough_for_opa() {
        for info in kinds() {
            let kind = Kind::named(info.name).unwrap();
            let mut seen = Vec::new();
            walk(&input_schema(kind), "", &mut seen);
            if info.schema.is_some() {
                assert!(
                    seen.iter().any(|path| path.starts_with("/resource/attributes/")),
                    "{}",
                    info.name
                );
            }
        }
    }

    #[test]
    fn facts_are_never_required() {
        let schema = kind_schema(Kind::named("storage.bucket").unwrap()).unwrap();
        let versioning = schema.pointer("/properties/versioning").unwrap();
        assert_eq!(versioning.pointer("/properties/enabled/type"), Some(&json!("boolean")));
        assert!(versioning.get("required").is_none(), "{versioning}");
        assert_eq!(
            schema.pointer("/properties/shared_keys/x-providers"),
            Some(&json!(["azure"]))
        );
    }
}
