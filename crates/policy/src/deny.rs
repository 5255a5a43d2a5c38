//! One element of `deny`: its shape, checked.

use regorus::Value as Rego;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

/// One fault that a clause found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Deny {
    /// JSON Pointer into the resource.
    pub path: String,
    /// What is wrong, one line.
    pub message: String,
    /// Fault key: tells the faults of one resource apart; "" when there can be only one.
    pub key: String,
    /// A value that supports it.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    pub evidence: Option<Value>,
}

/// A `null` that stands there is a value.
fn given<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

/// Reads the elements of the set that a `deny` rule gives. Nothing defined is the empty set.
///
/// # Errors
///
/// One line that names the element and what it lacks.
pub(crate) fn read(value: &Rego) -> Result<Vec<Deny>, String> {
    if matches!(value, Rego::Undefined) {
        return Ok(Vec::new());
    }
    let Ok(set) = value.as_set() else {
        return Err("`deny` is no set; write `deny contains finding if { … }`".into());
    };
    set.iter().map(element).collect()
}

fn element(value: &Rego) -> Result<Deny, String> {
    let plain = serde_json::to_value(value).map_err(|error| format!("an element of `deny` is no JSON: {error}"))?;
    let Value::Object(mut map) = plain else {
        return Err(format!(
            "an element of `deny` is no object with `path` and `message`: {}",
            short(&plain)
        ));
    };
    let mut text = |key: &str| match map.remove(key) {
        Some(Value::String(text)) => Ok(Some(text)),
        None => Ok(None),
        Some(other) => Err(format!(
            "`{key}` of an element of `deny` is no string: {}",
            short(&other)
        )),
    };
    let path = text("path")?.ok_or("an element of `deny` has no `path`")?;
    let message = text("message")?.ok_or("an element of `deny` has no `message`")?;
    let key = text("key")?.unwrap_or_default();
    let evidence = map.remove("evidence");
    if let Some(extra) = map.keys().next() {
        return Err(format!(
            "an element of `deny` holds `{extra}`; it may hold path, message, key and evidence"
        ));
    }
    if !(path.is_empty() || path.starts_with('/')) {
        return Err(format!("`path` of an element of `deny` is no JSON Pointer: `{path}`"));
    }
    Ok(Deny {
        path,
        message,
        key,
        evidence,
    })
}

fn short(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(80) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

/// Sorts by key and path and takes out what two clauses found alike.
///
/// Returns the keys under which two different faults stand; these faults are taken out, since they would
/// share one identity.
pub(crate) fn settle(denies: &mut Vec<Deny>) -> Vec<String> {
    denies.sort_by(|a, b| {
        let order = (&a.key, &a.path, &a.message).cmp(&(&b.key, &b.path, &b.message));
        order.then_with(|| text_of(a.evidence.as_ref()).cmp(&text_of(b.evidence.as_ref())))
    });
    denies.dedup_by(|a, b| (&a.key, &a.path, &a.message) == (&b.key, &b.path, &b.message));
    let mut clashes: Vec<String> = denies
        .iter()
        .zip(denies.iter().skip(1))
        .filter(|(a, b)| a.key == b.key)
        .map(|(a, _)| a.key.clone())
        .collect();
    clashes.dedup();
    denies.retain(|deny| !clashes.contains(&deny.key));
    clashes
}

fn text_of(value: Option<&Value>) -> String {
    value.map(Value::to_string).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_json(text: &str) -> Result<Vec<Deny>, String> {
        let list = Rego::from_json_str(text).unwrap();
        let set: std::collections::BTreeSet<Rego> = list.as_array().unwrap().iter().cloned().collect();
        read(&Rego::from(set))
    }

    #[test]
    fn a_malformed_element_is_named() {
        let cases = [
            (r#"["text"]"#, "is no object"),
            (r#"[{"message": "m"}]"#, "has no `path`"),
            (r#"[{"path": "/x"}]"#, "has no `message`"),
            (
                r#"[{"path": 7, "message": "m"}]"#,
                "`path` of an element of `deny` is no string: 7",
            ),
            (r#"[{"path": "x", "message": "m"}]"#, "is no JSON Pointer"),
            (r#"[{"path": "", "message": "m", "key": null}]"#, "`key`"),
            (r#"[{"path": "", "message": "m", "mesage": "m"}]"#, "holds `mesage`"),
        ];
        for (text, expected) in cases {
            let error = read_json(text).unwrap_err();
            assert!(error.contains(expected), "{text}: {error}");
        }
        assert!(read(&Rego::from(true)).is_err());
        assert_eq!(read(&Rego::Undefined), Ok(vec![]));
    }

    #[test]
    fn the_same_fault_twice_is_one_and_two_faults_with_one_key_are_none() {
        let deny = |key: &str, path: &str| Deny {
            path: path.into(),
            message: "m".into(),
            key: key.into(),
            evidence: None,
        };
        let mut denies = vec![
            deny("b", "/2"),
            deny("a", "/1"),
            deny("b", "/2"),
            deny("c", "/3"),
            deny("c", "/4"),
        ];
        assert_eq!(settle(&mut denies), ["c"]);
        assert_eq!(denies, [deny("a", "/1"), deny("b", "/2")]);
    }
}
