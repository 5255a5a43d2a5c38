//! Parameters of policies: declared with a type in METADATA, set in the configuration.

use serde::Deserialize;
use serde_json::Value;

/// JSON type of a parameter, or of the elements of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ParamType {
    /// Text.
    String,
    /// A number.
    Number,
    /// True or false.
    Boolean,
    /// A list.
    Array,
    /// An object.
    Object,
}

impl ParamType {
    /// Returns the name used in METADATA.
    pub fn as_str(self) -> &'static str {
        match self {
            ParamType::String => "string",
            ParamType::Number => "number",
            ParamType::Boolean => "boolean",
            ParamType::Array => "array",
            ParamType::Object => "object",
        }
    }

    fn of(value: &Value) -> Option<ParamType> {
        match value {
            Value::Null => None,
            Value::Bool(_) => Some(ParamType::Boolean),
            Value::Number(_) => Some(ParamType::Number),
            Value::String(_) => Some(ParamType::String),
            Value::Array(_) => Some(ParamType::Array),
            Value::Object(_) => Some(ParamType::Object),
        }
    }
}

/// One parameter of a policy.
#[derive(Debug, Clone, PartialEq)]
pub struct Param {
    /// What `input.params.<name>` is called.
    pub name: String,
    /// Its type.
    pub kind: ParamType,
    /// The type of its elements, for a list that declares it.
    pub items: Option<ParamType>,
    /// What it means.
    pub description: String,
    /// What holds when the configuration sets nothing.
    pub default: Option<Value>,
    /// What holds: the configured value, else the default.
    pub value: Value,
}

/// Says what is wrong with `value` for a parameter of this type, if anything.
pub(crate) fn mismatch(kind: ParamType, items: Option<ParamType>, value: &Value) -> Option<String> {
    let found = ParamType::of(value);
    if found != Some(kind) {
        let found = found.map_or("null", ParamType::as_str);
        return Some(format!("expected {}, found {found}", kind.as_str()));
    }
    let (Some(items), Value::Array(list)) = (items, value) else {
        return None;
    };
    list.iter()
        .enumerate()
        .find_map(|(index, element)| mismatch(items, None, element).map(|wrong| format!("element {index}: {wrong}")))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn types_are_checked_down_to_elements() {
        let strings = |value| mismatch(ParamType::Array, Some(ParamType::String), &value);
        assert_eq!(strings(json!(["a", "b"])), None);
        assert_eq!(
            strings(json!(["a", 1])).unwrap(),
            "element 1: expected string, found number"
        );
        assert_eq!(
            mismatch(ParamType::Number, None, &json!("7")).unwrap(),
            "expected number, found string"
        );
        assert_eq!(
            mismatch(ParamType::Object, None, &Value::Null).unwrap(),
            "expected object, found null"
        );
    }
}
