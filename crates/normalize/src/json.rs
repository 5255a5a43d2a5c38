//! Reading JSON that the clouds write loosely: values inside strings, booleans in quotes, one or many.

use std::borrow::Cow;
use std::fmt;

use nephoscope_model::plain_text;
use serde::Deserialize;
use serde::de::{self, DeserializeOwned, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

/// How often JSON may be wrapped in a string: AWS Config's `AccessControlList` is, twice.
const MAX_WRAPS: usize = 3;

/// Where below a value reading failed (a JSON Pointer) and why.
#[derive(Debug)]
pub(crate) struct Fault {
    pub(crate) path: String,
    pub(crate) detail: String,
}

/// Reads `raw`, unwrapping JSON inside of strings; `null`, also inside of a string, and "" give `None`.
pub(crate) fn unwrapped<T: DeserializeOwned>(raw: &str) -> Result<Option<T>, Fault> {
    let mut text = Cow::Borrowed(raw.trim());
    for _ in 0..=MAX_WRAPS {
        if text.is_empty() || text == "null" {
            return Ok(None);
        }
        if !text.starts_with('"') {
            return typed(&text).map(Some);
        }
        let inner: String = typed(&text)?;
        text = Cow::Owned(inner.trim().to_owned());
    }
    Err(Fault {
        path: String::new(),
        detail: format!("JSON wrapped in strings more than {MAX_WRAPS} times"),
    })
}

/// Reads one value and says where it failed.
pub(crate) fn typed<T: DeserializeOwned>(text: &str) -> Result<T, Fault> {
    // The path costs time, so it is only tracked in a second reading after the first one failed.
    serde_json::from_str(text).map_err(|error| {
        let mut deserializer = serde_json::Deserializer::from_str(text);
        match serde_path_to_error::deserialize::<_, T>(&mut deserializer) {
            Ok(_) => Fault {
                path: String::new(),
                detail: plain(&error),
            },
            Err(tracked) => Fault {
                path: pointer(tracked.path()),
                detail: plain(tracked.inner()),
            },
        }
    })
}

/// The message without the position in a text that nobody sees, and without names of ours.
fn plain(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let text = text.rfind(" at line ").and_then(|end| text.get(..end)).unwrap_or(&text);
    match text.split_once(", expected ") {
        Some((found, expected)) if expected.starts_with("struct ") || expected == "a map" => {
            format!("{found}, expected an object")
        }
        _ => text.to_owned(),
    }
}

fn pointer(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;
    let mut pointer = String::new();
    for segment in path {
        match segment {
            Segment::Seq { index } => nephoscope_model::pointer::push(&mut pointer, &index.to_string()),
            Segment::Map { key } => nephoscope_model::pointer::push(&mut pointer, key),
            Segment::Enum { .. } | Segment::Unknown => {}
        }
    }
    pointer
}

/// A value that may stand inside of a string; null and "" are none. For fields with `#[serde(default)]`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Wrapped<T>(pub(crate) Option<T>);

impl<T> Default for Wrapped<T> {
    fn default() -> Self {
        Wrapped(None)
    }
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for Wrapped<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        unwrapped(raw.get()).map(Wrapped).map_err(|fault| {
            de::Error::custom(match fault.path.as_str() {
                "" => fault.detail,
                path => format!("`{path}`: {}", fault.detail),
            })
        })
    }
}

/// A scalar read as text: strings, numbers and booleans; anything else is taken as not there. For the fields of an
/// envelope, which never make a document fail.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Text(pub(crate) Option<String>);

impl Text {
    /// Reads one value.
    pub(crate) fn of(value: &str) -> Text {
        match plain_text(value) {
            Some(inner) => Text(Some(inner.to_owned())),
            None => serde_json::from_str(value).unwrap_or_default(),
        }
    }

    /// Returns the text unless it is empty.
    pub(crate) fn take(self) -> Option<String> {
        self.0.filter(|text| !text.is_empty())
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Scalar;
        impl<'de> Visitor<'de> for Scalar {
            type Value = Text;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("any value")
            }
            fn visit_str<E>(self, value: &str) -> Result<Text, E> {
                Ok(Text(Some(value.to_owned())))
            }
            fn visit_bool<E>(self, value: bool) -> Result<Text, E> {
                Ok(Text(Some(value.to_string())))
            }
            fn visit_u64<E>(self, value: u64) -> Result<Text, E> {
                Ok(Text(Some(value.to_string())))
            }
            fn visit_i64<E>(self, value: i64) -> Result<Text, E> {
                Ok(Text(Some(value.to_string())))
            }
            fn visit_f64<E>(self, value: f64) -> Result<Text, E> {
                Ok(Text(Some(value.to_string())))
            }
            fn visit_unit<E>(self) -> Result<Text, E> {
                Ok(Text(None))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Text, A::Error> {
                while seq.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Text(None))
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Text, A::Error> {
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(Text(None))
            }
        }
        deserializer.deserialize_any(Scalar)
    }
}

/// Reads `true`, `false`, `"true"`, `"False"` and null.
pub(crate) fn flag<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<bool>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged, expecting = "expected a boolean, also as text")]
    enum Flag {
        Plain(bool),
        Text(String),
    }
    match Option::<Flag>::deserialize(deserializer)? {
        None => Ok(None),
        Some(Flag::Plain(value)) => Ok(Some(value)),
        Some(Flag::Text(text)) if text.eq_ignore_ascii_case("true") => Ok(Some(true)),
        Some(Flag::Text(text)) if text.eq_ignore_ascii_case("false") => Ok(Some(false)),
        Some(Flag::Text(text)) => Err(de::Error::custom(format!("expected a boolean, found `{text}`"))),
    }
}

/// Reads an integer, also written as text or with a zero fraction, and null.
pub(crate) fn integer<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged, expecting = "expected an integer, also as text")]
    enum Number {
        Plain(i64),
        Float(f64),
        Text(String),
    }
    let wrong = |found: &dyn fmt::Display| de::Error::custom(format!("expected an integer, found `{found}`"));
    match Option::<Number>::deserialize(deserializer)? {
        None => Ok(None),
        Some(Number::Plain(value)) => Ok(Some(value)),
        // Doubles hold every integer up to 2^53.
        Some(Number::Float(value)) if value.fract() == 0.0 && value.abs() < 9.0e15 => Ok(Some(value as i64)),
        Some(Number::Float(value)) => Err(wrong(&value)),
        Some(Number::Text(text)) => text.trim().parse().map(Some).map_err(|_| wrong(&text)),
    }
}

/// Reads a list as [`many`] does, of a field that tells by being there that it was read.
pub(crate) fn some_many<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<Vec<T>>, D::Error> {
    many(deserializer).map(Some)
}

/// Reads a list; null is the empty list, and one value that is no list a list of one.
pub(crate) fn many<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Vec<T>, D::Error> {
    struct Many<T>(std::marker::PhantomData<T>);
    impl<'de, T: Deserialize<'de>> Visitor<'de> for Many<T> {
        type Value = Vec<T>;
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a list or one of its elements")
        }
        fn visit_unit<E>(self) -> Result<Vec<T>, E> {
            Ok(Vec::new())
        }
        fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Vec<T>, A::Error> {
            let mut list = Vec::new();
            while let Some(element) = seq.next_element()? {
                list.push(element);
            }
            Ok(list)
        }
        fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Vec<T>, A::Error> {
            T::deserialize(de::value::MapAccessDeserializer::new(map)).map(|one| vec![one])
        }
        fn visit_str<E: de::Error>(self, value: &str) -> Result<Vec<T>, E> {
            T::deserialize(de::IntoDeserializer::into_deserializer(value)).map(|one| vec![one])
        }
        fn visit_bool<E: de::Error>(self, value: bool) -> Result<Vec<T>, E> {
            T::deserialize(de::IntoDeserializer::into_deserializer(value)).map(|one| vec![one])
        }
    }
    deserializer.deserialize_any(Many(std::marker::PhantomData))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize, PartialEq)]
    struct Sample {
        #[serde(default, deserialize_with = "flag")]
        on: Option<bool>,
        #[serde(default, deserialize_with = "integer")]
        days: Option<i64>,
        #[serde(default, deserialize_with = "many")]
        names: Vec<String>,
    }

    #[test]
    fn a_fault_names_no_type_of_ours() {
        let fault = typed::<Sample>("7").unwrap_err();
        assert_eq!(fault.detail, "invalid type: integer `7`, expected an object");
    }

    #[test]
    fn loose_values_are_read() {
        let sample: Sample = unwrapped(r#""{\"on\":\"False\",\"days\":\"7\",\"names\":\"a\"}""#)
            .unwrap()
            .unwrap();
        assert_eq!(
            sample,
            Sample {
                on: Some(false),
                days: Some(7),
                names: vec!["a".into()]
            }
        );
        let sample: Sample = unwrapped(r#"{"on":null,"days":7.0,"names":["a","b"]}"#)
            .unwrap()
            .unwrap();
        assert_eq!(
            sample,
            Sample {
                on: None,
                days: Some(7),
                names: vec!["a".into(), "b".into()]
            }
        );
        assert_eq!(unwrapped::<Sample>(r#""null""#).unwrap(), None);
    }

    #[test]
    fn a_fault_names_its_path() {
        let fault = unwrapped::<Vec<Sample>>(r#"[{"on":true},{"on":"maybe"}]"#).unwrap_err();
        assert_eq!(
            (fault.path.as_str(), fault.detail.as_str()),
            ("/1/on", "expected a boolean, found `maybe`")
        );
    }

    #[test]
    fn endless_wrapping_ends() {
        let mut text = "{}".to_owned();
        for _ in 0..6 {
            text = serde_json::to_string(&text).unwrap();
        }
        assert!(unwrapped::<Sample>(&text).is_err());
    }
}
