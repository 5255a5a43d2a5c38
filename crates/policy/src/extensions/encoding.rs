//! Texts that stand for something else. Source: `v1/topdown` of OPA 1.22.2 and Go's packages `net/url`, `encoding/json` and
//! `strconv`, read 2026-11-26.

use std::collections::BTreeMap;

use regorus::Value;

use super::{Answer, Fault, arg, of_engine, text};

const NO_TEXT: Fault = Fault::Beyond("bytes that are no UTF-8");

/// Undoes the escapes of a query.
fn unescaped(text: &str) -> Result<String, Fault> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'+' => bytes.push(b' '),
            b'%' => {
                let mut digit = || {
                    rest.next()
                        .and_then(|byte| char::from(byte).to_digit(16))
                        .ok_or(Fault::Undefined)
                };
                let code = digit()? * 16 + digit()?;
                bytes.push(u8::try_from(code).map_err(|_| Fault::Undefined)?);
            }
            other => bytes.push(other),
        }
    }
    String::from_utf8(bytes).map_err(|_| NO_TEXT)
}

pub(super) fn decode_query(args: &[Value]) -> Answer {
    unescaped(text(args, 0)?).map(Value::from)
}

/// Returns an object of lists.
pub(super) fn decode_query_object(args: &[Value]) -> Answer {
    let mut fields: BTreeMap<Value, Vec<Value>> = BTreeMap::new();
    for part in text(args, 0)?.split('&') {
        if part.contains(';') {
            return Err(Fault::Undefined);
        }
        if part.is_empty() {
            continue;
        }
        let (key, value) = part.split_once('=').unwrap_or((part, ""));
        let values = fields.entry(Value::from(unescaped(key)?)).or_default();
        values.push(Value::from(unescaped(value)?));
    }
    let fields = fields.into_iter().map(|(key, values)| (key, Value::from(values)));
    Ok(Value::from(fields.collect::<BTreeMap<_, _>>()))
}

pub(super) fn is_base64(args: &[Value]) -> Answer {
    match arg(args, 0) {
        Value::String(_) => of_engine("base64.is_valid", args),
        _ => Ok(Value::from(false)),
    }
}

pub(super) fn decode_base64(args: &[Value]) -> Answer {
    let valid = of_engine("base64.is_valid", args);
    decoded("base64.decode", args, valid == Ok(Value::from(true)))
}

pub(super) fn decode_base64url(args: &[Value]) -> Answer {
    let letter = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'=' | b'\n' | b'\r');
    let letters = text(args, 0)?.bytes().all(letter);
    decoded("base64url.decode", args, letters)
}

pub(super) fn decode_hex(args: &[Value]) -> Answer {
    let text = text(args, 0)?;
    let digits = text.len().is_multiple_of(2) && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    decoded("hex.decode", args, digits)
}

/// Returns what the engine gives; where it has nothing though the text is well formed, or a mark in place of bytes, OPA has
/// bytes that are no text.
fn decoded(name: &str, args: &[Value], well_formed: bool) -> Answer {
    match of_engine(name, args) {
        Err(Fault::Undefined) | Ok(Value::Undefined) if well_formed => Err(NO_TEXT),
        Ok(Value::String(text)) if text.contains('\u{fffd}') => Err(NO_TEXT),
        other => other,
    }
}

pub(super) fn marshal(args: &[Value]) -> Answer {
    escaped(of_engine("json.marshal", args)?)
}

/// The prefix and the indent of the options stay as they are.
pub(super) fn marshal_with_options(args: &[Value]) -> Answer {
    let json = of_engine("json.marshal_with_options", args)?;
    let special = |value: &Value| value.to_string().contains(SPECIAL);
    match (special(arg(args, 0)), special(arg(args, 1))) {
        (false, _) => Ok(json),
        (true, false) => escaped(json),
        (true, true) => Err(Fault::Beyond("`<`, `>` and `&` in values and options at once")),
    }
}

/// What Go writes as an escape.
const SPECIAL: [char; 5] = ['<', '>', '&', '\u{2028}', '\u{2029}'];

/// Go writes what means something in HTML as escapes. In JSON it stands in texts only.
fn escaped(json: Value) -> Answer {
    let Value::String(text) = &json else { return Ok(json) };
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            character if SPECIAL.contains(&character) => out.push_str(&format!("\\u{:04x}", u32::from(character))),
            other => out.push(other),
        }
    }
    Ok(Value::from(out))
}

pub(super) fn to_number(args: &[Value]) -> Answer {
    if let Value::String(text) = arg(args, 0) {
        let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
        let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent.strip_prefix(['-', '+']).unwrap_or(exponent)),
            None => (unsigned, "0"),
        };
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let number = digits(whole) && digits(fraction) && !(whole.is_empty() && fraction.is_empty());
        // OPA keeps a spelling that is none of a number in JSON.
        const SPELLING: Fault = Fault::Beyond("numbers in that spelling");
        if unsigned.starts_with("0x") || unsigned.starts_with("0X") || unsigned.contains('_') {
            return Err(SPELLING);
        }
        if !number || exponent.is_empty() || !digits(exponent) {
            return Err(Fault::Undefined);
        }
        if text.starts_with('+')
            || whole.is_empty()
            || mantissa.ends_with('.')
            || (whole.len() > 1 && whole.starts_with('0'))
        {
            return Err(SPELLING);
        }
    }
    of_engine("to_number", args)
}

/// Returns the version without the letter that OPA lets stand before it.
fn version(args: &[Value], index: usize) -> Value {
    match arg(args, index) {
        Value::String(text) => Value::from(text.strip_prefix('v').unwrap_or(text)),
        other => other.clone(),
    }
}

pub(super) fn is_version(args: &[Value]) -> Answer {
    match arg(args, 0) {
        Value::String(_) => of_engine("semver.is_valid", &[version(args, 0)]),
        _ => Ok(Value::from(false)),
    }
}

pub(super) fn compare_versions(args: &[Value]) -> Answer {
    of_engine("semver.compare", &[version(args, 0), version(args, 1)])
}

/// Reads days, weeks and years as hours; the engine knows the shorter units.
pub(super) fn parse_duration(args: &[Value]) -> Answer {
    let duration = text(args, 0)?;
    if !duration.contains(['d', 'w', 'y']) {
        return of_engine("time.parse_duration_ns", args);
    }
    let unsigned = duration.strip_prefix(['-', '+']).unwrap_or(duration);
    let mut rewritten = duration.strip_suffix(unsigned).unwrap_or_default().to_owned();
    let mut rest = unsigned;
    while !rest.is_empty() {
        let number = |character: char| character.is_ascii_digit() || character == '.';
        let (digits, after) = rest.split_at(rest.find(|next| !number(next)).unwrap_or(rest.len()));
        let (unit, after) = after.split_at(after.find(number).unwrap_or(after.len()));
        let hours = match unit {
            "d" => 24.0,
            "w" => 168.0,
            "y" => 8_760.0,
            _ => {
                rewritten.push_str(digits);
                rewritten.push_str(unit);
                rest = after;
                continue;
            }
        };
        let amount: f64 = digits.parse().map_err(|_| Fault::Undefined)?;
        rewritten.push_str(&format!("{}h", amount * hours));
        rest = after;
    }
    of_engine("time.parse_duration_ns", &[Value::from(rewritten)])
}

#[cfg(test)]
mod tests {
    use super::super::tests::{call, value};
    use super::*;

    // The results are OPA's.
    #[test]
    fn texts_are_decoded_as_in_opa() {
        let cases = [
            ("urlquery.decode", r#"["a=b&c=d+%21\n"]"#, r#""a=b&c=d !\n""#),
            (
                "urlquery.decode_object",
                r#"["a=1&b=x%20y&a=2&c"]"#,
                r#"{"a":["1","2"],"b":["x y"],"c":[""]}"#,
            ),
            ("base64.is_valid", "[7]", "false"),
            ("base64.decode", r#"["w6k="]"#, r#""é""#),
            ("base64url.decode", r#"["w6k"]"#, r#""é""#),
            ("hex.decode", r#"["c3a9"]"#, r#""é""#),
            ("json.marshal", r#"["<a&b>"]"#, r#""\"\\u003ca\\u0026b\\u003e\"""#),
            (
                "json.marshal_with_options",
                r#"[["<"], {"pretty": false}]"#,
                r#""[\"\\u003c\"]""#,
            ),
            ("semver.is_valid", r#"["v1.2.3"]"#, "true"),
            ("semver.compare", r#"["v1.2.3", "1.10.0"]"#, "-1"),
            ("to_number", r#"["-1.5e1"]"#, "-15"),
            ("time.parse_duration_ns", r#"["1w2d1.5h"]"#, "783000000000000"),
            ("time.parse_duration_ns", r#"["-1d"]"#, "-86400000000000"),
        ];
        for (name, args, expected) in cases {
            let (found, expected) = (value(name, args), Value::from_json_str(expected).unwrap());
            assert_eq!(Value::from_json_str(&found).unwrap(), expected, "{name} {args}");
        }
        for (name, args) in [
            ("urlquery.decode", r#"["%zz"]"#),
            ("urlquery.decode_object", r#"["a;b"]"#),
            ("base64.decode", r#"["!"]"#),
            ("hex.decode", r#"["abc"]"#),
            ("to_number", r#"[" 1"]"#),
            ("to_number", r#"["1e"]"#),
            ("time.parse_duration_ns", r#"["1x2d"]"#),
        ] {
            assert_eq!(call(name, args), Err(Fault::Undefined), "{name} {args}");
        }
        for (name, args) in [
            ("base64.decode", r#"["/w=="]"#),
            ("base64url.decode", r#"["_w"]"#),
            ("hex.decode", r#"["ff"]"#),
        ] {
            assert_eq!(call(name, args), Err(NO_TEXT), "{name} {args}");
        }
        assert!(matches!(call("to_number", r#"["+1"]"#), Err(Fault::Beyond(_))));
    }
}
