//! From resources and JSON to what the engine takes.

use std::borrow::Cow;
use std::collections::BTreeMap;

use nephoscope_model::Resource;
use regorus::Value as Rego;
use serde_json::Value;

/// A resource as `input.resource` holds it: without what the engine keeps to itself.
pub(crate) fn plain(resource: &Resource) -> Value {
    // A resource holds only strings, times and JSON, which can always be written.
    let mut value = serde_json::to_value(resource).unwrap_or_default();
    if let Some(map) = value.as_object_mut() {
        map.remove("unknown");
        map.remove("origins");
    }
    value
}

/// Returns one member of [`plain`].
pub(crate) fn field<'r>(resource: &'r Resource, name: &str) -> Option<Cow<'r, Value>> {
    if matches!(name, "unknown" | "origins") {
        return None;
    }
    resource.field(name)
}

/// Converts a value without a copy of it on the way.
pub(crate) fn rego(value: &Value) -> Rego {
    match value {
        Value::Array(list) => Rego::from(list.iter().map(rego).collect::<Vec<_>>()),
        Value::Object(map) => {
            let members = map.iter().map(|(name, value)| (Rego::from(name.as_str()), rego(value)));
            Rego::from(members.collect::<BTreeMap<_, _>>())
        }
        Value::String(text) => Rego::from(text.as_str()),
        other => Rego::from(other.clone()),
    }
}
