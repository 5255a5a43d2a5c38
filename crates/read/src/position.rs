//! Where in a JSON text the value at a pointer stands, also inside strings that hold JSON.

use nephoscope_model::pointer;

use crate::text::is_space;

/// Where a value begins.
pub(crate) struct Place {
    /// Offset in the text.
    pub(crate) at: usize,
    /// Whether it stands in a string that holds JSON.
    pub(crate) nested: bool,
    /// Whether it is the value asked for, and not one above it.
    pub(crate) exact: bool,
}

/// Returns the place of the value at a pointer, or of the nearest value above it that is there.
pub(crate) fn find(text: &str, path: &str) -> Place {
    let tokens: Vec<String> = pointer::tokens(path).collect();
    seek(text, &planned(text, tokens))
}

/// A planned resource is given in another form than the plan writes it; see `Document::body`.
fn planned(text: &str, mut tokens: Vec<String>) -> Vec<String> {
    let start = blanks(text.as_bytes(), 0);
    let renamed = match tokens.first().map(String::as_str) {
        Some("values") => "after",
        Some("unknown") => "after_unknown",
        Some("before") => "before",
        _ => return tokens,
    };
    if member(text, start, "change").is_some() && member(text, start, "address").is_some() {
        tokens.splice(..1, ["change".to_owned(), renamed.to_owned()]);
    }
    tokens
}

fn seek(text: &str, tokens: &[String]) -> Place {
    let bytes = text.as_bytes();
    let mut at = blanks(bytes, 0);
    let mut rest = tokens;
    while let Some((token, others)) = rest.split_first() {
        let next = match bytes.get(at) {
            Some(b'{') => member(text, at, token),
            Some(b'[') => element(text, at, token),
            Some(b'"') => {
                let inner = within(text.get(at..).unwrap_or_default(), rest);
                return Place {
                    at: at + inner,
                    nested: inner > 0,
                    exact: inner > 0,
                };
            }
            _ => None,
        };
        match next {
            Some(next) => at = next,
            None => {
                return Place {
                    at,
                    nested: false,
                    exact: false,
                };
            }
        }
        rest = others;
    }
    Place {
        at,
        nested: false,
        exact: true,
    }
}

/// Returns the offset in a string literal at which the value in the JSON it holds begins.
fn within(rest: &str, tokens: &[String]) -> usize {
    let literal = rest.get(..value_end(rest.as_bytes(), 0)).unwrap_or_default();
    let Ok(inner) = serde_json::from_str::<String>(literal) else {
        return 0;
    };
    if !inner.trim_start().starts_with(['{', '[', '"']) || crate::check::parse(&inner).is_err() {
        return 0;
    }
    let target = seek(&inner, tokens).at;
    // Walk the literal until it has spelled as many bytes of the text as lie before the target.
    let bytes = literal.as_bytes();
    let mut at = 1;
    let mut spelled = 0;
    while spelled < target && at < bytes.len() {
        let (raw, plain) = match (bytes.get(at), bytes.get(at + 1)) {
            (Some(b'\\'), Some(b'u')) => escape(literal, at),
            (Some(b'\\'), _) => (2, 1),
            _ => (1, 1),
        };
        at += raw;
        spelled += plain;
    }
    at
}

/// Returns how long the `\u` escape at `at` is, and how many bytes of UTF-8 it spells.
fn escape(literal: &str, at: usize) -> (usize, usize) {
    let unit = literal
        .get(at + 2..at + 6)
        .and_then(|digits| u32::from_str_radix(digits, 16).ok())
        .unwrap_or(0);
    match unit {
        0xd800..=0xdbff => (12, 4),
        _ => (6, char::from_u32(unit).map_or(3, char::len_utf8)),
    }
}

fn blanks(bytes: &[u8], mut at: usize) -> usize {
    while bytes.get(at).is_some_and(|byte| is_space(*byte)) {
        at += 1;
    }
    at
}

/// Returns the offset of an object's member.
fn member(text: &str, start: usize, name: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    (bytes.get(start) == Some(&b'{')).then_some(())?;
    let mut at = blanks(bytes, start + 1);
    while bytes.get(at) == Some(&b'"') {
        let end = value_end(bytes, at);
        let key: String = serde_json::from_str(text.get(at..end)?).ok()?;
        let value = blanks(bytes, blanks(bytes, end) + 1);
        if key == name {
            return Some(value);
        }
        at = blanks(bytes, value_end(bytes, value));
        at = blanks(bytes, at + 1);
    }
    None
}

/// Returns the offset of a list's element.
fn element(text: &str, start: usize, index: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let index: usize = index.parse().ok()?;
    let mut at = blanks(bytes, start + 1);
    for _ in 0..index {
        (bytes.get(at)? != &b']').then_some(())?;
        at = blanks(bytes, value_end(bytes, at));
        (bytes.get(at)? == &b',').then_some(())?;
        at = blanks(bytes, at + 1);
    }
    (bytes.get(at)? != &b']').then_some(at)
}

/// Returns the offset after the value at `start` of a valid text.
pub(crate) fn value_end(bytes: &[u8], start: usize) -> usize {
    let mut depth = 0_usize;
    let mut at = start;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => {
                at += 1;
                while bytes.get(at).is_some_and(|byte| *byte != b'"') {
                    at += if bytes.get(at) == Some(&b'\\') { 2 } else { 1 };
                }
                if depth == 0 {
                    return at + 1;
                }
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' if depth == 0 => return at,
            b'}' | b']' => {
                depth -= 1;
                if depth == 0 {
                    return at + 1;
                }
            }
            b',' if depth == 0 => return at,
            byte if depth == 0 && is_space(*byte) => return at,
            _ => {}
        }
        at += 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::find;

    #[expect(clippy::string_slice, reason = "an offset inside a character fails the test")]
    fn at<'a>(text: &'a str, path: &str) -> &'a str {
        &text[find(text, path).at..]
    }

    #[test]
    fn values_are_found_by_key_index_and_through_strings() {
        let text =
            r#" {"a/b": [1, {"c": "x"}, []], "n": {"m~": -2.5}, "s": "{\"k\": [true, \"\u00e9\\n\", {\"z\": 7}]}" }"#;
        assert!(at(text, "/a~1b/0").starts_with("1,"));
        assert!(at(text, "/a~1b/1/c").starts_with("\"x\""));
        assert!(at(text, "/n/m~0").starts_with("-2.5}"));
        assert!(at(text, "/s/k/2/z").starts_with("7}]"));
        assert!(at(text, "/s").starts_with("\"{"));
        assert!(at(text, "").starts_with("{\"a/b\""));
    }

    #[test]
    fn what_is_not_there_is_found_at_its_nearest_ancestor() {
        let text = r#"{"a": {"b": [1]}, "s": "no json"}"#;
        assert!(at(text, "/a/x/y").starts_with("{\"b\""));
        assert!(at(text, "/a/b/7").starts_with("[1]"));
        assert!(at(text, "/s/x").starts_with("\"no json\""));
    }

    #[test]
    fn planned_values_are_found_under_change() {
        let text = r#"{"address": "a.b", "change": {"after": {"x": 1}, "after_unknown": {"y": true}}}"#;
        assert!(at(text, "/values/x").starts_with("1}"));
        assert!(at(text, "/unknown/y").starts_with("true"));
        assert!(at(text, "/address").starts_with("\"a.b\""));
    }
}
