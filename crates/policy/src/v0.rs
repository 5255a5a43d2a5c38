//! What policies in Rego v0 use and the engine lacks: builtins that OPA took out, operators called by name, and a clock.
//!
//! Source: OPA 0.70, `ast/builtins.go`, "Deprecated builtins", read 2026-11-26. The clock stands at the instant that is
//! judged, so that the same input gives the same result.

use std::cell::Cell;
use std::collections::BTreeSet;

use jiff::Timestamp;
use regorus::unstable::{BUILTINS, Expr, Ref, Source, Span};
use regorus::{Engine, Value};

type Builtin = fn(&[Value]) -> anyhow::Result<Value>;

/// Name, number of arguments, and what it gives; undefined where OPA has an error.
const TABLE: &[(&str, u8, Builtin)] = &[
    ("all", 1, |args| Ok(quantified(args, |truths| !truths.contains(&false)))),
    ("any", 1, |args| Ok(quantified(args, |truths| truths.contains(&true)))),
    ("cast_array", 1, |args| {
        Ok(match args.first() {
            Some(Value::Array(list)) => Value::Array(list.clone()),
            Some(Value::Set(set)) => Value::from(set.iter().cloned().collect::<Vec<_>>()),
            _ => Value::Undefined,
        })
    }),
    ("cast_boolean", 1, |args| {
        Ok(only(args, |value| matches!(value, Value::Bool(_))))
    }),
    ("cast_null", 1, |args| {
        Ok(only(args, |value| matches!(value, Value::Null)))
    }),
    ("cast_object", 1, |args| {
        Ok(only(args, |value| matches!(value, Value::Object(_))))
    }),
    ("cast_set", 1, |args| {
        Ok(match args.first() {
            Some(Value::Set(set)) => Value::Set(set.clone()),
            Some(Value::Array(list)) => Value::from(list.iter().cloned().collect::<BTreeSet<_>>()),
            _ => Value::Undefined,
        })
    }),
    ("cast_string", 1, |args| {
        Ok(only(args, |value| matches!(value, Value::String(_))))
    }),
    ("minus", 2, |args| {
        Ok(match (args.first(), args.get(1)) {
            (Some(Value::Set(_)), _) => difference(args),
            _ => numbers(args, i64::checked_sub, |a, b| a - b),
        })
    }),
    ("mul", 2, |args| Ok(numbers(args, i64::checked_mul, |a, b| a * b))),
    ("plus", 2, |args| Ok(numbers(args, i64::checked_add, |a, b| a + b))),
    ("re_match", 2, |args| now_called("regex.match", args)),
    ("set_diff", 2, |args| Ok(difference(args))),
    ("time.now_ns", 0, |_| now()),
];

/// The builtins that [`install`] gives an engine.
pub(crate) fn builtins() -> Vec<&'static str> {
    TABLE.iter().map(|(name, ..)| *name).collect()
}

/// Gives an engine the builtins of Rego v0.
pub(crate) fn install(engine: &mut Engine) -> anyhow::Result<()> {
    for &(name, count, builtin) in TABLE {
        engine.add_extension(name.to_owned(), count, Box::new(move |args: Vec<Value>| builtin(&args)))?;
    }
    Ok(())
}

thread_local! {
    // An evaluation runs on one thread.
    static CLOCK: Cell<Option<i128>> = const { Cell::new(None) };
}

/// Runs `evaluate` with the clock at an instant, where there is one.
pub(crate) fn at<T>(instant: Option<Timestamp>, evaluate: impl FnOnce() -> T) -> T {
    CLOCK.set(instant.map(Timestamp::as_nanosecond));
    let value = evaluate();
    CLOCK.set(None);
    value
}

fn now() -> anyhow::Result<Value> {
    let instant = CLOCK.get().and_then(|now| i64::try_from(now).ok());
    // Outside of an evaluation, and beyond the year 2262, there is none.
    Ok(instant.map_or(Value::Undefined, Value::from))
}

fn difference(args: &[Value]) -> Value {
    match (args.first(), args.get(1)) {
        (Some(Value::Set(left)), Some(Value::Set(right))) => {
            let left = left.iter().filter(|item| !right.contains(item)).cloned();
            Value::from(left.collect::<BTreeSet<_>>())
        }
        _ => Value::Undefined,
    }
}

fn numbers(args: &[Value], whole: fn(i64, i64) -> Option<i64>, any: fn(f64, f64) -> f64) -> Value {
    let (Some(left), Some(right)) = (args.first(), args.get(1)) else {
        return Value::Undefined;
    };
    if let (Ok(left), Ok(right)) = (left.as_i64(), right.as_i64())
        && let Some(result) = whole(left, right)
    {
        return Value::from(result);
    }
    match (left.as_f64(), right.as_f64()) {
        (Ok(left), Ok(right)) => Value::from(any(left, right)),
        _ => Value::Undefined,
    }
}

fn only(args: &[Value], fits: fn(&Value) -> bool) -> Value {
    args.first()
        .filter(|value| fits(value))
        .cloned()
        .unwrap_or(Value::Undefined)
}

fn quantified(args: &[Value], of: fn(&[bool]) -> bool) -> Value {
    let truth = |value: &Value| matches!(value, Value::Bool(true));
    match args.first() {
        Some(Value::Array(list)) => Value::from(of(&list.iter().map(truth).collect::<Vec<_>>())),
        Some(Value::Set(set)) => Value::from(of(&set.iter().map(truth).collect::<Vec<_>>())),
        _ => Value::Undefined,
    }
}

/// Calls the builtin by the name that it has today.
fn now_called(name: &str, args: &[Value]) -> anyhow::Result<Value> {
    let Some((builtin, _)) = BUILTINS.get(name) else {
        return Ok(Value::Undefined);
    };
    let span = Span {
        source: Source::from_contents("builtin".to_owned(), " ".to_owned())?,
        line: 1,
        col: 1,
        start: 0,
        end: 1,
    };
    let params: Vec<Ref<Expr>> = (args.iter())
        .map(|_| {
            Ref::new(Expr::Null {
                span: span.clone(),
                value: Value::Null,
                eidx: 0,
            })
        })
        .collect();
    // As the engine does where builtin errors are not strict.
    Ok(builtin(&span, &params, args, false).unwrap_or(Value::Undefined))
}
