//! What a policy can read of its input, and nothing else, as a value of the engine.
//!
//! It keeps all that the memo's key holds, so that by the same proof the policy gives on it what it gives on the whole input.

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
    /// All of it is read, or its length or the names of its members.
    whole: bool,
}

impl Projection {
    pub(crate) fn of<'r>(clauses: impl Iterator<Item = &'r ReadSet>) -> Projection {
        let mut root = Projection::default();
        for reads in clauses {
            root.whole |= reads.whole_input;
            for read in &reads.reads {
                root.add(&read.path, read.uses);
            }
        }
        root
    }

    /// Returns that of a policy that reads everything.
    pub(crate) fn whole() -> Projection {
        Projection {
            whole: true,
            ..Projection::default()
        }
    }

    fn add(&mut self, path: &[Step], uses: Uses) {
        match path.split_first() {
            None => self.whole |= uses.value || uses.keys || uses.count,
            Some((Step::Key(name), rest)) => self.children.entry(name.clone()).or_default().add(rest, uses),
            Some((Step::Any, rest)) => self.any.get_or_insert_default().add(rest, uses),
        }
    }

    /// Returns what is read below `name`; `None` where nothing is read of it.
    pub(crate) fn below(&self, name: &str) -> Option<&Projection> {
        self.children.get(name)
    }

    /// Whether the input is to be given whole.
    pub(crate) fn takes_all(&self) -> bool {
        self.whole || self.any.is_some()
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
            _ if self.whole => rego(value),
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
