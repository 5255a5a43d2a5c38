//! What a policy can read of its input, and nothing else: as a value of the engine, and written out for the memo.
//!
//! Both come from one tree, so that by the same proof the policy gives on the value what it gives on the whole input, and the same
//! on whatever is written out the same.

use std::collections::BTreeMap;

use nephoscope_model::Resource;
use regorus::Value as Rego;
use serde_json::Value;

use crate::analysis::{ReadSet, Step, Uses};
use crate::convert::{field, rego};

/// The paths of the input that the clauses of a policy read, as a tree.
#[derive(Debug, Default)]
pub(crate) struct Projection {
    /// What is read below this place, by step.
    children: BTreeMap<String, Projection>,
    /// What is read below each member or element.
    any: Option<Box<Projection>>,
    /// How it is read itself.
    uses: Uses,
}

impl Projection {
    pub(crate) fn of<'r>(clauses: impl Iterator<Item = &'r ReadSet>) -> Projection {
        let mut root = Projection::default();
        for reads in clauses {
            root.uses.value |= reads.whole_input;
            for read in &reads.reads {
                root.add(&read.path, read.uses);
            }
        }
        root
    }

    /// Returns that of a policy that reads everything.
    pub(crate) fn whole() -> Projection {
        Projection {
            uses: Uses {
                value: true,
                ..Uses::default()
            },
            ..Projection::default()
        }
    }

    fn add(&mut self, path: &[Step], uses: Uses) {
        match path.split_first() {
            None => {
                self.uses.value |= uses.value;
                self.uses.keys |= uses.keys;
                self.uses.count |= uses.count;
            }
            Some((Step::Key(name), rest)) => self.children.entry(name.clone()).or_default().add(rest, uses),
            Some((Step::Any, rest)) => self.any.get_or_insert_default().add(rest, uses),
        }
    }

    /// Returns what is read below `name`; `None` where nothing is read of it.
    pub(crate) fn below(&self, name: &str) -> Option<&Projection> {
        self.children.get(name)
    }

    /// Returns what is read of single members, by their names.
    pub(crate) fn children(&self) -> impl Iterator<Item = (&str, &Projection)> {
        self.children.iter().map(|(name, below)| (name.as_str(), below))
    }

    /// Whether the input is to be given whole.
    pub(crate) fn takes_all(&self) -> bool {
        self.is_whole() || self.any.is_some()
    }

    /// All of it is read, or its length or the names of its members.
    fn is_whole(&self) -> bool {
        self.uses.value || self.uses.keys || self.uses.count
    }

    /// Returns what is read of a resource by the names of its fields.
    pub(crate) fn resource(&self, resource: &Resource) -> Rego {
        let members = self.children.iter().filter_map(|(name, below)| {
            let value = below.value(&*field(resource, name)?);
            Some((Rego::from(name.as_str()), value))
        });
        Rego::from(members.collect::<BTreeMap<_, _>>())
    }

    /// Returns what is read of an input in plain JSON, which has `params`.
    pub(crate) fn input(&self, input: &Value, params: &Rego) -> Rego {
        let members = input.as_object().into_iter().flatten().filter_map(|(name, value)| {
            let value = match name.as_str() {
                // What they decide is known, so that they may stand on no path.
                "params" => params.clone(),
                _ if self.takes_all() => rego(value),
                _ => self.children.get(name)?.value(value),
            };
            Some((Rego::from(name.as_str()), value))
        });
        Rego::from(members.collect::<BTreeMap<_, _>>())
    }

    /// Returns what is read of a value.
    pub(crate) fn value(&self, value: &Value) -> Rego {
        match value {
            _ if self.is_whole() => rego(value),
            Value::Object(map) => {
                let members = map.iter().filter_map(|(name, value)| {
                    let value = match (self.children.get(name), &self.any) {
                        (Some(below), None) => below.value(value),
                        (None, Some(below)) => below.value(value),
                        (Some(_), Some(_)) => rego(value),
                        (None, None) => return None,
                    };
                    Some((Rego::from(name.as_str()), value))
                });
                Rego::from(members.collect::<BTreeMap<_, _>>())
            }
            Value::Array(list) => match (&self.any, self.children.is_empty()) {
                (Some(below), true) => Rego::from(list.iter().map(|item| below.value(item)).collect::<Vec<_>>()),
                // Only that it is a list is read.
                (None, true) => Rego::from(Vec::<Rego>::new()),
                _ => rego(value),
            },
            _ => rego(value),
        }
    }

    /// Writes what is read of a value to the end of `key`. Two values are written the same only where no read tells them apart.
    pub(crate) fn write(&self, key: &mut Vec<u8>, value: Option<&Value>) {
        let Uses {
            count,
            keys,
            value: all,
            ..
        } = self.uses;
        match value {
            None => key.push(b'-'),
            Some(value) if all => write_all(key, value),
            Some(Value::Array(list)) => {
                key.push(b'a');
                if count || keys || self.any.is_some() {
                    number(key, list.len());
                }
                if let Some(below) = &self.any {
                    list.iter().for_each(|item| below.write(key, Some(item)));
                }
                for (index, below) in &self.children {
                    let item = index.parse::<usize>().ok().and_then(|index| list.get(index));
                    below.write(key, item);
                }
            }
            Some(Value::Object(map)) => {
                key.push(b'o');
                if count || keys || self.any.is_some() {
                    number(key, map.len());
                }
                if keys || self.any.is_some() {
                    map.keys().for_each(|name| text(key, name));
                }
                if let Some(below) = &self.any {
                    map.values().for_each(|item| below.write(key, Some(item)));
                }
                for (name, below) in &self.children {
                    below.write(key, map.get(name));
                }
            }
            Some(Value::String(given)) if count || keys => {
                key.push(b'"');
                text(key, given);
            }
            Some(Value::String(_)) => key.push(b'\''),
            Some(Value::Number(_)) => key.push(b'0'),
            Some(constant) => write_all(key, constant),
        }
    }
}

fn write_all(key: &mut Vec<u8>, value: &Value) {
    match value {
        Value::Null => key.push(b'n'),
        Value::Bool(true) => key.push(b't'),
        Value::Bool(false) => key.push(b'f'),
        Value::Number(given) => match (given.as_i64(), given.as_u64()) {
            (Some(given), _) => {
                key.push(b'i');
                key.extend_from_slice(&given.to_le_bytes());
            }
            (None, Some(given)) => {
                key.push(b'u');
                key.extend_from_slice(&given.to_le_bytes());
            }
            (None, None) => {
                key.push(b'd');
                text(key, &given.to_string());
            }
        },
        Value::String(given) => {
            key.push(b'"');
            text(key, given);
        }
        Value::Array(list) => {
            key.push(b'[');
            number(key, list.len());
            list.iter().for_each(|item| write_all(key, item));
        }
        Value::Object(map) => {
            key.push(b'{');
            number(key, map.len());
            for (name, item) in map {
                text(key, name);
                write_all(key, item);
            }
        }
    }
}

/// Writes a text so that it can be told where it ends.
pub(crate) fn text(key: &mut Vec<u8>, text: &str) {
    number(key, text.len());
    key.extend_from_slice(text.as_bytes());
}

/// Writes a number so that it can be told where it ends.
pub(crate) fn number(key: &mut Vec<u8>, number: usize) {
    match u8::try_from(number) {
        Ok(small) if small < u8::MAX => key.push(small),
        _ => {
            key.push(u8::MAX);
            key.extend_from_slice(&(number as u64).to_le_bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn path(text: &str) -> Vec<Step> {
        let steps = text.split('/').skip(1);
        let step = |step: &str| match step {
            "*" => Step::Any,
            name => Step::Key(name.to_owned()),
        };
        steps.map(step).collect()
    }

    fn projected(reads: &[(&str, Uses)], value: &Value) -> Value {
        let mut projection = Projection::default();
        reads.iter().for_each(|(at, uses)| projection.add(&path(at), *uses));
        serde_json::to_value(projection.value(value)).unwrap()
    }

    const HERE: Uses = Uses {
        presence: true,
        count: false,
        keys: false,
        value: false,
    };
    const COUNT: Uses = Uses { count: true, ..HERE };
    const VALUE: Uses = Uses { value: true, ..HERE };

    #[test]
    fn what_is_not_read_is_left_out() {
        let value = json!({"a": {"b": 1, "c": 2}, "d": [1, 2]});
        assert_eq!(projected(&[("/a/b", VALUE)], &value), json!({"a": {"b": 1}}));
        assert_eq!(projected(&[("/d", HERE)], &value), json!({"d": []}));
        assert_eq!(projected(&[("/a", HERE)], &value), json!({"a": {}}));
        assert_eq!(projected(&[("/x/y", VALUE)], &value), json!({}));
    }

    #[test]
    fn lengths_and_names_need_every_member() {
        let value = json!({"a": {"b": 1, "c": 2}, "d": [{"e": 1}, 2]});
        assert_eq!(projected(&[("/a", COUNT)], &value), json!({"a": {"b": 1, "c": 2}}));
        assert_eq!(
            projected(&[("/d", COUNT), ("/d/*/e", HERE)], &value),
            json!({"d": [{"e": 1}, 2]})
        );
    }

    #[test]
    fn elements_keep_their_places() {
        let value = json!([{"a": 1, "b": 2}, "x", {"b": 3}]);
        assert_eq!(projected(&[("/*/a", VALUE)], &value), json!([{"a": 1}, "x", {}]));
        assert_eq!(projected(&[("/2/b", VALUE)], &value), value);
        assert_eq!(
            projected(&[("/*/a", VALUE), ("/x", VALUE)], &json!({"x": {"a": 1, "b": 2}})),
            json!({"x": {"a": 1, "b": 2}})
        );
    }
}
