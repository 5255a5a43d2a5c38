//! JSON as its source wrote it.

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

    /// Returns key and value of each member, `None` where it is not known where they stand.
    pub fn members(&self) -> Option<impl Iterator<Item = (&str, &str)>> {
        let slice = |range: &Range<u32>| {
            self.text
                .get(range.start as usize..range.end as usize)
                .unwrap_or_default()
        };
        (!self.members.is_empty())
            .then(|| (self.members.iter()).map(move |member| (slice(&member.key), slice(&member.value))))
    }
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
