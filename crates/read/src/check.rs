//! What a JSON parser lets through and an inventory must not: duplicate keys, numbers no engine should meet, lone
//! surrogates.

use std::borrow::Cow;

use nephoscope_model::{RawJson, Reason};
use serde_json::value::RawValue;

use crate::input::Limits;
use crate::sink::Sink;
use crate::text::{Place, Taken};

/// A valid JSON value and where it stands.
#[derive(Debug)]
pub(crate) struct Valid {
    pub(crate) place: Place,
    pub(crate) length: u64,
    pub(crate) raw: RawJson,
}

impl Valid {
    /// Returns the place of `part`, which is borrowed from this value's text.
    pub(crate) fn place_of(&self, part: &RawValue) -> Place {
        let text = self.raw.get();
        let offset = (part.get().as_ptr() as usize).saturating_sub(text.as_ptr() as usize);
        after(self.place, text, offset)
    }
}

/// Returns the place `offset` bytes into `text`, which begins at `start`.
pub(crate) fn after(start: Place, text: &str, offset: usize) -> Place {
    start.after(text.as_bytes().get(..offset).unwrap_or_default())
}

/// Returns the value if it is sound; else tells the sink what is wrong with it.
pub(crate) fn sound(taken: Taken, sink: &mut Sink<'_>) -> Option<Valid> {
    let Taken {
        place,
        length,
        bytes,
        problem,
    } = taken;
    if let Some((message, at)) = problem {
        sink.broken(Reason::ParseError, message, at);
        return None;
    }
    let text = match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            let valid = error.utf8_error().valid_up_to();
            let at = place.after(error.as_bytes().get(..valid).unwrap_or_default());
            sink.broken(Reason::ParseError, "not valid UTF-8".to_owned(), at);
            return None;
        }
    };
    match parse(&text) {
        Ok(raw) => Some(Valid {
            place,
            length,
            raw: raw.into(),
        }),
        Err((message, offset)) => {
            sink.broken(Reason::ParseError, message, after(place, &text, offset));
            None
        }
    }
}

/// Parses and checks; an error comes with its offset in `text`.
pub(crate) fn parse(text: &str) -> Result<Box<RawValue>, (String, usize)> {
    let raw = serde_json::from_str::<Box<RawValue>>(text).map_err(|error| {
        let message = error.to_string();
        let what = message.split(" at line ").next().unwrap_or(&message).to_owned();
        (
            format!("not valid JSON: {what}"),
            offset_of(text, error.line(), error.column()),
        )
    })?;
    check(text)?;
    Ok(raw)
}

/// Returns whether `text`, from a string inside a document, is within the depth that documents may have.
pub(crate) fn shallow(text: &str, limits: &Limits) -> bool {
    let mut depth = 0_usize;
    let mut quoted = false;
    let mut escaped = false;
    for byte in text.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'{' | b'[' if !quoted => depth += 1,
            b'}' | b']' if !quoted => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > limits.max_depth {
            return false;
        }
    }
    true
}

fn offset_of(text: &str, line: usize, column: usize) -> usize {
    let start: usize = text
        .split_inclusive('\n')
        .take(line.saturating_sub(1))
        .map(str::len)
        .sum();
    (start + column.saturating_sub(1)).min(text.len())
}

/// Digits of the longest number that is let through.
const MAX_NUMBER: usize = 1000;
/// Largest exponent, either way: a double ends at 308.
const MAX_EXPONENT: u32 = 400;

/// Returns whether the numbers of valid JSON are those that are let through.
pub(crate) fn numbers_sound(text: &[u8]) -> bool {
    std::str::from_utf8(text).is_ok_and(|text| check(text).is_ok())
}

/// Checks valid JSON.
fn check(text: &str) -> Result<(), (String, usize)> {
    let bytes = text.as_bytes();
    // Keys of every open object, and where the keys of each begin.
    let mut keys: Vec<(Cow<'_, str>, usize)> = Vec::new();
    let mut open: Vec<usize> = Vec::new();
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => {
                let end = string_end(bytes, at);
                let literal = text.get(at..end).unwrap_or_default();
                let escaped = literal.contains('\\');
                if escaped && let Some(offset) = lone_surrogate(literal) {
                    return Err(("a lone surrogate in a string".to_owned(), at + offset));
                }
                let colon = bytes
                    .get(end..)
                    .unwrap_or_default()
                    .iter()
                    .find(|byte| !crate::text::is_space(**byte));
                if colon == Some(&b':') {
                    let inner = literal.trim_start_matches('"');
                    let plain = inner.strip_suffix('"').unwrap_or(inner);
                    let key = if escaped {
                        Cow::Owned(serde_json::from_str::<String>(literal).unwrap_or_else(|_| plain.to_owned()))
                    } else {
                        Cow::Borrowed(plain)
                    };
                    keys.push((key, at));
                }
                at = end;
                continue;
            }
            b'{' => open.push(keys.len()),
            b'}' => {
                let start = open.pop().unwrap_or(0);
                let own = keys.get_mut(start..).unwrap_or_default();
                if let Some((key, offset)) = twice(own, |(a, _), (b, _)| a == b) {
                    return Err((format!("the key `{key}` appears twice in one object"), *offset));
                }
                keys.truncate(start);
            }
            b'-' | b'0'..=b'9' => {
                let rest = bytes.get(at..).unwrap_or_default();
                let length = rest
                    .iter()
                    .position(|byte| !matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E'))
                    .unwrap_or(rest.len());
                if length > 20
                    || rest
                        .get(..length)
                        .is_some_and(|number| number.iter().any(|b| matches!(b, b'e' | b'E')))
                {
                    number(text.get(at..at + length).unwrap_or_default()).map_err(|message| (message, at))?;
                }
                at += length.max(1);
                continue;
            }
            _ => {}
        }
        at += 1;
    }
    Ok(())
}

fn number(literal: &str) -> Result<(), String> {
    if literal.len() > MAX_NUMBER {
        return Err(format!("a number of more than {MAX_NUMBER} digits"));
    }
    if let Some((_, exponent)) = literal.split_once(['e', 'E']) {
        let digits = exponent.trim_start_matches(['+', '-']);
        if digits.parse::<u32>().map_or(true, |value| value > MAX_EXPONENT) {
            return Err(format!("a number with an exponent beyond {MAX_EXPONENT}"));
        }
    }
    Ok(())
}

/// Returns the offset after the string literal at `start`.
pub(crate) fn string_end(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while let Some(found) = memchr::memchr2(b'"', b'\\', bytes.get(at..).unwrap_or_default()) {
        at += found;
        if bytes.get(at) == Some(&b'"') {
            return at + 1;
        }
        at += 2;
    }
    bytes.len()
}

/// Returns where in a string literal an escape stands for half a character.
fn lone_surrogate(literal: &str) -> Option<usize> {
    let bytes = literal.as_bytes();
    let unit = |at: usize| -> Option<u32> {
        (bytes.get(at) == Some(&b'\\') && bytes.get(at + 1) == Some(&b'u')).then_some(())?;
        u32::from_str_radix(literal.get(at + 2..at + 6)?, 16).ok()
    };
    let mut at = 0;
    while at < bytes.len() {
        match unit(at) {
            Some(0xd800..=0xdbff) => match unit(at + 6) {
                Some(0xdc00..=0xdfff) => at += 12,
                _ => return Some(at),
            },
            Some(0xdc00..=0xdfff) => return Some(at),
            Some(_) => at += 6,
            None if bytes.get(at) == Some(&b'\\') => at += 2,
            None => at += 1,
        }
    }
    None
}

/// Up to so many keys each is compared with each.
const FEW: usize = 12;

/// Returns a key that is the `same` as one before it; may reorder `keys`, and their order puts equal ones together.
pub(crate) fn twice<T: Ord>(keys: &mut [T], same: impl Fn(&T, &T) -> bool) -> Option<&T> {
    if keys.len() <= FEW {
        let mut rest: &[T] = keys;
        while let Some((key, others)) = rest.split_first() {
            if let Some(again) = others.iter().find(|other| same(key, other)) {
                return Some(again);
            }
            rest = others;
        }
        return None;
    }
    keys.sort_unstable();
    let mut pairs = keys.iter().zip(keys.iter().skip(1));
    pairs.find(|(a, b)| same(a, b)).map(|(_, again)| again)
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn duplicate_keys_are_found_at_any_level_and_spelling() {
        for (text, at) in [
            (r#"{"a":1,"a":2}"#, 7),
            (r#"[{"x":{"a":1,"b":[],"a":2}}]"#, 20),
            (r#"{"a":1,"\u0061":2}"#, 7),
            (r#"{"a":{"b":1},"c":{"b":1},"a":0}"#, 25),
        ] {
            let (message, offset) = parse(text).unwrap_err();
            assert!(message.contains("`") && message.contains("twice"), "{message}");
            assert_eq!(offset, at, "{text}");
        }
        let many: Vec<String> = (0..40).map(|n| format!("\"k{}\":{n}", n % 39)).collect();
        let text = format!("{{{}}}", many.join(","));
        assert!(parse(&text).unwrap_err().0.contains("`k0`"));
        parse(r#"{"a":{"a":{"a":[{"a":1},{"a":2}]}},"b":"a"}"#).unwrap();
    }

    #[test]
    fn numbers_that_hang_an_engine_are_refused() {
        for text in ["1e401", "[1E-999999999]", "{\"a\": 1e99999999999999999999}"] {
            assert!(parse(text).unwrap_err().0.contains("exponent"), "{text}");
        }
        assert!(parse(&"9".repeat(1001)).unwrap_err().0.contains("digits"));
        for text in ["1e308", "-0.5E-10", "12345678901234567890123", "[1,2,3]", "\"1e999\""] {
            parse(text).unwrap();
        }
    }

    #[test]
    fn lone_surrogates_are_refused_and_pairs_are_not() {
        assert!(parse(r#"{"a":"\ud800"}"#).unwrap_err().0.contains("surrogate"));
        assert!(parse(r#"["\udc00 x"]"#).unwrap_err().0.contains("surrogate"));
        assert!(parse(r#"["\ud83dx\ude00"]"#).unwrap_err().0.contains("surrogate"));
        parse(r#"["\ud83d\ude00", "\\ud800", "\u0041"]"#).unwrap();
    }

    #[test]
    fn syntax_errors_name_the_offset() {
        assert_eq!(parse("{\n \"a\": NaN}").unwrap_err().1, 8);
        assert!(parse("[1,]").is_err());
        assert!(parse("\"a\nb\"").is_err());
    }
}
