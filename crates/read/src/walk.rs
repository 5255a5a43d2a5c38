//! Walking the containers around documents, so that only one document is held at a time.

use std::collections::BTreeSet;

use nephoscope_model::Reason;

use crate::check::{Valid, sound};
use crate::input::Limits;
use crate::sink::Sink;
use crate::text::{Extent, Stop, Text};

/// What to do with the value at a path of keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// An object: look at its members. Anything else: take it.
    Enter,
    /// A list: take each element. Anything else but null: take it.
    Each,
    /// Take it whole.
    Take,
}

/// A value that a walk came to.
pub(crate) struct Piece<'p> {
    /// Keys from the top.
    pub(crate) path: &'p [String],
    /// Whether it is an element of the list at `path`.
    pub(crate) element: bool,
    pub(crate) value: Valid,
}

/// Walks one value. Broken values inside are told to the sink and left out.
///
/// # Errors
///
/// A stop when the container itself is broken or ends early.
pub(crate) fn walk(
    text: &mut Text<'_>,
    limits: &Limits,
    sink: &mut Sink<'_>,
    steps: &dyn Fn(&[String]) -> Step,
    on_piece: &mut dyn FnMut(&mut Sink<'_>, Piece<'_>),
) -> Result<(), Stop> {
    let mut walker = Walker {
        text,
        limits,
        sink,
        steps,
        on_piece,
        path: Vec::new(),
    };
    walker.value()
}

struct Walker<'w, 't, 's> {
    text: &'w mut Text<'t>,
    limits: &'w Limits,
    sink: &'w mut Sink<'s>,
    steps: &'w dyn Fn(&[String]) -> Step,
    on_piece: &'w mut dyn FnMut(&mut Sink<'_>, Piece<'_>),
    path: Vec<String>,
}

impl Walker<'_, '_, '_> {
    fn value(&mut self) -> Result<(), Stop> {
        match ((self.steps)(&self.path), self.text.peek()?) {
            (Step::Enter, Some(b'{')) => self.members(),
            (Step::Each, Some(b'[')) => self.elements(),
            _ => self.take(false),
        }
    }

    fn take(&mut self, element: bool) -> Result<(), Stop> {
        if let Some(value) = next(self.text, Extent::Value, self.limits, self.sink)? {
            let piece = Piece {
                path: &self.path,
                element,
                value,
            };
            (self.on_piece)(self.sink, piece);
        }
        Ok(())
    }

    fn elements(&mut self) -> Result<(), Stop> {
        self.text.accept(b'[')?;
        if self.text.accept(b']')? {
            return Ok(());
        }
        loop {
            self.take(true)?;
            if self.text.accept(b']')? {
                return Ok(());
            }
            if !self.text.accept(b',')? {
                return Err(self.text.unexpected("`,` or `]`"));
            }
        }
    }

    fn members(&mut self) -> Result<(), Stop> {
        self.text.accept(b'{')?;
        if self.text.accept(b'}')? {
            return Ok(());
        }
        let mut seen = BTreeSet::new();
        loop {
            if self.text.peek()? != Some(b'"') {
                return Err(self.text.unexpected("a key"));
            }
            let taken = self
                .text
                .take(Extent::Value, self.limits.max_document_bytes, self.limits)?;
            let place = taken.place;
            let Some(key) = sound(taken, self.sink) else {
                return Err(Stop {
                    reason: Reason::ParseError,
                    message: "a key that cannot be read; the rest was not read".to_owned(),
                    place,
                });
            };
            let key: String = serde_json::from_str(key.raw.get()).unwrap_or_default();
            if !seen.insert(key.clone()) {
                let message = format!("the key `{key}` appears twice in one object");
                self.sink.broken(Reason::ParseError, message, place);
            }
            if !self.text.accept(b':')? {
                return Err(self.text.unexpected("`:`"));
            }
            self.path.push(key);
            let result = self.value();
            self.path.pop();
            result?;
            if self.text.accept(b'}')? {
                return Ok(());
            }
            if !self.text.accept(b',')? {
                return Err(self.text.unexpected("`,` or `}`"));
            }
        }
    }
}

/// Returns the value at the cursor if it is sound; else tells the sink what is wrong with it.
///
/// # Errors
///
/// As [`Text::take`].
fn next(text: &mut Text<'_>, extent: Extent, limits: &Limits, sink: &mut Sink<'_>) -> Result<Option<Valid>, Stop> {
    let most = limits.max_document_bytes;
    if let Some(value) = text.take_sound(extent, most, limits) {
        return Ok(Some(value));
    }
    let taken = text.take(extent, most, limits)?;
    Ok(sound(taken, sink))
}

/// Gives every document of a text whose documents are its values, or the elements of its lists: a JSON list,
/// one value a line, or values one after another.
///
/// # Errors
///
/// A stop when the text ends early or cannot be followed further.
pub(crate) fn each(
    text: &mut Text<'_>,
    limits: &Limits,
    sink: &mut Sink<'_>,
    on_value: &mut dyn FnMut(&mut Sink<'_>, Valid),
) -> Result<(), Stop> {
    let mut extent = Extent::Value;
    let mut count = 0_u64;
    while let Some(byte) = text.peek()? {
        let start = text.place();
        if byte == b'[' && extent == Extent::Value {
            walk(text, limits, sink, &|_| Step::Each, &mut |sink, piece| {
                on_value(sink, piece.value);
            })?;
            return end(text);
        } else if !matches!(byte, b'{' | b'[') {
            let stop = text.unexpected("`{` or `[`");
            if extent == Extent::Value {
                return Err(stop);
            }
            sink.broken(
                stop.reason,
                "not valid JSON: expected `{`; this line was not read",
                stop.place,
            );
            text.skip_line()?;
            continue;
        } else {
            if let Some(value) = next(text, extent, limits, sink)? {
                on_value(sink, value);
            }
        }
        count += 1;
        // One value on its own line: from here on every line stands for itself, so that a broken one does not
        // swallow those after it.
        if count == 1 && text.place().line == start.line && line_ends(text) {
            extent = Extent::Line;
        } else if extent == Extent::Line && !line_ends(text) {
            let place = text.place();
            sink.broken(
                Reason::ParseError,
                "not valid JSON: bytes after the value; the rest of this line was not read",
                place,
            );
            text.skip_line()?;
        }
    }
    Ok(())
}

/// Returns whether only white space is left of this line, and more lines follow or the text ends.
fn line_ends(text: &mut Text<'_>) -> bool {
    let (bytes, _) = text.prefix(4096);
    match bytes.iter().find(|byte| !matches!(byte, b' ' | b'\t' | b'\r')) {
        Some(byte) => *byte == b'\n',
        None => true,
    }
}

/// Moves over every value to the end, so that a broken or cut text is noticed.
///
/// # Errors
///
/// A stop when the text ends early or is not a sequence of values.
pub(crate) fn skip_all(text: &mut Text<'_>, limits: &Limits) -> Result<(), Stop> {
    while let Some(byte) = text.peek()? {
        if !matches!(byte, b'{' | b'[') {
            return Err(text.unexpected("`{` or `[`"));
        }
        text.take(Extent::Value, 0, limits)?;
    }
    Ok(())
}

/// Fails when anything but white space is left.
///
/// # Errors
///
/// A stop that names the place of the first byte after the value.
pub(crate) fn end(text: &mut Text<'_>) -> Result<(), Stop> {
    match text.peek()? {
        None => Ok(()),
        Some(_) => Err(text.unexpected("the end after the first value")),
    }
}
