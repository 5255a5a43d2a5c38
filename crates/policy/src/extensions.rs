//! Builtins of OPA that regorus 0.14.1 lacks or answers otherwise than OPA 1.22.2, with OPA's results.
//!
//! Each takes as many arguments as its row says, none of them undefined.

mod encoding;
mod format;
mod glob;
mod net;
mod object;
#[cfg(test)]
mod oracle;
mod pattern;
mod regex;
mod text;
mod time;
mod units;

use regorus::Value;

use crate::guard::engine;

/// Why a builtin gives no value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// OPA has an error of the builtin here, which leaves the call undefined.
    Undefined,
    /// OPA has a value that is not worked out here: the evaluation ends in an error that says so.
    Beyond(&'static str),
}

pub(crate) type Answer = Result<Value, Fault>;

/// One builtin.
pub(crate) struct Extension {
    pub(crate) name: &'static str,
    /// Number of arguments.
    pub(crate) arity: u8,
    pub(crate) call: fn(&[Value]) -> Answer,
    /// What regorus does instead; empty where it has no such builtin.
    pub(crate) instead: &'static str,
}

const fn own(name: &'static str, arity: u8, call: fn(&[Value]) -> Answer, instead: &'static str) -> Extension {
    Extension {
        name,
        arity,
        call,
        instead,
    }
}

const ASCII: &str = "takes all of Unicode for `\\d`, `\\w`, `\\s` and `\\b`, and refuses `{` for itself";

const LARGE: &str = "is undefined for some whole numbers past 64 bits";

/// All of them, sorted by name.
pub(crate) const EXTENSIONS: &[Extension] = &[
    own("array.flatten", 1, flatten, ""),
    own(
        "base64.decode",
        1,
        encoding::decode_base64,
        "puts a mark in place of bytes that are no UTF-8",
    ),
    own(
        "base64.is_valid",
        1,
        encoding::is_base64,
        "is undefined for what is no text",
    ),
    own(
        "base64url.decode",
        1,
        encoding::decode_base64url,
        "is undefined for bytes that are no UTF-8",
    ),
    own("bits.and", 2, |args| bits("bits.and", args), LARGE),
    own("bits.lsh", 2, |args| bits("bits.lsh", args), LARGE),
    own("bits.negate", 1, |args| bits("bits.negate", args), LARGE),
    own("bits.or", 2, |args| bits("bits.or", args), LARGE),
    own("bits.rsh", 2, |args| bits("bits.rsh", args), LARGE),
    own("bits.xor", 2, |args| bits("bits.xor", args), LARGE),
    own("count", 1, count, "counts a text in units of UTF-16"),
    own(
        "glob.match",
        3,
        glob::matches,
        "takes `/` for a delimiter and empty alternatives for errors",
    ),
    own("glob.quote_meta", 1, glob::quote, "quotes `*` only"),
    own(
        "graph.reachable_paths",
        2,
        object::reachable_paths,
        "is undefined for neighbors that are no list",
    ),
    own(
        "hex.decode",
        1,
        encoding::decode_hex,
        "is undefined for bytes that are no UTF-8",
    ),
    own("indexof", 2, text::index, "finds an empty text"),
    own("indexof_n", 2, text::indexes, "finds an empty text"),
    own(
        "json.filter",
        2,
        object::filter,
        "drops a scalar below which a path goes on",
    ),
    own("json.is_valid", 1, is_valid_json, "is undefined for what is no text"),
    own(
        "json.marshal",
        1,
        encoding::marshal,
        "writes `<`, `>` and `&` as they are",
    ),
    own(
        "json.marshal_with_options",
        2,
        encoding::marshal_with_options,
        "writes `<`, `>` and `&` as they are",
    ),
    own(
        "json.remove",
        2,
        object::remove,
        "does not remove some paths that begin with `/`",
    ),
    own(
        "json.unmarshal",
        1,
        unmarshal_json,
        "is undefined for numbers past 1e308",
    ),
    own(
        "lower",
        1,
        text::lower,
        "changes the length of some texts, as Unicode's full mapping does",
    ),
    own(
        "net.cidr_contains",
        2,
        net::contains,
        "knows no IPv4 address written as IPv6",
    ),
    own("net.cidr_contains_matches", 2, net::contains_matches, ""),
    own("net.cidr_expand", 1, net::expand, "gives an array"),
    own("net.cidr_intersects", 2, net::intersects, ""),
    own(
        "net.cidr_is_valid",
        1,
        net::is_valid,
        "is undefined for what is no text",
    ),
    own("net.cidr_merge", 1, net::merge, ""),
    own(
        "numbers.range_step",
        3,
        range_step,
        "panics when the step is not above zero",
    ),
    own(
        "object.subset",
        2,
        object::subset,
        "is false for scalars, which OPA does not compare, and panics for empty arrays",
    ),
    own("regex.find_all_string_submatch_n", 3, regex::find_groups, ASCII),
    own("regex.find_n", 3, regex::find, ASCII),
    own(
        "regex.is_valid",
        1,
        regex::is_valid,
        "refuses `{` for itself, `\\Q` and octals",
    ),
    own("regex.match", 2, regex::matches, ASCII),
    own("regex.replace", 3, regex::replace, ASCII),
    own(
        "regex.split",
        2,
        regex::split,
        "has another opinion of empty matches; and as `regex.match`",
    ),
    own(
        "regex.template_match",
        4,
        regex::template,
        "looks for the first match of each part only",
    ),
    own(
        "replace",
        3,
        text::replace,
        "puts a text between characters where OPA puts it between bytes",
    ),
    own(
        "semver.compare",
        2,
        encoding::compare_versions,
        "takes no `v` before a version",
    ),
    own(
        "semver.is_valid",
        1,
        encoding::is_version,
        "takes no `v` before a version",
    ),
    own(
        "sprintf",
        2,
        format::sprintf,
        "is undefined where OPA writes what is wrong, and writes floats otherwise",
    ),
    own(
        "strings.count",
        2,
        text::count,
        "counts overlaps, and panics when the second text is empty",
    ),
    own(
        "strings.replace_n",
        2,
        text::replace_n,
        "replaces in what it has replaced",
    ),
    own("strings.split_n", 3, text::split_n, ""),
    own(
        "substring",
        3,
        text::substring,
        "is empty where the offset is no whole number",
    ),
    own(
        "time.add_date",
        4,
        time::add_date,
        "takes the last day of a month where OPA goes on into the next",
    ),
    own("time.diff", 2, time::diff, "errs where a zone changed its shift"),
    own("time.format", 1, time::format, "writes zeros at the end of a fraction"),
    own(
        "time.parse_duration_ns",
        1,
        encoding::parse_duration,
        "knows no days, weeks and years",
    ),
    own(
        "time.parse_ns",
        2,
        time::parse,
        "takes abbreviations of zones for their usual shift, drops what follows a time, and knows fewer layouts",
    ),
    own(
        "time.parse_rfc3339_ns",
        1,
        time::parse_rfc3339,
        "takes a space for the `T`, and leap seconds",
    ),
    own("to_number", 1, encoding::to_number, "takes spaces before a number"),
    own("units.parse", 1, units::parse, "takes units that OPA does not know"),
    own(
        "units.parse_bytes",
        1,
        units::parse_bytes,
        "rounds, and takes units that OPA does not know",
    ),
    own(
        "upper",
        1,
        text::upper,
        "changes the length of some texts, as Unicode's full mapping does",
    ),
    own("urlquery.decode", 1, encoding::decode_query, "drops some characters"),
    own(
        "urlquery.decode_object",
        1,
        encoding::decode_query_object,
        "drops some characters",
    ),
    own("yaml.is_valid", 1, is_valid_yaml, "is undefined for what is no text"),
    own(
        "yaml.unmarshal",
        1,
        unmarshal_yaml,
        "is undefined for several documents",
    ),
];

/// Returns the extension of this name.
pub(crate) fn named(name: &str) -> Option<&'static Extension> {
    let index = EXTENSIONS.binary_search_by(|extension| extension.name.cmp(name)).ok()?;
    EXTENSIONS.get(index)
}

/// Returns the argument, of which the table says that it is there.
fn arg(args: &[Value], index: usize) -> &Value {
    args.get(index).unwrap_or(&Value::Undefined)
}

fn text(args: &[Value], index: usize) -> Result<&str, Fault> {
    match arg(args, index) {
        Value::String(text) => Ok(text),
        _ => Err(Fault::Undefined),
    }
}

/// Returns a whole number; one past 64 bits is beyond us.
fn whole(args: &[Value], index: usize) -> Result<i64, Fault> {
    match arg(args, index) {
        Value::Number(number) if number.is_integer() => {
            number.as_i64().ok_or(Fault::Beyond("whole numbers past 64 bits"))
        }
        _ => Err(Fault::Undefined),
    }
}

/// Returns what the builtin of the engine gives; its error is OPA's too.
fn of_engine(name: &str, args: &[Value]) -> Answer {
    engine(name, args).map_err(|_| Fault::Undefined)
}

fn flatten(args: &[Value]) -> Answer {
    let Value::Array(items) = arg(args, 0) else {
        return Err(Fault::Undefined);
    };
    let mut flat = Vec::new();
    for item in items.iter() {
        match item {
            Value::Array(inner) => flat.extend(inner.iter().cloned()),
            other => flat.push(other.clone()),
        }
    }
    Ok(Value::from(flat))
}

fn count(args: &[Value]) -> Answer {
    let count = match arg(args, 0) {
        Value::Array(items) => items.len(),
        Value::Set(items) => items.len(),
        Value::Object(fields) => fields.len(),
        Value::String(text) => text.chars().count(),
        _ => return Err(Fault::Undefined),
    };
    Ok(Value::from(count))
}

fn bits(name: &str, args: &[Value]) -> Answer {
    let is_whole = |value: &Value| matches!(value, Value::Number(number) if number.is_integer());
    let shifts_back = name.ends_with("sh") && matches!(whole(args, 1), Ok(shift) if shift < 0);
    match of_engine(name, args) {
        Err(Fault::Undefined) | Ok(Value::Undefined) if args.iter().all(is_whole) && !shifts_back => {
            Err(Fault::Beyond("whole numbers of that size"))
        }
        other => other,
    }
}

fn range_step(args: &[Value]) -> Answer {
    whole(args, 0)?;
    whole(args, 1)?;
    if whole(args, 2)? <= 0 {
        return Err(Fault::Undefined);
    }
    of_engine("numbers.range_step", args)
}

/// OPA keeps numbers as text, whatever their size; here one past the range of `f64` is no number.
const LARGE_NUMBER: Fault = Fault::Beyond("numbers past 1e308");

/// Whether the text may hold a number that `f64` cannot: a long exponent or a long run of digits.
fn large_number(text: &str) -> bool {
    let exponent = text.split(['e', 'E']).skip(1).any(|rest| {
        let digits = rest.trim_start_matches(['+', '-']);
        digits.bytes().take_while(u8::is_ascii_digit).count() > 2
    });
    let mut run = 0;
    let mut longest = 0;
    for byte in text.bytes() {
        run = if byte.is_ascii_digit() { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    exponent || longest > 300
}

fn is_valid_json(args: &[Value]) -> Answer {
    let Ok(text) = text(args, 0) else {
        return Ok(Value::from(false));
    };
    match of_engine("json.is_valid", args) {
        Ok(Value::Bool(false)) if large_number(text) => Err(LARGE_NUMBER),
        other => other,
    }
}

fn unmarshal_json(args: &[Value]) -> Answer {
    let text = text(args, 0)?;
    match of_engine("json.unmarshal", args) {
        Err(_) | Ok(Value::Undefined) if large_number(text) => Err(LARGE_NUMBER),
        other => other,
    }
}

/// OPA takes the first document of several; the engine takes them for an error.
fn one_document(text: &str) -> Result<(), Fault> {
    let more = text
        .trim_start()
        .lines()
        .skip(1)
        .any(|line| line.starts_with("---") || line.starts_with("..."));
    if more {
        Err(Fault::Beyond("YAML with several documents"))
    } else {
        Ok(())
    }
}

fn is_valid_yaml(args: &[Value]) -> Answer {
    let Ok(text) = text(args, 0) else {
        return Ok(Value::from(false));
    };
    one_document(text)?;
    of_engine("yaml.is_valid", args)
}

fn unmarshal_yaml(args: &[Value]) -> Answer {
    one_document(text(args, 0)?)?;
    of_engine("yaml.unmarshal", args)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// Calls an extension with arguments written as JSON.
    pub(crate) fn call(name: &str, args: &str) -> Answer {
        let args = Value::from_json_str(args).unwrap();
        let args: Vec<Value> = args.as_array().unwrap().iter().cloned().collect();
        let extension = named(name).unwrap();
        assert_eq!(args.len(), usize::from(extension.arity));
        (extension.call)(&args)
    }

    /// Calls an extension that gives a value; sets are shown as arrays.
    pub(crate) fn value(name: &str, args: &str) -> String {
        call(name, args).unwrap().to_string()
    }

    #[test]
    fn the_table_is_sorted() {
        assert!(EXTENSIONS.is_sorted_by_key(|extension| extension.name));
        assert!(named("net.cidr_merge").is_some() && named("startswith").is_none());
    }

    #[test]
    fn collections_and_texts_are_counted() {
        assert_eq!(value("count", r#"["aé😀"]"#), "3");
        assert_eq!(value("count", r#"[{"a": 1}]"#), "1");
        assert_eq!(call("count", "[7]"), Err(Fault::Undefined));
        assert_eq!(value("array.flatten", "[[1, [2, [3]], [], 4]]"), "[1,2,[3],4]");
    }

    #[test]
    fn numbers_that_the_engine_cannot_hold_are_said_aloud() {
        assert_eq!(call("json.unmarshal", r#"["[1e400]"]"#), Err(LARGE_NUMBER));
        assert_eq!(call("json.is_valid", r#"["[1e400]"]"#), Err(LARGE_NUMBER));
        assert_eq!(
            value("json.unmarshal", r#"["[1e40, \"e1000\"]"]"#),
            r#"[1e+40,"e1000"]"#
        );
        assert_eq!(value("json.is_valid", r#"["{"]"#), "false");
        assert_eq!(value("json.is_valid", "[7]"), "false");
        assert_eq!(call("numbers.range_step", "[0, 10, 0]"), Err(Fault::Undefined));
        assert_eq!(value("numbers.range_step", "[0, 5, 2]"), "[0,2,4]");
        assert_eq!(value("bits.and", "[6, 3]"), "2");
        assert!(matches!(call("bits.or", "[1e20, 1]"), Err(Fault::Beyond(_))));
        assert!(matches!(
            call("numbers.range_step", "[0, 10, 99999999999999999999]"),
            Err(Fault::Beyond(_))
        ));
    }

    #[test]
    fn several_documents_are_said_aloud() {
        assert!(matches!(
            call("yaml.is_valid", r#"["a: 1\n---\nb: 2"]"#),
            Err(Fault::Beyond(_))
        ));
        assert_eq!(value("yaml.unmarshal", r#"["---\na: 1"]"#), r#"{"a":1}"#);
        assert_eq!(value("yaml.is_valid", "[{}]"), "false");
    }
}
