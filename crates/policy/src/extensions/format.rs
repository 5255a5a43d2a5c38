//! `sprintf`. Source: `v1/topdown/strings.go` of OPA 1.22.2 and Go's package `fmt`, read 2026-11-26.
//!
//! Go never fails: it writes what is wrong into the text, as in `%!d(string=x)`. Rego numbers have no spelling here, so that
//! a whole number is always an `int64`, also one that OPA has read as `1.0`; only verbs for floats ask which it was.

use std::iter::Peekable;
use std::str::Chars;

use regorus::Value;

use super::{Answer, Fault, of_engine, text};

/// What is written of an argument. Everything but numbers is a text.
enum Arg {
    Whole(i128),
    /// A whole number past 64 bits, which Go holds in another type.
    Large(String),
    Float(f64),
    /// A whole number that came as a float.
    WholeFloat(i128, f64),
    Text(String),
}

#[derive(Default, Clone, Copy)]
struct Flags {
    sharp: bool,
    zero: bool,
    plus: bool,
    minus: bool,
    space: bool,
    width: Option<usize>,
    precision: Option<usize>,
}

/// From this power of ten on the shortest form of a float has an exponent.
const SHORTEST_LIMIT: i32 = 6;

const RARE: Fault = Fault::Beyond("that part of a format");

pub(super) fn sprintf(args: &[Value]) -> Answer {
    let format = text(args, 0)?;
    let Some(Value::Array(values)) = args.get(1) else {
        return Err(Fault::Undefined);
    };
    let values: Vec<Arg> = values.iter().map(Arg::new).collect::<Result<_, _>>()?;
    let mut values = values.iter();
    let mut out = String::new();
    let mut rest = format.chars().peekable();
    while let Some(character) = rest.next() {
        if character != '%' {
            out.push(character);
            continue;
        }
        let flags = flags(&mut rest)?;
        let Some(verb) = rest.next() else {
            out.push_str("%!(NOVERB)");
            break;
        };
        match verb {
            '%' => out.push('%'),
            '[' | '*' | 'w' => return Err(RARE),
            verb => match values.next() {
                Some(value) => value.write(verb, flags, &mut out)?,
                None => out.push_str(&format!("%!{verb}(MISSING)")),
            },
        }
    }
    let mut extra = Vec::new();
    for value in values {
        let mut text = format!("{}=", value.name());
        value.write('v', Flags::default(), &mut text)?;
        extra.push(text);
    }
    if !extra.is_empty() {
        out.push_str(&format!("%!(EXTRA {})", extra.join(", ")));
    }
    Ok(Value::from(out))
}

fn flags(rest: &mut Peekable<Chars<'_>>) -> Result<Flags, Fault> {
    let mut flags = Flags::default();
    while let Some(flag) = rest.next_if(|next| "#0+- ".contains(*next)) {
        match flag {
            '#' => flags.sharp = true,
            '0' => flags.zero = true,
            '+' => flags.plus = true,
            '-' => flags.minus = true,
            _ => flags.space = true,
        }
    }
    flags.width = digits(rest)?;
    // At the end of the format a dot is a verb.
    if rest.peek() == Some(&'.') && rest.clone().nth(1).is_some() {
        rest.next();
        if matches!(rest.peek(), Some('*' | '[')) {
            return Err(RARE);
        }
        flags.precision = Some(digits(rest)?.unwrap_or(0));
    }
    Ok(flags)
}

fn digits(rest: &mut Peekable<Chars<'_>>) -> Result<Option<usize>, Fault> {
    let mut digits = String::new();
    while let Some(digit) = rest.next_if(char::is_ascii_digit) {
        digits.push(digit);
    }
    if digits.is_empty() {
        return Ok(None);
    }
    digits.parse().map(Some).map_err(|_| RARE)
}

impl Arg {
    fn new(value: &Value) -> Result<Arg, Fault> {
        Ok(match value {
            Value::String(text) => Arg::Text(text.to_string()),
            Value::Number(number) => match (number.as_i64(), number.as_f64()) {
                (Some(whole), Some(float)) if is_float(value) => Arg::WholeFloat(whole.into(), float),
                (Some(whole), _) => Arg::Whole(whole.into()),
                (None, _) if number.is_integer() && !is_float(value) => Arg::Large(number.format_decimal()),
                // Read from digits it has lost some, and OPA would show them all.
                (None, _) if number.is_integer() => return Err(Fault::Beyond("whole numbers past 64 bits")),
                (None, Some(float)) => Arg::Float(float),
                (None, None) => return Err(RARE),
            },
            other => Arg::Text(shown(other)?),
        })
    }

    /// Go's name of the type.
    fn name(&self) -> &'static str {
        match self {
            Arg::Whole(_) | Arg::WholeFloat(..) => "int64",
            Arg::Large(_) => "*big.Int",
            Arg::Float(_) => "float64",
            Arg::Text(_) => "string",
        }
    }

    fn write(&self, verb: char, flags: Flags, out: &mut String) -> Result<(), Fault> {
        match verb {
            'T' => pad(truncated(self.name(), flags), flags, out),
            'v' if flags.sharp => return Err(RARE),
            // `%+v` asks for names of fields, not for a sign.
            'v' => self.print('v', Flags { plus: false, ..flags }, out)?,
            _ => self.print(verb, flags, out)?,
        }
        Ok(())
    }

    fn print(&self, verb: char, flags: Flags, out: &mut String) -> Result<(), Fault> {
        match (self, verb) {
            (Arg::Whole(whole) | Arg::WholeFloat(whole, _), 'v' | 'd' | 'b' | 'o' | 'O' | 'x' | 'X') => {
                integer(*whole, verb, flags, out);
            }
            (Arg::Whole(whole) | Arg::WholeFloat(whole, _), 'c') => {
                let character = u32::try_from(*whole)
                    .ok()
                    .and_then(char::from_u32)
                    .unwrap_or('\u{fffd}');
                pad(character.encode_utf8(&mut [0; 4]), flags, out);
            }
            (Arg::Whole(_) | Arg::WholeFloat(..), 'q' | 'U') => return Err(RARE),
            (Arg::Large(digits), 'v' | 'd' | 's') if !flags.any() => out.push_str(digits),
            (Arg::Large(_), _) => return Err(RARE),
            (Arg::Float(float), 'v') => self::float(*float, 'g', flags, out)?,
            (Arg::Float(float) | Arg::WholeFloat(_, float), 'e' | 'E' | 'f' | 'F' | 'g' | 'G') => {
                self::float(*float, verb, flags, out)?;
            }
            (Arg::Float(_), 'b' | 'x' | 'X') => return Err(RARE),
            (Arg::Text(text), 'v' | 's') => pad(truncated(text, flags), flags, out),
            (Arg::Text(text), 'q') => {
                if flags.sharp || flags.plus {
                    return Err(RARE);
                }
                pad(&quoted(truncated(text, flags))?, flags, out);
            }
            (Arg::Text(text), 'x' | 'X') => {
                if flags.sharp || flags.space {
                    return Err(RARE);
                }
                let bytes = text.bytes().take(flags.precision.unwrap_or(usize::MAX));
                let hex: String = bytes
                    .map(|byte| {
                        if verb == 'x' {
                            format!("{byte:02x}")
                        } else {
                            format!("{byte:02X}")
                        }
                    })
                    .collect();
                pad(&hex, flags, out);
            }
            _ => {
                out.push_str(&format!("%!{verb}({}=", self.name()));
                self.print('v', flags, out)?;
                out.push(')');
            }
        }
        Ok(())
    }
}

impl Flags {
    fn any(&self) -> bool {
        self.sharp
            || self.zero
            || self.plus
            || self.minus
            || self.space
            || self.width.is_some()
            || self.precision.is_some()
    }
}

/// Whether the number is held as a float.
fn is_float(value: &Value) -> bool {
    // Only a float gets decimals there.
    matches!(value, Value::Number(number) if number.format_decimal_with_width(1).contains('.'))
}

fn truncated(text: &str, flags: Flags) -> &str {
    let end = flags.precision.and_then(|precision| text.char_indices().nth(precision));
    end.and_then(|(at, _)| text.get(..at)).unwrap_or(text)
}

/// Writes text in a field of its width; zeros fill it only from the left.
fn pad(text: &str, flags: Flags, out: &mut String) {
    let missing = flags.width.unwrap_or(0).saturating_sub(text.chars().count());
    if flags.minus {
        out.push_str(text);
        out.extend(std::iter::repeat_n(' ', missing));
    } else {
        out.extend(std::iter::repeat_n(if flags.zero { '0' } else { ' ' }, missing));
        out.push_str(text);
    }
}

fn integer(whole: i128, verb: char, flags: Flags, out: &mut String) {
    let sign = match (whole < 0, flags.plus, flags.space) {
        (true, ..) => "-",
        (_, true, _) => "+",
        (_, _, true) => " ",
        _ => "",
    };
    let size = whole.unsigned_abs();
    let mut digits = match verb {
        'b' => format!("{size:b}"),
        'o' | 'O' => format!("{size:o}"),
        'x' => format!("{size:x}"),
        'X' => format!("{size:X}"),
        _ => size.to_string(),
    };
    let least = match (flags.precision, flags.width) {
        (Some(0), _) if size == 0 => {
            // Nothing is printed, but padded.
            return pad("", Flags { zero: false, ..flags }, out);
        }
        (Some(precision), _) => precision,
        (None, Some(width)) if flags.zero && !flags.minus => width.saturating_sub(sign.len()),
        _ => 0,
    };
    digits.insert_str(0, &"0".repeat(least.saturating_sub(digits.len())));
    let prefix = match verb {
        'b' if flags.sharp => "0b",
        'o' if flags.sharp && !digits.starts_with('0') => "0",
        'x' if flags.sharp => "0x",
        'X' if flags.sharp => "0X",
        'O' if flags.sharp && !digits.starts_with('0') => "0o0",
        'O' => "0o",
        _ => "",
    };
    pad(&format!("{sign}{prefix}{digits}"), Flags { zero: false, ..flags }, out);
}

fn float(float: f64, verb: char, flags: Flags, out: &mut String) -> Result<(), Fault> {
    if flags.sharp || !float.is_finite() {
        return Err(RARE);
    }
    let size = float.abs();
    let precision = flags.precision;
    let unsigned = match verb {
        'f' | 'F' => format!("{size:.*}", precision.unwrap_or(6)),
        'e' | 'E' => exponent(&format!("{size:.*e}", precision.unwrap_or(6))),
        _ => general(size, precision),
    };
    let unsigned = if matches!(verb, 'E' | 'G') {
        unsigned.replace('e', "E")
    } else {
        unsigned
    };
    let sign = match (float.is_sign_negative(), flags.plus, flags.space) {
        (true, ..) => "-",
        (_, true, _) => "+",
        (_, _, true) => " ",
        _ => "",
    };
    // Zeros go between the sign and the digits.
    if flags.zero && !flags.minus && !sign.is_empty() {
        out.push_str(sign);
        let width = flags.width.map(|width| width.saturating_sub(1));
        pad(&unsigned, Flags { width, ..flags }, out);
    } else {
        pad(&format!("{sign}{unsigned}"), flags, out);
    }
    Ok(())
}

/// Writes the exponent as Go does, with a sign and two digits.
fn exponent(text: &str) -> String {
    let (mantissa, exponent) = text.split_once('e').unwrap_or((text, "0"));
    let (sign, digits) = match exponent.strip_prefix('-') {
        Some(digits) => ('-', digits),
        None => ('+', exponent),
    };
    format!("{mantissa}e{sign}{digits:0>2}")
}

/// Writes `%g`: the shortest digits, or as many as asked, with an exponent where it is small or large.
fn general(size: f64, precision: Option<usize>) -> String {
    let scientific = match precision {
        Some(precision) => format!("{size:.*e}", precision.max(1) - 1),
        None => format!("{size:e}"),
    };
    let (mantissa, power) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let power: i32 = power.parse().unwrap_or(0);
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    let digits = match digits.trim_end_matches('0') {
        "" => "0",
        digits => digits,
    };
    let count = i32::try_from(digits.len()).unwrap_or(i32::MAX);
    let limit = match precision {
        None => SHORTEST_LIMIT,
        Some(precision) => {
            let precision = i32::try_from(precision.max(1)).unwrap_or(i32::MAX);
            if precision > count && count > power {
                count
            } else {
                precision
            }
        }
    };
    if power < -4 || power >= limit {
        let fraction = digits.get(1..).unwrap_or_default();
        let point = if fraction.is_empty() { "" } else { "." };
        return exponent(&format!(
            "{}{point}{fraction}e{power}",
            digits.get(..1).unwrap_or_default()
        ));
    }
    let places = usize::try_from((count - 1 - power).max(0)).unwrap_or(0);
    format!("{size:.places$}")
}

/// Returns the text in Go's quotes, which the engine's own `sprintf` writes.
fn quoted(text: &str) -> Result<String, Fault> {
    let args = [Value::from("%q"), Value::from(vec![Value::from(text)])];
    match of_engine("sprintf", &args)? {
        Value::String(quoted) => Ok(quoted.to_string()),
        _ => Err(RARE),
    }
}

/// Returns a value that is no number or text as OPA spells it.
fn shown(value: &Value) -> Result<String, Fault> {
    let list = |items: &mut dyn Iterator<Item = &Value>| -> Result<String, Fault> {
        Ok(items.map(shown).collect::<Result<Vec<_>, _>>()?.join(", "))
    };
    Ok(match value {
        Value::Null => "null".to_owned(),
        Value::Bool(bool) => bool.to_string(),
        Value::Number(number) => number.format_decimal(),
        Value::String(text) => quoted(text)?,
        Value::Array(items) => format!("[{}]", list(&mut items.iter())?),
        Value::Set(items) if items.is_empty() => "set()".to_owned(),
        Value::Set(items) => format!("{{{}}}", list(&mut items.iter_sorted())?),
        Value::Object(fields) => {
            let fields = fields.iter_sorted();
            let pairs = fields.map(|(key, value)| Ok(format!("{}: {}", shown(key)?, shown(value)?)));
            format!("{{{}}}", pairs.collect::<Result<Vec<_>, Fault>>()?.join(", "))
        }
        Value::Undefined => return Err(Fault::Undefined),
    })
}

#[cfg(test)]
mod tests {
    use super::super::tests::call;
    use super::*;

    // The results are OPA's: `opa eval 'sprintf(…)'`.
    #[test]
    fn formats_are_written_as_go_writes_them() {
        let cases = [
            ("%s is %d", r#"["a", 5]"#, "a is 5"),
            ("%s", "[5]", "%!s(int64=5)"),
            ("%d", r#"["x"]"#, "%!d(string=x)"),
            ("%5d", r#"["hi"]"#, "%!d(string=   hi)"),
            ("%f", "[5]", "%!f(int64=5)"),
            ("%.2f", "[1]", "%!f(int64=01)"),
            ("%t", "[true]", "%!t(string=true)"),
            ("%s %s", r#"["a"]"#, "a %!s(MISSING)"),
            (
                "%s",
                r#"["a", "b", 3, 1.5]"#,
                "a%!(EXTRA string=b, int64=3, float64=1.5)",
            ),
            ("%", "[1]", "%!(NOVERB)%!(EXTRA int64=1)"),
            ("%z", "[1]", "%!z(int64=1)"),
            ("%d%%", "[5]", "5%"),
            ("%+d % d %-5d| %05d", "[1, 2, 3, -4]", "+1  2 3    | -0004"),
            (
                "%o %O %b %x %#x %X",
                "[8, 8, 8, 255, 255, 255]",
                "10 0o10 1000 ff 0xff FF",
            ),
            ("%c", "[65]", "A"),
            ("%x %X", r#"["hi", "hj"]"#, "6869 686A"),
            ("%05s|%-5s|%5.1s|", r#"["hi", "hi", "hi"]"#, "000hi|hi   |    h|"),
            ("%q", r#"["aé\n"]"#, r#""aé\n""#),
            ("%T %T %T", r#"[1, "a", 1.5]"#, "int64 string float64"),
            (
                "%v %s",
                r#"[[1, "a", {"k": null}], {"b": 1.5, "a": []}]"#,
                r#"[1, "a", {"k": null}] {"a": [], "b": 1.5}"#,
            ),
            (
                "%v %v %v %v",
                "[0.1, 123456789.5, 0.00001, 2.5]",
                "0.1 1.234567895e+08 1e-05 2.5",
            ),
            (
                "%e %g %G",
                "[1234567.5, 1234567.5, 0.00001]",
                "1.234568e+06 1.2345675e+06 1E-05",
            ),
            ("%.3g", "[1234567.5]", "1.23e+06"),
            (
                "%.2f %8.3f %-8.1f|%08.2f",
                "[1.5, 2.25, 3.125, -1.5]",
                "1.50    2.250 3.1     |-0001.50",
            ),
            ("%d", "[18446744073709551615]", "18446744073709551615"),
        ];
        for (format, args, expected) in cases {
            let args = Value::from_json_str(args).unwrap();
            let found = sprintf(&[Value::from(format), args]).unwrap();
            assert_eq!(found, Value::from(expected), "{format}");
        }
        let sets = Value::from(std::collections::BTreeSet::from([Value::from("x")]));
        let none = Value::from(std::collections::BTreeSet::new());
        let found = sprintf(&[Value::from("%v %v"), Value::from(vec![sets, none])]).unwrap();
        assert_eq!(found, Value::from(r#"{"x"} set()"#));
    }

    #[test]
    fn rare_parts_of_formats_are_said_aloud() {
        for format in ["%[1]d", "%*d", "%#v", "%U"] {
            assert_eq!(call("sprintf", &format!("[\"{format}\", [1]]")), Err(RARE), "{format}");
        }
        assert!(matches!(call("sprintf", r#"["%d", [1e30]]"#), Err(Fault::Beyond(_))));
        assert_eq!(call("sprintf", r#"["%s", "x"]"#), Err(Fault::Undefined));
    }
}
