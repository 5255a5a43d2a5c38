//! The outline of a text's beginning, by which formats are recognized.

use crate::text::is_space;

/// An outline: keys of objects in order, the first object (or else value) of arrays, short strings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Shape {
    Object(Vec<(String, Shape)>),
    Array(Option<Box<Shape>>),
    Text(String),
    Null,
    /// A number, a boolean, or what lies too deep to look at.
    Other,
}

/// How the text goes on after its outline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    /// The value was seen whole; this many bytes belong to it.
    Whole(usize),
    /// The text seen ends inside the value.
    Cut,
    /// The value is not JSON, from this byte on.
    Broken(usize),
}

impl Shape {
    /// Returns the member of an object.
    pub(crate) fn get(&self, key: &str) -> Option<&Shape> {
        match self {
            Shape::Object(members) => members.iter().find(|(name, _)| name == key).map(|(_, shape)| shape),
            _ => None,
        }
    }

    /// Returns whether an object has a member, not null.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.get(key).is_some_and(|shape| *shape != Shape::Null)
    }

    /// Returns whether an object has one of the members, not null.
    pub(crate) fn has_any(&self, keys: &[&str]) -> bool {
        keys.iter().any(|key| self.has(key))
    }

    /// Returns whether the member of an object is a list.
    pub(crate) fn has_list(&self, key: &str) -> bool {
        matches!(self.get(key), Some(Shape::Array(_)))
    }

    /// Returns whether the member of an object is an object.
    pub(crate) fn has_object(&self, key: &str) -> bool {
        matches!(self.get(key), Some(Shape::Object(_)))
    }

    /// Returns the text of an object's member.
    pub(crate) fn text(&self, key: &str) -> Option<&str> {
        match self.get(key) {
            Some(Shape::Text(text)) => Some(text),
            _ => None,
        }
    }

    /// Returns what the list under a key begins with.
    pub(crate) fn first(&self, key: &str) -> Option<&Shape> {
        self.get(key)?.element()
    }

    /// Returns what a list begins with.
    pub(crate) fn element(&self) -> Option<&Shape> {
        match self {
            Shape::Array(first) => first.as_deref(),
            _ => None,
        }
    }

    /// Returns what a list begins with, or the value itself where it is none.
    pub(crate) fn one(&self) -> &Shape {
        self.element().unwrap_or(self)
    }
}

/// Outlines the value at the beginning of `bytes`.
pub(crate) fn outline(bytes: &[u8]) -> Option<(Shape, Ending)> {
    let mut eye = Eye {
        bytes,
        at: 0,
        ending: None,
    };
    eye.blanks();
    if !matches!(eye.peek(), Some(b'{' | b'[')) {
        return None;
    }
    let shape = eye.value(0);
    let at = eye.at;
    Some((shape, eye.ending.unwrap_or(Ending::Whole(at))))
}

/// Levels that are outlined; what is deeper is skipped.
const LEVELS: usize = 5;
/// Longest string kept.
const TEXT: usize = 256;

struct Eye<'a> {
    bytes: &'a [u8],
    at: usize,
    ending: Option<Ending>,
}

impl Eye<'_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn blanks(&mut self) {
        while self.peek().is_some_and(is_space) {
            self.at += 1;
        }
    }

    fn stop(&mut self) {
        let ending = if self.peek().is_none() {
            Ending::Cut
        } else {
            Ending::Broken(self.at)
        };
        self.ending.get_or_insert(ending);
    }

    fn value(&mut self, level: usize) -> Shape {
        self.blanks();
        match self.peek() {
            Some(b'{') if level < LEVELS => self.object(level),
            Some(b'[') if level < LEVELS => self.array(level),
            Some(b'{' | b'[') => {
                self.skip();
                Shape::Other
            }
            Some(b'"') => self.string().map_or(Shape::Other, Shape::Text),
            Some(byte) if byte.is_ascii_alphanumeric() || byte == b'-' => {
                let start = self.at;
                while self
                    .peek()
                    .is_some_and(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'+' | b'.'))
                {
                    self.at += 1;
                }
                let word = self.bytes.get(start..self.at).unwrap_or_default();
                let number = word.first().is_some_and(|b| b.is_ascii_digit() || *b == b'-');
                match word {
                    b"null" => Shape::Null,
                    b"true" | b"false" | b"NaN" | b"Infinity" => Shape::Other,
                    _ if number || self.peek().is_none() => Shape::Other,
                    _ => {
                        self.ending = Some(Ending::Broken(start));
                        Shape::Other
                    }
                }
            }
            _ => {
                self.stop();
                Shape::Other
            }
        }
    }

    fn object(&mut self, level: usize) -> Shape {
        self.at += 1;
        let mut members = Vec::new();
        self.blanks();
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Shape::Object(members);
        }
        loop {
            self.blanks();
            let Some(key) = (self.peek() == Some(b'"')).then(|| self.string()).flatten() else {
                self.stop();
                break;
            };
            self.blanks();
            if self.peek() != Some(b':') {
                self.stop();
                break;
            }
            self.at += 1;
            self.blanks();
            if self.peek().is_none() {
                self.stop();
                break;
            }
            let value = self.value(level + 1);
            members.push((key, value));
            if self.ending.is_some() {
                break;
            }
            self.blanks();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b'}') => {
                    self.at += 1;
                    break;
                }
                _ => {
                    self.stop();
                    break;
                }
            }
        }
        Shape::Object(members)
    }

    fn array(&mut self, level: usize) -> Shape {
        self.at += 1;
        let mut first: Option<Box<Shape>> = None;
        self.blanks();
        if self.peek() == Some(b']') {
            self.at += 1;
            return Shape::Array(None);
        }
        loop {
            self.blanks();
            if matches!(first.as_deref(), Some(Shape::Object(_))) {
                self.skip();
            } else {
                let value = self.value(level + 1);
                let better = matches!(value, Shape::Object(_));
                // What ends at once is no element.
                if (first.is_none() && !matches!(self.ending, Some(Ending::Broken(_)))) || better {
                    first = Some(Box::new(value));
                }
            }
            if self.ending.is_some() {
                break;
            }
            self.blanks();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b']') => {
                    self.at += 1;
                    break;
                }
                _ => {
                    self.stop();
                    break;
                }
            }
        }
        Shape::Array(first)
    }

    /// Moves over a value by its brackets and quotes.
    fn skip(&mut self) {
        let mut depth = 0_usize;
        loop {
            match self.peek() {
                None => return self.stop(),
                Some(b'"') => {
                    if self.string().is_none() && self.ending.is_some() {
                        return;
                    }
                    if depth == 0 {
                        return;
                    }
                    continue;
                }
                Some(b'{' | b'[') => depth += 1,
                Some(b'}' | b']') => {
                    if depth == 0 {
                        return;
                    }
                    depth -= 1;
                    if depth == 0 {
                        self.at += 1;
                        return;
                    }
                }
                Some(b',') if depth == 0 => return,
                Some(_) => {}
            }
            self.at += 1;
        }
    }

    fn string(&mut self) -> Option<String> {
        let start = self.at + 1;
        let mut end = start;
        loop {
            match self.bytes.get(end) {
                None => {
                    self.at = self.bytes.len();
                    self.stop();
                    return None;
                }
                Some(b'\\') => end += 2,
                Some(b'"') => break,
                Some(_) => end += 1,
            }
        }
        self.at = end + 1;
        let kept = self.bytes.get(start..end.min(start + TEXT)).unwrap_or_default();
        Some(String::from_utf8_lossy(kept).into_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outline_survives_a_cut_anywhere() {
        let text = br#"{"a": [{"b": "x\"y", "c": [1, {"d": null}]}, {"e": 1}], "f": "g", "h": {}}"#;
        let (whole, ending) = outline(text).unwrap();
        assert_eq!(ending, Ending::Whole(text.len()));
        assert_eq!(whole.first("a").unwrap().text("b"), Some("x\\\"y"));
        assert_eq!(whole.text("f"), Some("g"));
        for end in 1..text.len() {
            let (_, ending) = outline(&text[..end]).unwrap();
            assert_eq!(ending, Ending::Cut, "{end}");
        }
    }

    #[test]
    fn noise_is_not_json() {
        assert_eq!(outline(b"[command]/usr/bin/terraform").unwrap().1, Ending::Broken(1));
        assert_eq!(outline(b"[section] x\ny = 1").unwrap().1, Ending::Broken(1));
        assert_eq!(outline(b"{{ template }}").unwrap().1, Ending::Broken(1));
        assert!(outline(b"hello").is_none());
    }
}
