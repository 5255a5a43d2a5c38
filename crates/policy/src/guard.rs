//! Builtins that are not the engine's own: those that can run away inside one call, where the engine's timer does not
//! look, are bounded before they start, and [`extensions`](crate::extensions) take the place of others.
//!
//! Measured with regorus 0.14.1 on 2026-11-23: a range of 2e7 ran 3.27 s under a limit of 100 ms, and shifts,
//! huge exponents, widths and replacements took the memory of the machine.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::sync::OnceLock;

use regorus::unstable::{BUILTINS, Expr, Ref, Source, Span};
use regorus::{Engine, LimitError, Value};

use crate::extensions::{self, EXTENSIONS, Extension, Fault};

/// Most elements that one builtin may give.
const MAX_ELEMENTS: f64 = 100_000.0;
/// Most bytes of text that one builtin may give.
const MAX_BYTES: usize = 16 << 20;
/// Furthest shift, in bits.
const MAX_SHIFT: f64 = 4_096.0;
/// Largest exponent of a number in text.
const MAX_EXPONENT: usize = 400;
/// Largest width or precision of a format.
const MAX_WIDTH: usize = 1_000;
/// Most edges of a graph whose paths are listed: their number can double with each.
const MAX_EDGES: usize = 40;

type Check = fn(&[Value]) -> bool;

/// The builtins with their number of arguments and what makes a call too large.
const GUARDED: &[(&str, u8, Check)] = &[
    ("array.concat", 2, |args| {
        elements(args, 0) + elements(args, 1) > MAX_ELEMENTS
    }),
    ("bits.lsh", 2, |args| {
        number(args, 1).is_none_or(|bits| bits > MAX_SHIFT)
    }),
    ("concat", 2, |args| {
        elements(args, 1) * text(args, 0).len() as f64 + bytes(args.get(1)) as f64 > MAX_BYTES as f64
    }),
    ("graph.reachable_paths", 2, |args| edges(args.first()) > MAX_EDGES),
    ("net.cidr_expand", 1, |args| addresses(text(args, 0)) > MAX_ELEMENTS),
    ("numbers.range", 2, |args| steps(args, 1.0) > MAX_ELEMENTS),
    ("numbers.range_step", 3, |args| {
        steps(args, number(args, 2).unwrap_or(0.0)) > MAX_ELEMENTS
    }),
    ("replace", 3, |args| {
        grown(text(args, 0).len(), text(args, 1).len(), text(args, 2).len()) > MAX_BYTES
    }),
    ("sprintf", 2, |args| {
        widest(text(args, 0)) > MAX_WIDTH || text(args, 0).len() + bytes(args.get(1)) > MAX_BYTES
    }),
    ("strings.replace_n", 2, |args| {
        let patterns = args.first().and_then(|value| value.as_object().ok());
        let pairs = patterns.into_iter().flat_map(|map| map.iter());
        let size = pairs.fold(text(args, 1).len(), |size, (old, new)| {
            grown(size, bytes(Some(old)), bytes(Some(new)))
        });
        size > MAX_BYTES
    }),
    ("to_number", 1, |args| exponent(text(args, 0)) > MAX_EXPONENT),
];

thread_local! {
    // An error inside a function of several clauses is dropped by the engine when another clause gives a value,
    // so that the runner asks here as well. An evaluation runs on one thread.
    static STOPPED: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Returns what was stopped on this thread since the last call.
pub(crate) fn take_stopped() -> Option<String> {
    STOPPED.with_borrow_mut(Option::take)
}

/// Puts the guards and extensions before the builtins of an engine.
pub(crate) fn install(engine: &mut Engine) -> anyhow::Result<()> {
    for builtin in installed() {
        let call = move |args: Vec<Value>| builtin.call(&args);
        engine.add_extension(builtin.name.to_owned(), builtin.arity, Box::new(call))?;
    }
    Ok(())
}

/// A builtin that is guarded or ours.
#[derive(Clone, Copy)]
pub(crate) struct Installed {
    pub(crate) name: &'static str,
    /// How many arguments it takes.
    pub(crate) arity: u8,
    too_large: Option<Check>,
    extension: Option<&'static Extension>,
}

/// Returns the builtins that are guarded or ours, sorted by name.
pub(crate) fn installed() -> impl Iterator<Item = Installed> {
    let guarded = GUARDED.iter().map(|(name, _, _)| *name);
    let names: BTreeSet<&'static str> = guarded
        .chain(EXTENSIONS.iter().map(|extension| extension.name))
        .collect();
    names.into_iter().filter_map(|name| {
        let extension = extensions::named(name);
        // A builtin that is not compiled in cannot be called either.
        let arity = extension
            .map(|extension| extension.arity)
            .or_else(|| BUILTINS.get(name).map(|(_, arity)| *arity))?;
        let guard = GUARDED.iter().find(|(guarded, _, _)| *guarded == name);
        Some(Installed {
            name,
            arity,
            too_large: guard.map(|(_, _, too_large)| *too_large),
            extension,
        })
    })
}

impl Installed {
    /// Calls it; where errors of builtins are not strict they leave it undefined.
    ///
    /// # Errors
    ///
    /// When it was asked for more than it may give, or does not know what OPA gives.
    pub(crate) fn call(self, args: &[Value]) -> anyhow::Result<Value> {
        let Installed { name, .. } = self;
        if self.too_large.is_some_and(|too_large| too_large(args)) {
            return Err(stop(format!("`{name}` was asked for more than it may give")));
        }
        match self.extension {
            Some(extension) => match (extension.call)(args) {
                Ok(value) => Ok(value),
                Err(Fault::Undefined) => Ok(Value::Undefined),
                Err(Fault::Beyond(what)) => Err(stop(format!("`{name}` does not know {what}"))),
            },
            // As the engine does where builtin errors are not strict.
            None => match self::engine(name, args) {
                Err(error) if error.downcast_ref::<LimitError>().is_none() => Ok(Value::Undefined),
                other => other,
            },
        }
    }
}

/// Ends the evaluation with this message.
fn stop(message: String) -> anyhow::Error {
    STOPPED.set(Some(message.clone()));
    anyhow::anyhow!(message)
}

/// Calls a builtin of the engine itself.
///
/// # Errors
///
/// Its own, and when there is none of that name.
pub(crate) fn engine(name: &str, args: &[Value]) -> anyhow::Result<Value> {
    // Errors point at the call, of which an extension is told nothing.
    static NOWHERE: OnceLock<Option<Span>> = OnceLock::new();
    let nowhere = NOWHERE.get_or_init(|| {
        let source = Source::from_contents("builtin".to_owned(), " ".to_owned()).ok()?;
        Some(Span {
            source,
            line: 1,
            col: 1,
            start: 0,
            end: 1,
        })
    });
    let (Some(span), Some(&(builtin, _))) = (nowhere, BUILTINS.get(name)) else {
        return Err(anyhow::anyhow!("no builtin `{name}`"));
    };
    let param = || {
        Ref::new(Expr::Null {
            span: span.clone(),
            value: Value::Null,
            eidx: 0,
        })
    };
    let params: Vec<Ref<Expr>> = args.iter().map(|_| param()).collect();
    builtin(span, &params, args, false)
}

fn text(args: &[Value], index: usize) -> &str {
    args.get(index)
        .and_then(|value| value.as_string().ok())
        .map_or("", |text| text)
}

fn number(args: &[Value], index: usize) -> Option<f64> {
    args.get(index)?.as_f64().ok()
}

fn elements(args: &[Value], index: usize) -> f64 {
    match args.get(index) {
        Some(Value::Array(list)) => list.len() as f64,
        Some(Value::Set(set)) => set.len() as f64,
        _ => 0.0,
    }
}

/// Bytes of the texts of a value, one level deep.
fn bytes(value: Option<&Value>) -> usize {
    match value {
        Some(Value::String(text)) => text.len(),
        Some(Value::Array(list)) => list
            .iter()
            .map(|item| item.as_string().map_or(0, |text| text.len()))
            .sum(),
        Some(Value::Set(set)) => set
            .iter()
            .map(|item| item.as_string().map_or(0, |text| text.len()))
            .sum(),
        _ => 0,
    }
}

fn edges(graph: Option<&Value>) -> usize {
    let Some(Ok(graph)) = graph.map(Value::as_object) else {
        return 0;
    };
    graph
        .iter()
        .map(|(_, next)| elements(std::slice::from_ref(next), 0) as usize)
        .sum()
}

fn steps(args: &[Value], step: f64) -> f64 {
    match (number(args, 0), number(args, 1)) {
        (Some(from), Some(to)) if step > 0.0 => (to - from).abs() / step,
        // What is no number is the builtin's own error.
        _ => 0.0,
    }
}

fn addresses(cidr: &str) -> f64 {
    let Some((address, prefix)) = cidr.split_once('/') else {
        return 0.0;
    };
    let bits = if address.contains(':') { 128 } else { 32 };
    prefix
        .parse::<i32>()
        .map_or(0.0, |prefix| f64::from(bits - prefix).exp2())
}

/// Upper bound of the bytes after replacing `old` by `new` bytes everywhere.
fn grown(size: usize, old: usize, new: usize) -> usize {
    let places = size.checked_div(old).unwrap_or(size.saturating_add(1));
    places.saturating_mul(new).saturating_add(size)
}

fn exponent(text: &str) -> usize {
    let after = text.rsplit_once(['e', 'E']).map_or("", |(_, after)| after);
    let digits = after.trim_start_matches(['+', '-']);
    let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
    digits.get(..end).map_or(0, |digits| {
        if digits.is_empty() {
            0
        } else {
            digits.parse().unwrap_or(usize::MAX)
        }
    })
}

/// The largest run of digits in a format.
fn widest(format: &str) -> usize {
    if !format.contains('%') {
        return 0;
    }
    let mut directives = format.split('%').skip(1);
    let widths = directives.by_ref().flat_map(|directive| {
        let end = directive
            .find(|c: char| c.is_ascii_alphabetic())
            .unwrap_or(directive.len());
        let flags = directive.get(..end).unwrap_or_default();
        flags.split(|c: char| !c.is_ascii_digit()).map(|digits| {
            if digits.is_empty() {
                0
            } else {
                digits.parse().unwrap_or(usize::MAX)
            }
        })
    });
    widths.max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_told_from_the_arguments() {
        assert_eq!(exponent("1e1000000000"), 1_000_000_000);
        assert_eq!(exponent("12E-7"), 7);
        assert_eq!(exponent("1e99999999999999999999999"), usize::MAX);
        assert_eq!((exponent("1Ei"), exponent("12")), (0, 0));
        assert_eq!(widest("%1000000000d of %s"), 1_000_000_000);
        assert_eq!(widest("%-5.2f at 99999 %d"), 5);
        assert_eq!(addresses("10.0.0.0/8"), 16_777_216.0);
        assert_eq!(addresses("::/64"), 18_446_744_073_709_551_616.0);
        assert_eq!((grown(4, 0, 10), grown(4, 2, 10), grown(4, 4, 0)), (54, 24, 4));
    }

    #[test]
    fn every_guard_stands_before_a_builtin() {
        for (name, count, _) in GUARDED {
            let arity = extensions::named(name).map(|extension| extension.arity);
            let arity = arity.or_else(|| BUILTINS.get(name).map(|(_, arity)| *arity));
            assert_eq!(arity, Some(*count), "{name}");
        }
    }

    #[test]
    fn what_takes_the_place_of_a_builtin_takes_as_many_arguments() {
        for extension in EXTENSIONS {
            let builtin = BUILTINS.get(extension.name).map(|(_, arity)| *arity);
            assert_eq!(builtin.is_some(), !extension.instead.is_empty(), "{}", extension.name);
            assert!(
                builtin.is_none_or(|arity| arity == extension.arity),
                "{}",
                extension.name
            );
        }
    }
}
