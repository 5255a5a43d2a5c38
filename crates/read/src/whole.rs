//! One pass over a value: its grammar, what an inventory must not hold, its end, and where its members stand.
//!
//! A text is given up at the first oddity, without a word: the slow way finds out what is wrong and says so.

use std::borrow::Cow;
use std::fmt;

use nephoscope_model::Member;
use serde::Deserialize;
use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

use crate::check;

/// What a pass over the beginning of a text came to.
pub(crate) enum Pass {
    /// A sound value of so many bytes, with the members of its object; none where they are not known.
    Sound(usize, Vec<Member>),
    /// The text ends inside the value.
    Ends,
    /// Something is wrong with it.
    Odd,
}

/// Passes over the object or list that begins `bytes`, which holds at most `max_depth` levels.
pub(crate) fn pass(bytes: &[u8], max_depth: usize) -> Pass {
    // Most often a value stands on a line. Looking once whether that is text costs less than looking at each string in it.
    let line = memchr::memchr(b'\n', bytes).and_then(|end| std::str::from_utf8(bytes.get(..end)?).ok());
    if let Some(line) = line
        && let sound @ Pass::Sound(..) = pass_with(serde_json::Deserializer::from_str(line), line.as_bytes(), max_depth)
    {
        return sound;
    }
    pass_with(serde_json::Deserializer::from_slice(bytes), bytes, max_depth)
}

/// Passes over the object or list that `deserializer` finds at the beginning of `bytes`.
fn pass_with<'de, R: serde_json::de::Read<'de>>(
    deserializer: serde_json::Deserializer<R>,
    bytes: &'de [u8],
    max_depth: usize,
) -> Pass {
    if !matches!(bytes.first(), Some(b'{' | b'[')) {
        // Where another value ends is told by what follows it.
        return Pass::Odd;
    }
    let mut values = deserializer.into_iter::<Walk<'de>>();
    let walk = match values.next() {
        Some(Ok(walk)) => walk,
        Some(Err(error)) if !error.is_eof() => return Pass::Odd,
        Some(Err(_)) | None => return Pass::Ends,
    };
    let length = values.byte_offset();
    let Some(text) = bytes.get(..length) else {
        return Pass::Odd;
    };
    if walk.deepest > max_depth || (walk.floats && !check::numbers_sound(text)) {
        return Pass::Odd;
    }
    Pass::Sound(length, members(text, &walk.first_keys).unwrap_or_default())
}

/// Finds where the members with these keys stand, which are parts of `text`.
fn members(text: &[u8], keys: &[&str]) -> Option<Vec<Member>> {
    u32::try_from(text.len()).ok()?;
    let base = text.as_ptr() as usize;
    let start_of = |key: &str| (key.as_ptr() as usize).checked_sub(base);
    let mut members = Vec::with_capacity(keys.len());
    let mut rest = keys.iter().peekable();
    while let Some(key) = rest.next() {
        let start = start_of(key)?;
        let end = start + key.len();
        // After the key come its quote, the colon and the value; before the next one its quote and a comma.
        let colon = end + 1 + spaces(text.get(end + 1..)?.iter());
        let value = colon + 1 + spaces(text.get(colon + 1..)?.iter());
        let after = match rest.peek() {
            Some(next) => start_of(next)? - 1,
            None => text.len(),
        };
        let gap = text.get(..after)?;
        let mark = after - spaces(gap.iter().rev()) - 1;
        let until = mark - spaces(text.get(..mark)?.iter().rev());
        if text.get(colon) != Some(&b':') || !matches!(text.get(mark), Some(b',' | b'}')) || until <= value {
            return None;
        }
        members.push(Member {
            key: start as u32..end as u32,
            value: value as u32..until as u32,
        });
    }
    Some(members)
}

fn spaces<'b>(bytes: impl Iterator<Item = &'b u8>) -> usize {
    bytes.take_while(|byte| crate::text::is_space(**byte)).count()
}

/// What is learned of a value on the way.
#[derive(Default)]
struct Walk<'de> {
    /// Keys of every open object; those of each follow those of the one around it.
    keys: Vec<Cow<'de, str>>,
    /// Keys of the outermost object; none where one of them holds an escape.
    first_keys: Vec<&'de str>,
    depth: usize,
    deepest: usize,
    /// Whether there are numbers other than integers of 64 bits.
    floats: bool,
}

impl<'de> Deserialize<'de> for Walk<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut walk = Walk::default();
        Node(&mut walk).deserialize(deserializer)?;
        Ok(walk)
    }
}

impl<'de> Walk<'de> {
    fn enter(&mut self) {
        self.depth += 1;
        self.deepest = self.deepest.max(self.depth);
    }

    fn leave(&mut self) {
        self.depth -= 1;
    }
}

struct Node<'w, 'de>(&'w mut Walk<'de>);

impl<'de> DeserializeSeed<'de> for Node<'_, 'de> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Node<'_, 'de> {
    type Value = ();
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }
    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }
    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }
    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }
    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        self.0.floats = true;
        Ok(())
    }
    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        self.0.enter();
        while seq.next_element_seed(Node(self.0))?.is_some() {}
        self.0.leave();
        Ok(())
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        self.0.enter();
        let start = self.0.keys.len();
        while let Some(key) = map.next_key_seed(Key)? {
            self.0.keys.push(key);
            map.next_value_seed(Node(self.0))?;
        }
        let own = self.0.keys.get_mut(start..).unwrap_or_default();
        if start == 0 && self.0.depth == 1 {
            let plain = |key: &Cow<'de, str>| match key {
                Cow::Borrowed(key) => Some(*key),
                Cow::Owned(_) => None,
            };
            self.0.first_keys = own.iter().map(plain).collect::<Option<_>>().unwrap_or_default();
        }
        if check::twice(own, PartialEq::eq).is_some() {
            return Err(de::Error::custom("a key that is there twice"));
        }
        self.0.keys.truncate(start);
        self.0.leave();
        Ok(())
    }
}

/// A key, as it stands where it holds no escape.
struct Key;

impl<'de> DeserializeSeed<'de> for Key {
    type Value = Cow<'de, str>;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for Key {
    type Value = Cow<'de, str>;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }
    fn visit_borrowed_str<E>(self, key: &'de str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(key))
    }
    fn visit_str<E>(self, key: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(key.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::value::RawValue;

    use super::*;
    use crate::input::{Event, Limits};
    use crate::sink::Sink;
    use crate::text::{Extent, Text};

    const ITEM: &str = r#"{"a" : "x\u00e9\"", "é":[1, -2.5e3, {"k":{}, "l":[[]]}],
        "n":null,"t" :true , "big":12345678901234567890123, "s":"{\"inner\": 1}" }"#;

    /// What the slow way makes of the first value: its length, or nothing where it is not sound.
    fn slow(bytes: &[u8]) -> Option<usize> {
        let limits = Limits::default();
        let mut text = Text::new(Box::new(bytes));
        let mut ignore = |_: Event| {};
        let taken = text.take(Extent::Value, u64::MAX, &limits).ok()?;
        let length = taken.bytes.len();
        check::sound(taken, &mut Sink::new("", &mut ignore)).map(|_| length)
    }

    fn agrees(bytes: &[u8]) -> bool {
        match pass(bytes, Limits::default().max_depth) {
            Pass::Sound(length, members) => {
                assert_eq!(slow(bytes), Some(length), "{:?}", String::from_utf8_lossy(bytes));
                let text = std::str::from_utf8(&bytes[..length]).unwrap();
                let slice = |range: &std::ops::Range<u32>| text.get(range.start as usize..range.end as usize).unwrap();
                let found: BTreeMap<&str, &str> = members.iter().map(|at| (slice(&at.key), slice(&at.value))).collect();
                if !members.is_empty() {
                    let right: BTreeMap<&str, &RawValue> = serde_json::from_str(text).unwrap();
                    let right = right.into_iter().map(|(key, value)| (key, value.get())).collect();
                    assert_eq!(found, right);
                }
                true
            }
            Pass::Ends | Pass::Odd => false,
        }
    }

    #[test]
    fn members_are_found_whatever_stands_between_them() {
        let Pass::Sound(length, members) = pass(ITEM.as_bytes(), 128) else {
            panic!("it is sound")
        };
        assert_eq!((length, members.len()), (ITEM.len(), 6));
        assert!(agrees(ITEM.as_bytes()));
        // Where a key holds an escape, nobody says where members stand.
        assert!(matches!(pass(br#"{"\u0061": 1}"#, 128), Pass::Sound(13, members) if members.is_empty()));
        assert!(matches!(pass(b"[{\"a\": 1}] rest", 128), Pass::Sound(10, members) if members.is_empty()));
    }

    #[test]
    fn what_is_odd_or_cut_is_left_to_the_slow_way() {
        for odd in [
            r#"{"a": 1, "\u0061": 2}"#,
            r#"{"a": 1e401}"#,
            r#"{"a": 1e-401}"#,
            r#"{"a": "\ud800"}"#,
            r#"{"a" 1}"#,
            r#"{"a": 01}"#,
            "{\"a\": \"\u{1}\"}",
        ] {
            assert!(matches!(pass(odd.as_bytes(), 128), Pass::Odd), "{odd}");
        }
        assert!(matches!(pass(b"{\"a\": \"\xff\"}", 128), Pass::Odd));
        assert!(matches!(
            pass(format!("[{}]", "9".repeat(1001)).as_bytes(), 128),
            Pass::Odd
        ));
        let deep = |levels: usize| "[".repeat(levels) + &"]".repeat(levels);
        assert!(matches!(pass(deep(20).as_bytes(), 20), Pass::Sound(40, _)));
        assert!(matches!(pass(deep(21).as_bytes(), 20), Pass::Odd));
        for end in 1..ITEM.len() {
            assert!(!agrees(&ITEM.as_bytes()[..end]), "{end}");
        }
    }

    #[test]
    fn whatever_is_sound_here_is_sound_the_slow_way() {
        let mut seed = 7_u64;
        let mut next = |below: usize| {
            seed = seed
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            usize::try_from(seed >> 33).unwrap() % below
        };
        let spare = b"{}[]\":,\\ \n0-9eE.uatrufalsn\xc3\xa9\xff\x00";
        let mut sound = 0;
        for _ in 0..20_000 {
            let mut bytes = ITEM.as_bytes().to_vec();
            for _ in 0..=next(3) {
                let at = next(bytes.len());
                match next(4) {
                    0 => bytes[at] = spare[next(spare.len())],
                    1 => bytes.insert(at, spare[next(spare.len())]),
                    2 => drop(bytes.remove(at)),
                    _ => bytes.truncate(bytes.len() - next(3).min(bytes.len() - 1)),
                }
            }
            sound += usize::from(agrees(&bytes));
        }
        assert!((1_000..19_000).contains(&sound), "{sound}");
    }
}
