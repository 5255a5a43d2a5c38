//! From resources and JSON to what the engine takes.

use std::borrow::Cow;
use std::collections::BTreeMap;

use nephoscope_model::Resource;
use regorus::Value as Rego;
use serde_json::Value;

/// Fields that the engine keeps to itself.
const OWN: [&str; 2] = ["unknown", "origins"];

/// A resource as `input.resource` holds it.
pub(crate) fn plain(resource: &Resource) -> Value {
    // A resource holds only strings, times and JSON, which can always be written.
    let mut value = serde_json::to_value(resource).unwrap_or_default();
    if let Some(map) = value.as_object_mut() {
        map.retain(|name, _| !OWN.contains(&name.as_str()));
    }
    value
}

/// Returns one member of [`plain`].
pub(crate) fn field<'r>(resource: &'r Resource, name: &str) -> Option<Cow<'r, Value>> {
    (!OWN.contains(&name)).then(|| resource.field(name)).flatten()
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
