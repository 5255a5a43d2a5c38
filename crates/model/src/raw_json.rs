//! JSON as its source wrote it.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;

use serde_json::value::RawValue;

/// One JSON value as its source wrote it, spelling and white space included.
///
/// Who reads a text in one pass may hand on where the members of its object stand, so that nobody has to look for them again.
#[derive(Clone, PartialEq, Eq)]
pub struct RawJson {
    text: Box<str>,
    members: Box<[Member]>,
}

/// Where a member of an object stands in its text, in bytes: the key without its quotes, and the value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// The key; it holds no escapes.
    pub key: Range<u32>,
    /// The value.
    pub value: Range<u32>,
}

impl Member {
    /// Returns begin and end of the key, then of the value.
    pub fn ends(&self) -> [u32; 4] {
        [self.key.start, self.key.end, self.value.start, self.value.end]
    }

    /// Returns the member of [`Member::ends`].
    pub fn from_ends([key, key_end, value, value_end]: [u32; 4]) -> Member {
        Member {
            key: key..key_end,
            value: value..value_end,
        }
    }
}

impl RawJson {
    /// Returns the value that `text` is.
    ///
    /// # Errors
    ///
    /// When it is not one JSON value.
    pub fn parse(text: String) -> Result<RawJson, serde_json::Error> {
        RawValue::from_string(text).map(RawJson::from)
    }

    /// Returns the value that `text` is known to be by who parsed it; `members` are all of its object, or none.
    ///
    /// A text that is something else does no harm but to itself: whoever looks into it parses what he looks at.
    pub fn parsed(text: String, members: Vec<Member>) -> RawJson {
        RawJson {
            text: text.into_boxed_str(),
            members: members.into_boxed_slice(),
        }
    }

    /// Returns the text.
    pub fn get(&self) -> &str {
        &self.text
    }

    /// Returns where the members stand; nothing where that is not known.
    pub fn places(&self) -> &[Member] {
        &self.members
    }

    /// Returns key and value of each member; they are looked for only where it is not known where they stand.
    ///
    /// # Errors
    ///
    /// When it is no object.
    pub fn members(&self) -> Result<Vec<(Cow<'_, str>, &str)>, serde_json::Error> {
        if self.members.is_empty() {
            let members: BTreeMap<Cow<'_, str>, &RawValue> = serde_json::from_str(&self.text)?;
            return Ok(members.into_iter().map(|(key, value)| (key, value.get())).collect());
        }
        let slice = |range: &Range<u32>| {
            self.text
                .get(range.start as usize..range.end as usize)
                .unwrap_or_default()
        };
        let members = self.members.iter();
        Ok(members
            .map(|member| (Cow::Borrowed(slice(&member.key)), slice(&member.value)))
            .collect())
    }
}

/// Returns what a JSON string says, as a part of it; `None` of one with escapes, and of what is no string.
pub fn plain_text(value: &str) -> Option<&str> {
    let inner = value.strip_prefix('"')?.strip_suffix('"')?;
    (!inner.contains('\\')).then_some(inner)
}

impl From<Box<RawValue>> for RawJson {
    fn from(raw: Box<RawValue>) -> RawJson {
        RawJson {
            text: raw.into(),
            members: Box::default(),
        }
    }
}

impl fmt::Debug for RawJson {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("RawJson").field(&self.get()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_the_same_whether_it_is_known_where_they_stand() {
        let text = r#"{ "b" : [1], "a":"x" }"#;
        let ends = [[3, 4, 8, 11], [14, 15, 17, 20]];
        let known = RawJson::parsed(text.to_owned(), ends.map(Member::from_ends).to_vec());
        let mut members = known.members().unwrap();
        members.sort_unstable();
        assert_eq!(members, RawJson::parse(text.to_owned()).unwrap().members().unwrap());
        assert_eq!(known.places().iter().map(Member::ends).collect::<Vec<_>>(), ends);
        assert!(RawJson::parse("[]".to_owned()).unwrap().members().is_err());
    }

    #[test]
    fn a_string_without_escapes_is_plain() {
        assert_eq!(plain_text("\"a \u{e9}\""), Some("a \u{e9}"));
        for other in ["\"", "\"a\\n\"", "7", "null", ""] {
            assert_eq!(plain_text(other), None, "{other}");
        }
    }
}
