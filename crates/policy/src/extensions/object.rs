//! Parts of documents. Source: `v1/topdown/json.go`, `subset.go` and `reachable.go` of OPA 1.22.2, read 2026-11-26.

use std::collections::{BTreeMap, BTreeSet};

use regorus::Value;

use super::{Answer, Fault, arg, of_engine};

/// The paths of `json.filter` and `json.remove`, by their first step.
#[derive(Default)]
struct Paths {
    /// A path ends here: all below belongs to it.
    end: bool,
    next: BTreeMap<Value, Paths>,
}

impl Paths {
    fn of(list: &Value) -> Result<Paths, Fault> {
        let mut root = Paths::default();
        match list {
            Value::Array(paths) => paths.iter().try_for_each(|path| root.add(steps(path)?))?,
            Value::Set(paths) => paths.iter().try_for_each(|path| root.add(steps(path)?))?,
            _ => return Err(Fault::Undefined),
        }
        Ok(root)
    }

    fn add(&mut self, steps: Vec<Value>) -> Result<(), Fault> {
        if steps.is_empty() {
            return Ok(());
        }
        let mut node = self;
        for step in steps {
            if node.end {
                return Ok(());
            }
            node = node.next.entry(step).or_default();
        }
        node.end = true;
        Ok(())
    }

    /// Returns the paths below an element of a list, whose steps are texts.
    fn at(&self, index: usize) -> Option<&Paths> {
        self.next.get(&Value::from(index.to_string()))
    }

    fn filter(&self, value: &Value) -> Value {
        match value {
            value if self.end => value.clone(),
            Value::Array(items) => {
                let kept = items.iter().enumerate();
                let kept = kept.filter_map(|(index, item)| Some(self.at(index)?.filter(item)));
                Value::from(kept.collect::<Vec<_>>())
            }
            Value::Set(items) => {
                let kept = items.iter().filter_map(|item| Some(self.next.get(item)?.filter(item)));
                Value::from(kept.collect::<BTreeSet<_>>())
            }
            Value::Object(fields) => {
                let kept = fields.iter();
                let kept = kept.filter_map(|(key, value)| Some((key.clone(), self.next.get(key)?.filter(value))));
                Value::from(kept.collect::<BTreeMap<_, _>>())
            }
            // A path that goes on below a scalar holds it.
            other => other.clone(),
        }
    }

    /// Returns what is left of the value, if anything is.
    fn remove(&self, value: &Value) -> Option<Value> {
        let left = |paths: Option<&Paths>, value: &Value| match paths {
            Some(paths) => paths.remove(value),
            None => Some(value.clone()),
        };
        Some(match value {
            _ if self.end => return None,
            Value::Array(items) => {
                let kept = items.iter().enumerate();
                Value::from(
                    kept.filter_map(|(index, item)| left(self.at(index), item))
                        .collect::<Vec<_>>(),
                )
            }
            Value::Set(items) => {
                let kept = items.iter().filter_map(|item| left(self.next.get(item), item));
                Value::from(kept.collect::<BTreeSet<_>>())
            }
            Value::Object(fields) => {
                let kept = fields.iter();
                let kept = kept.filter_map(|(key, value)| Some((key.clone(), left(self.next.get(key), value)?)));
                Value::from(kept.collect::<BTreeMap<_, _>>())
            }
            other => other.clone(),
        })
    }
}

/// Returns the steps of a path: a list, or a text with `/` between them.
fn steps(path: &Value) -> Result<Vec<Value>, Fault> {
    match path {
        Value::String(text) if text.is_empty() => Ok(Vec::new()),
        Value::String(text) => {
            let steps = text.trim_start_matches('/').split('/');
            Ok(steps
                .map(|step| Value::from(step.replace("~1", "/").replace("~0", "~")))
                .collect())
        }
        Value::Array(steps) => Ok(steps.iter().cloned().collect()),
        _ => Err(Fault::Undefined),
    }
}

pub(super) fn filter(args: &[Value]) -> Answer {
    if !matches!(arg(args, 0), Value::Object(_)) {
        return Err(Fault::Undefined);
    }
    Ok(Paths::of(arg(args, 1))?.filter(arg(args, 0)))
}

pub(super) fn remove(args: &[Value]) -> Answer {
    if !matches!(arg(args, 0), Value::Object(_)) {
        return Err(Fault::Undefined);
    }
    Paths::of(arg(args, 1))?.remove(arg(args, 0)).ok_or(Fault::Undefined)
}

pub(super) fn subset(args: &[Value]) -> Answer {
    match (arg(args, 0), arg(args, 1)) {
        // regorus 0.14.1 panics.
        (Value::Array(_), Value::Array(none)) if none.is_empty() => Ok(Value::from(true)),
        (Value::Object(_), Value::Object(_))
        | (Value::Set(_), Value::Set(_))
        | (Value::Array(_), Value::Array(_) | Value::Set(_)) => of_engine("object.subset", args),
        _ => Err(Fault::Undefined),
    }
}

pub(super) fn reachable_paths(args: &[Value]) -> Answer {
    let Value::Object(graph) = arg(args, 0) else {
        return Err(Fault::Undefined);
    };
    let list = |next: &Value| matches!(next, Value::Array(_) | Value::Set(_) | Value::Null);
    if graph.iter().all(|(_, next)| list(next)) {
        of_engine("graph.reachable_paths", args)
    } else {
        Err(Fault::Beyond("neighbors that are no list"))
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{call, value};
    use super::*;

    // The results are OPA's.
    #[test]
    fn parts_are_kept_and_taken_out() {
        let document = r#"{"a": {"b": [1, {"c": 2}]}, "d/e": "x"}"#;
        let cases = [
            ("json.filter", r#"["a/b/1/c"]"#, r#"{"a":{"b":[{"c":2}]}}"#),
            (
                "json.filter",
                r#"["/d~1e", ["a", "b", "0"]]"#,
                r#"{"a":{"b":[1]},"d/e":"x"}"#,
            ),
            ("json.filter", r#"["d~1e/0"]"#, r#"{"d/e":"x"}"#),
            ("json.filter", r#"["a", "a/b"]"#, r#"{"a":{"b":[1,{"c":2}]}}"#),
            ("json.filter", "[]", "{}"),
            ("json.remove", r#"["/a"]"#, r#"{"d/e":"x"}"#),
            (
                "json.remove",
                r#"["a/b/0", "d~1e/0"]"#,
                r#"{"a":{"b":[{"c":2}]},"d/e":"x"}"#,
            ),
            (
                "json.remove",
                r#"["", "nowhere"]"#,
                r#"{"a":{"b":[1,{"c":2}]},"d/e":"x"}"#,
            ),
        ];
        for (name, paths, expected) in cases {
            assert_eq!(
                value(name, &format!("[{document}, {paths}]")),
                expected,
                "{name} {paths}"
            );
        }
        assert_eq!(call("json.filter", r#"[[1], ["a"]]"#), Err(Fault::Undefined));
        assert_eq!(call("json.remove", r#"[{"a": 1}, [7]]"#), Err(Fault::Undefined));
    }

    #[test]
    fn other_types_are_undefined() {
        assert_eq!(value("object.subset", r#"[{"a": 1, "b": 2}, {"a": 1}]"#), "true");
        assert_eq!(value("object.subset", "[[1], []]"), "true");
        assert_eq!(call("object.subset", r#"["a", "a"]"#), Err(Fault::Undefined));
        assert_eq!(call("object.subset", r#"[{}, []]"#), Err(Fault::Undefined));
        assert!(matches!(
            call("graph.reachable_paths", r#"[{"a": "b"}, ["a"]]"#),
            Err(Fault::Beyond(_))
        ));
    }
}
