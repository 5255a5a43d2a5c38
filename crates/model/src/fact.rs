//! Three-valued attributes: a value, known absent, or unknown with the reason.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Serialize, Serializer};
use serde_json::Value;

use crate::pointer;

/// What a source says about one attribute.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Fact<T> {
    /// The source states the value, or the provider's documented default applies.
    Known(T),
    /// The source states that there is none, and the attribute's domain has no value for that.
    #[default]
    Absent,
    /// The source cannot tell.
    Unknown(Gap),
    /// A list of which the source tells a prefix of the real one.
    Partial(T, Gap),
}

impl<T> Fact<T> {
    /// Returns the value, also of a list known in part.
    pub fn value(&self) -> Option<&T> {
        match self {
            Fact::Known(value) | Fact::Partial(value, _) => Some(value),
            Fact::Absent | Fact::Unknown(_) => None,
        }
    }

    /// Returns the value for changing it, also of a list known in part.
    pub fn value_mut(&mut self) -> Option<&mut T> {
        match self {
            Fact::Known(value) | Fact::Partial(value, _) => Some(value),
            Fact::Absent | Fact::Unknown(_) => None,
        }
    }

    /// Returns what is missing, if anything is.
    pub fn gap(&self) -> Option<&Gap> {
        match self {
            Fact::Unknown(gap) | Fact::Partial(_, gap) => Some(gap),
            Fact::Known(_) | Fact::Absent => None,
        }
    }

    /// Changes a known value; what is absent or unknown stays so.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Fact<U> {
        match self {
            Fact::Known(value) => Fact::Known(change(value)),
            Fact::Absent => Fact::Absent,
            Fact::Unknown(gap) => Fact::Unknown(gap),
            Fact::Partial(value, gap) => Fact::Partial(change(value), gap),
        }
    }

    /// Returns what `change` makes of a value, also of one known in part; what is absent or unknown stays so.
    pub fn and_then<U>(self, change: impl FnOnce(T) -> Fact<U>) -> Fact<U> {
        match self {
            Fact::Known(value) | Fact::Partial(value, _) => change(value),
            Fact::Absent => Fact::Absent,
            Fact::Unknown(gap) => Fact::Unknown(gap),
        }
    }

    /// Returns the same fact with `value` where the source states that there is none.
    #[must_use]
    pub fn or_default(self, value: T) -> Self {
        match self {
            Fact::Absent => Fact::Known(value),
            other => other,
        }
    }
}

impl<T> From<Option<T>> for Fact<T> {
    /// `None` is *known absent*; a source that cannot tell has to say [`Fact::Unknown`].
    fn from(value: Option<T>) -> Self {
        value.map_or(Fact::Absent, Fact::Known)
    }
}

/// Why an attribute, a resource or a scope is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The credentials were refused; the detail names the permission.
    Denied,
    /// The provider's rate limit ended the reading.
    Throttled,
    /// The API is off in that account or project.
    ApiDisabled,
    /// The inventory service does not record this type.
    NotRecorded,
    /// Terraform or another deployment tool knows the value only after it was applied.
    UnknownAtPlan,
    /// The input does not hold it; the detail names what would.
    NotRead,
    /// The input holds it in a form that could not be understood.
    ParseError,
    /// The input ends early or says that it is incomplete.
    Truncated,
}

impl Reason {
    /// Returns the name used in every output, for example `not_read`.
    pub fn as_str(self) -> &'static str {
        match self {
            Reason::Denied => "denied",
            Reason::Throttled => "throttled",
            Reason::ApiDisabled => "api_disabled",
            Reason::NotRecorded => "not_recorded",
            Reason::UnknownAtPlan => "unknown_at_plan",
            Reason::NotRead => "not_read",
            Reason::ParseError => "parse_error",
            Reason::Truncated => "truncated",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A reason with what would close the gap.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Gap {
    /// Why.
    pub reason: Reason,
    /// What is missing by name: an id, a permission, an address in an object store.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

impl Gap {
    /// Returns a gap without detail.
    pub fn new(reason: Reason) -> Self {
        Gap { reason, detail: None }
    }

    /// Returns a gap that names what would close it.
    pub fn with(reason: Reason, detail: impl Into<String>) -> Self {
        Gap {
            reason,
            detail: Some(detail.into()),
        }
    }
}

impl fmt::Display for Gap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.detail {
            Some(detail) => write!(f, "{} ({detail})", self.reason),
            None => write!(f, "{}", self.reason),
        }
    }
}

/// One path of a resource that is not known.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Unknown {
    /// JSON Pointer into the resource, for example `/attributes/versioning/enabled`, or `/related/account`.
    pub path: String,
    /// Why, and what would close the gap.
    #[serde(flatten)]
    pub gap: Gap,
}

// A fact that is not known travels through serde as an object with this single key, which no attribute
// can have: the kinds hold no map with keys from the input.
const MARK: &str = "\u{0}nephoscope:gap";

impl<T: Serialize> Serialize for Fact<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap;
        match self {
            Fact::Known(value) => value.serialize(serializer),
            Fact::Absent => serializer.serialize_none(),
            Fact::Unknown(gap) => {
                let mut map = serializer.serialize_map(Some(1))?;
                map.serialize_entry(MARK, &(gap, None::<()>))?;
                map.end()
            }
            Fact::Partial(value, gap) => {
                let mut map = serializer.serialize_map(Some(1))?;
                map.serialize_entry(MARK, &(gap, Some(value)))?;
                map.end()
            }
        }
    }
}

impl<T: JsonSchema> JsonSchema for Fact<T> {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        T::schema_name()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        generator.subschema_for::<T>()
    }
}

/// Returns the attributes as they appear in `input.resource.attributes` and the paths that are unknown.
///
/// What is absent is left out, what is unknown is left out and listed under `/attributes/…`, a list known
/// in part stays and is listed. The attributes hold no null. Paths are in document order.
///
/// # Errors
///
/// When a value cannot be written as JSON, for example a map whose keys are no strings.
pub fn lower<T: Serialize>(attributes: &T) -> Result<(Value, Vec<Unknown>), serde_json::Error> {
    let mut value = serde_json::to_value(attributes)?;
    let mut unknown = Vec::new();
    settle(&mut value, &mut "/attributes".to_owned(), &mut unknown);
    Ok((value, unknown))
}

/// Takes nulls and gap marks out of `value`; returns false when the value itself has to go.
fn settle(value: &mut Value, path: &mut String, unknown: &mut Vec<Unknown>) -> bool {
    match value {
        Value::Null => false,
        Value::Object(map) => {
            if let Some(mark) = map.remove(MARK) {
                let (gap, rest): (Gap, Value) =
                    serde_json::from_value(mark).unwrap_or_else(|_| (Gap::new(Reason::ParseError), Value::Null));
                unknown.push(Unknown {
                    path: path.clone(),
                    gap,
                });
                *value = rest;
                return settle(value, path, unknown);
            }
            map.retain(|key, child| match child {
                // Most are neither: their path is asked of nobody.
                Value::Null => false,
                Value::Object(_) | Value::Array(_) => within(path, key, |path| settle(child, path, unknown)),
                _ => true,
            });
            true
        }
        Value::Array(list) => {
            // INVARIANT: an element of a list is never a bare gap, so that indexes keep their meaning.
            for (index, child) in list.iter_mut().enumerate() {
                if child.is_object() || child.is_array() {
                    within(path, &index.to_string(), |path| settle(child, path, unknown));
                }
            }
            true
        }
        _ => true,
    }
}

fn within<R>(path: &mut String, token: &str, body: impl FnOnce(&mut String) -> R) -> R {
    let length = path.len();
    pointer::push(path, token);
    let result = body(path);
    path.truncate(length);
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Serialize)]
    struct Inner {
        principal: String,
        effective: Fact<bool>,
    }

    #[derive(Serialize)]
    struct Outer {
        grants: Fact<Vec<Inner>>,
        guard: Fact<&'static str>,
        none: Fact<u8>,
    }

    #[test]
    fn partial_list_keeps_elements_and_names_every_gap() {
        let outer = Outer {
            grants: Fact::Partial(
                vec![Inner {
                    principal: "everyone".into(),
                    effective: Fact::Unknown(Gap::with(Reason::NotRead, "account block")),
                }],
                Gap::new(Reason::Truncated),
            ),
            guard: Fact::Known("off"),
            none: Fact::Absent,
        };
        let (value, unknown) = lower(&outer).unwrap();
        assert_eq!(
            value,
            serde_json::json!({"grants": [{"principal": "everyone"}], "guard": "off"})
        );
        let paths: Vec<_> = unknown.iter().map(|u| (u.path.as_str(), u.gap.reason)).collect();
        assert_eq!(
            paths,
            [
                ("/attributes/grants", Reason::Truncated),
                ("/attributes/grants/0/effective", Reason::NotRead)
            ]
        );
    }
}
