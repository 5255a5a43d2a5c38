//! What a template's `violation` or `deny` gives: its shape, checked.

use std::collections::BTreeMap;

use nephoscope_model::digest;
use regorus::Value as Rego;
use serde_json::Value;

use crate::deny::Deny;

/// Reads the elements, sorted by message. Nothing defined is the empty set.
///
/// A template says nothing by which to tell the faults of one asset apart but their messages, so these are the fault keys; two
/// with one message are told apart by their details.
///
/// # Errors
///
/// One line that says what an element lacks.
pub(crate) fn read(value: &Rego) -> Result<Vec<Deny>, String> {
    if matches!(value, Rego::Undefined) {
        return Ok(Vec::new());
    }
    let Ok(set) = value.as_set() else {
        return Err("it gives no set of violations".to_owned());
    };
    let mut denies: Vec<Deny> = set.iter().map(element).collect::<Result<_, _>>()?;
    let mut messages: BTreeMap<String, usize> = BTreeMap::new();
    for deny in &denies {
        *messages.entry(deny.message.clone()).or_default() += 1;
    }
    for deny in &mut denies {
        deny.key.clone_from(&deny.message);
        if messages.get(&deny.message).is_some_and(|count| *count > 1) {
            let details = deny.evidence.as_ref().map(Value::to_string).unwrap_or_default();
            deny.key = format!("{} {}", deny.message, digest([details.as_str()]));
        }
    }
    denies.sort_by(|a, b| a.key.cmp(&b.key));
    Ok(denies)
}

fn element(value: &Rego) -> Result<Deny, String> {
    let plain = serde_json::to_value(value).map_err(|error| format!("a violation is no JSON: {error}"))?;
    let Value::Object(mut map) = plain else {
        return Err("a violation is no object with `msg`".to_owned());
    };
    let Some(Value::String(message)) = map.remove("msg") else {
        return Err("a violation has no text `msg`".to_owned());
    };
    Ok(Deny {
        path: String::new(),
        message,
        key: String::new(),
        evidence: map.remove("details").or_else(|| map.remove("metadata")),
    })
}
