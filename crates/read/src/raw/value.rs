//! A YAML value as conftest's parser has it: that of YAML 1.1, as JSON.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// Parses one document. Words like `on` and `yes` are truth values, also where they are keys: `on:` is the key `true`. Numbers
/// that begin with `0` are octal.
pub(super) fn parse(text: &str) -> Result<Value, serde_saphyr::Error> {
    let options = serde_saphyr::options! { legacy_octal_numbers: true };
    serde_saphyr::from_str_with_options::<Node>(text, options).map(|node| node.0)
}

struct Node(Value);

/// A key of any scalar type, as the text that it is in JSON.
struct Key(String);

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader).map(Node)
    }
}

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match deserializer.deserialize_any(Reader)? {
            Value::String(text) => Ok(Key(text)),
            Value::Array(_) | Value::Object(_) => Err(D::Error::custom("a key that is no scalar")),
            scalar => Ok(Key(scalar.to_string())),
        }
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value that JSON has")
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_i128<E: Error>(self, value: i128) -> Result<Value, E> {
        number(&value.to_string())
    }

    fn visit_u128<E: Error>(self, value: u128) -> Result<Value, E> {
        number(&value.to_string())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        let number = Number::from_f64(value).ok_or_else(|| E::custom("a number that JSON does not have"))?;
        Ok(Value::Number(number))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_string<E: Error>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_none<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(Node(item)) = items.next_element()? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut map = Map::new();
        while let Some(Key(key)) = members.next_key()? {
            let Node(value) = members.next_value()?;
            if map.contains_key(&key) {
                return Err(A::Error::custom(format!("duplicate key `{key}`")));
            }
            map.insert(key, value);
        }
        Ok(Value::Object(map))
    }
}

fn number<E: Error>(text: &str) -> Result<Value, E> {
    serde_json::from_str(text).map_err(E::custom)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn words_and_numbers_are_those_of_yaml_1_1() {
        let text = "on: [yes, \"no\", Off]\n\"off\": 0644\n8: 1.5\nbig: 12345678901234567890\nd: 2020-01-01\ne:\n";
        assert_eq!(
            parse(text).unwrap(),
            json!({"true": [true, "no", false], "off": 420, "8": 1.5, "big": 12_345_678_901_234_567_890_u64,
                "d": "2020-01-01", "e": null})
        );
    }

    #[test]
    fn what_is_merged_is_there_and_what_is_there_twice_is_an_error() {
        let merged = parse("a: &a {x: 1, z: 2}\nb:\n  <<: *a\n  z: 3\n").unwrap();
        assert_eq!(merged["b"], json!({"x": 1, "z": 3}));
        assert!(parse("a: 1\na: 2\n").is_err());
        assert!(parse("on: 1\nyes: 2\n").is_err());
        assert!(parse("a: .inf\n").is_err());
    }
}
