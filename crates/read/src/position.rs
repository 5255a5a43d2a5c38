//! Where in a JSON text the value at a pointer stands, also inside strings that hold JSON.

use std::borrow::Cow;
use std::collections::BTreeMap;

use nephoscope_model::{RawJson, plain_text, pointer};

use crate::check::string_end;
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

/// A JSON text in which many values are looked up: each container on the way is gone through once, and no further than is asked.
pub(crate) struct Index<'t> {
    text: &'t str,
    objects: BTreeMap<usize, Members<'t>>,
    lists: BTreeMap<usize, Vec<usize>>,
    strings: BTreeMap<usize, Option<Literal>>,
}

/// The members of an object, of which few are asked for: cheaper to go through than to put in order.
struct Members<'t> {
    /// Names and offsets of those seen so far.
    seen: Vec<(Cow<'t, str>, usize)>,
    next: Next,
}

/// Where the next member of an object is.
#[derive(Clone, Copy)]
enum Next {
    /// Here, after blanks.
    Here(usize),
    /// Behind the value that begins here.
    Behind(usize),
    /// There is none.
    Nowhere,
}

/// A string literal that holds JSON.
struct Literal {
    /// What it spells.
    inner: String,
    /// For every byte it spells, the offset in the literal.
    raw: Vec<usize>,
}

impl<'t> Index<'t> {
    pub(crate) fn new(text: &'t str) -> Self {
        Index {
            text,
            objects: BTreeMap::new(),
            lists: BTreeMap::new(),
            strings: BTreeMap::new(),
        }
    }

    /// Returns the index of a value of which it may be known where its members stand.
    pub(crate) fn of(body: &'t RawJson) -> Self {
        let mut index = Index::new(body.get());
        if let (false, Ok(members)) = (body.places().is_empty(), body.members()) {
            let starts = body.places().iter().map(|member| member.value.start as usize);
            let keys = members.into_iter().map(|(key, _)| key);
            let members = Members {
                seen: keys.zip(starts).collect(),
                next: Next::Nowhere,
            };
            index.objects.insert(0, members);
        }
        index
    }

    /// Returns the place of the value at a pointer, or of the nearest value above it that is there.
    pub(crate) fn find(&mut self, path: &str) -> Place {
        let tokens: Vec<String> = pointer::tokens(path).collect();
        let tokens = self.planned(tokens);
        self.seek(&tokens)
    }

    /// A planned resource is given in another form than the plan writes it; see `Document::body`.
    fn planned(&mut self, mut tokens: Vec<String>) -> Vec<String> {
        let start = blanks(self.text.as_bytes(), 0);
        let renamed = match tokens.first().map(String::as_str) {
            Some("values") => "after",
            Some("unknown") => "after_unknown",
            Some("before") => "before",
            _ => return tokens,
        };
        if self.member(start, "change").is_some() && self.member(start, "address").is_some() {
            tokens.splice(..1, ["change".to_owned(), renamed.to_owned()]);
        }
        tokens
    }

    fn seek(&mut self, tokens: &[String]) -> Place {
        let mut at = blanks(self.text.as_bytes(), 0);
        let mut rest = tokens;
        while let Some((token, others)) = rest.split_first() {
            let next = match self.text.as_bytes().get(at) {
                Some(b'{') => self.member(at, token),
                Some(b'[') => self.element(at, token),
                Some(b'"') => {
                    let inner = self.within(at, rest);
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

    fn member(&mut self, start: usize, name: &str) -> Option<usize> {
        let members = self.objects.entry(start).or_insert_with(|| Members {
            seen: Vec::new(),
            next: Next::Here(start + 1),
        });
        members.find(self.text, name)
    }

    fn element(&mut self, start: usize, index: &str) -> Option<usize> {
        let text = self.text;
        let elements = self.lists.entry(start).or_insert_with(|| elements(text, start));
        elements.get(index.parse::<usize>().ok()?).copied()
    }

    /// Returns the offset in the string literal at `start` at which a value in the JSON it holds begins; 0 when it
    /// holds none.
    fn within(&mut self, start: usize, tokens: &[String]) -> usize {
        let text = self.text;
        let literal = self.strings.entry(start).or_insert_with(|| literal(text, start));
        let Some(literal) = literal else { return 0 };
        let target = Index::new(&literal.inner).seek(tokens).at;
        literal.raw.get(target).copied().unwrap_or_default()
    }
}

/// Reads the string literal at `start` if it holds JSON.
fn literal(text: &str, start: usize) -> Option<Literal> {
    let rest = text.get(start..)?;
    let literal = rest.get(..value_end(rest.as_bytes(), 0))?;
    let inner = serde_json::from_str::<String>(literal).ok()?;
    if !inner.trim_start().starts_with(['{', '[', '"']) || crate::check::parse(&inner).is_err() {
        return None;
    }
    let bytes = literal.as_bytes();
    let mut raw = Vec::with_capacity(inner.len());
    let mut at = 1;
    while raw.len() < inner.len() && at < bytes.len() {
        let (long, plain) = match (bytes.get(at), bytes.get(at + 1)) {
            (Some(b'\\'), Some(b'u')) => escape(literal, at),
            (Some(b'\\'), _) => (2, 1),
            _ => (1, 1),
        };
        raw.extend(std::iter::repeat_n(at, plain));
        at += long;
    }
    Some(Literal { inner, raw })
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

impl<'t> Members<'t> {
    /// Returns the offset of the value of a member; of several of one name that of the first.
    fn find(&mut self, text: &'t str, name: &str) -> Option<usize> {
        if let Some((_, at)) = self.seen.iter().find(|(own, _)| own == name) {
            return Some(*at);
        }
        while let Some((own, at)) = self.take(text) {
            let found = own == name;
            self.seen.push((own, at));
            if found {
                return Some(at);
            }
        }
        None
    }

    /// Returns the next member and moves on to its value.
    fn take(&mut self, text: &'t str) -> Option<(Cow<'t, str>, usize)> {
        let bytes = text.as_bytes();
        let at = match std::mem::replace(&mut self.next, Next::Nowhere) {
            Next::Here(at) => blanks(bytes, at),
            // A comma, or the end of the object.
            Next::Behind(value) => blanks(bytes, blanks(bytes, value_end(bytes, value)) + 1),
            Next::Nowhere => return None,
        };
        if bytes.get(at) != Some(&b'"') {
            return None;
        }
        let end = string_end(bytes, at);
        let key = text.get(at..end).and_then(key)?;
        let value = blanks(bytes, blanks(bytes, end) + 1);
        self.next = Next::Behind(value);
        Some((key, value))
    }
}

/// Returns what a string literal spells.
fn key(literal: &str) -> Option<Cow<'_, str>> {
    match plain_text(literal) {
        Some(plain) => Some(Cow::Borrowed(plain)),
        None => serde_json::from_str(literal).ok().map(Cow::Owned),
    }
}

/// Returns the offset of each element of the list at `start`.
fn elements(text: &str, start: usize) -> Vec<usize> {
    let bytes = text.as_bytes();
    let mut elements = Vec::new();
    let mut at = blanks(bytes, start + 1);
    while bytes.get(at).is_some_and(|byte| *byte != b']') {
        elements.push(at);
        at = blanks(bytes, value_end(bytes, at));
        if bytes.get(at) != Some(&b',') {
            break;
        }
        at = blanks(bytes, at + 1);
    }
    elements
}

/// Returns the offset after the value at `start` of a valid text.
pub(crate) fn value_end(bytes: &[u8], start: usize) -> usize {
    let mut depth = 0_usize;
    let mut at = start;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => {
                at = string_end(bytes, at);
                if depth == 0 {
                    return at;
                }
                continue;
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
    use super::Index;

    #[expect(clippy::string_slice, reason = "an offset inside a character fails the test")]
    fn at<'a>(text: &'a str, path: &str) -> &'a str {
        &text[Index::new(text).find(path).at..]
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
    #[expect(clippy::string_slice, reason = "an offset inside a character fails the test")]
    fn one_index_finds_members_in_any_order() {
        let text = r#"{ "a" : {"x": 1} , "b":[2, {"y": 3, "z": 4}],"c":"}" , "b": 5 }"#;
        let mut index = Index::new(text);
        let mut at = |path: &str| text[index.find(path).at..].chars().next().unwrap();
        for _twice in 0..2 {
            let found = ["/c", "/a/x", "/b/1/z", "/b/1/y", "/b/0", "/none", "/a/none", "/b"].map(&mut at);
            assert_eq!(found, ['"', '1', '4', '3', '2', '{', '{', '[']);
        }
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
