//! A cursor over decoded text that knows where it is and can take one JSON value at a time.

mod place;

use std::io::Read;

use nephoscope_model::{RawJson, Reason};

use crate::check::Valid;
use crate::decode::Fault;
use crate::encoding::Encoding;
use crate::input::Limits;
use crate::whole::{Pass, pass};
pub(crate) use place::{Place, characters};

/// Why reading of the whole input cannot go on.
#[derive(Debug)]
pub(crate) struct Stop {
    pub(crate) reason: Reason,
    pub(crate) message: String,
    pub(crate) place: Place,
}

/// One JSON value as it stands, not yet known to be valid.
#[derive(Debug)]
pub(crate) struct Taken {
    pub(crate) place: Place,
    pub(crate) length: u64,
    /// The bytes; empty where `problem` says why they were not kept.
    pub(crate) bytes: Vec<u8>,
    pub(crate) problem: Option<(String, Place)>,
}

/// How far a value reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Extent {
    /// To its closing bracket.
    Value,
    /// To its closing bracket, and never past the end of the line.
    Line,
}

/// The cursor.
pub(crate) struct Text<'a> {
    source: Box<dyn Read + 'a>,
    buffer: Vec<u8>,
    at: usize,
    place: Place,
    ended: bool,
    fault: Option<Fault>,
    encoding: Encoding,
}

impl<'a> Text<'a> {
    pub(crate) fn new(source: Box<dyn Read + 'a>) -> Self {
        Text {
            source,
            buffer: Vec::new(),
            at: 0,
            place: Place::START,
            ended: false,
            fault: None,
            encoding: Encoding::default(),
        }
    }

    /// Returns where the cursor is.
    pub(crate) fn place(&self) -> Place {
        self.place
    }

    /// Returns whether reading has broken off beyond what is buffered.
    pub(crate) fn broken_off(&self) -> bool {
        self.fault.is_some()
    }

    /// Returns the first byte that is not UTF-8, among those read so far.
    pub(crate) fn malformed(&self) -> Option<u64> {
        self.encoding.malformed
    }

    /// Returns at least `want` bytes from the cursor on without moving it, fewer only at the end; and whether
    /// these are all.
    pub(crate) fn prefix(&mut self, want: usize) -> (&[u8], bool) {
        while self.buffer.len() - self.at < want && !self.ended && self.fault.is_none() {
            self.fill();
        }
        (self.buffer.get(self.at..).unwrap_or_default(), self.ended)
    }

    fn fill(&mut self) {
        // What was passed goes, though not at each call: moving the rest costs as much as it is long.
        if self.at * 2 >= self.buffer.len() {
            self.buffer.drain(..self.at);
            self.at = 0;
        }
        let old = self.buffer.len();
        self.buffer.resize(old + (64 << 10), 0);
        let result = loop {
            let free = self.buffer.get_mut(old..).unwrap_or_default();
            match self.source.read(free) {
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                other => break other,
            }
        };
        let read = *result.as_ref().unwrap_or(&0);
        self.buffer.truncate(old + read);
        match result {
            Ok(0) => {
                self.ended = true;
                self.encoding.end();
            }
            Ok(_) => self.encoding.check(self.buffer.get(old..).unwrap_or_default()),
            Err(error) => self.fault = Some(Fault::of(error)),
        }
    }

    /// Returns what is buffered from the cursor on; empty at the end.
    fn chunk(&mut self) -> Result<&[u8], Stop> {
        while self.at >= self.buffer.len() && !self.ended {
            if let Some(fault) = self.fault.take() {
                self.ended = true;
                return Err(Stop {
                    reason: fault.reason,
                    message: fault.message,
                    place: self.place,
                });
            }
            self.fill();
        }
        Ok(self.buffer.get(self.at..).unwrap_or_default())
    }

    /// Moves the cursor within the buffer.
    fn consume(&mut self, count: usize) {
        let bytes = self.buffer.get(self.at..self.at + count).unwrap_or_default();
        self.place = self.place.after(bytes);
        self.at += bytes.len();
    }

    /// Moves the cursor by `count` bytes, or to the end.
    pub(crate) fn advance(&mut self, mut count: u64) -> Result<(), Stop> {
        while count > 0 {
            let here = (self.chunk()?.len() as u64).min(count);
            if here == 0 {
                break;
            }
            self.consume(usize::try_from(here).unwrap_or(usize::MAX));
            count -= here;
        }
        Ok(())
    }

    /// Skips white space and returns the byte after it without moving further.
    pub(crate) fn peek(&mut self) -> Result<Option<u8>, Stop> {
        loop {
            let chunk = self.chunk()?;
            if chunk.is_empty() {
                return Ok(None);
            }
            match chunk.iter().position(|byte| !is_space(*byte)) {
                Some(blanks) => {
                    let byte = chunk.get(blanks).copied();
                    self.consume(blanks);
                    return Ok(byte);
                }
                None => {
                    let all = chunk.len();
                    self.consume(all);
                }
            }
        }
    }

    /// Moves over `byte` after white space; returns whether it was there.
    pub(crate) fn accept(&mut self, byte: u8) -> Result<bool, Stop> {
        let there = self.peek()? == Some(byte);
        if there {
            self.consume(1);
        }
        Ok(there)
    }

    /// Moves to the beginning of the next line.
    pub(crate) fn skip_line(&mut self) -> Result<(), Stop> {
        loop {
            let chunk = self.chunk()?;
            let found = memchr::memchr(b'\n', chunk);
            let count = found.map_or(chunk.len(), |at| at + 1);
            if count == 0 {
                return Ok(());
            }
            self.consume(count);
            if found.is_some() {
                return Ok(());
            }
        }
    }

    /// Returns the stop that says what was expected here.
    pub(crate) fn unexpected(&mut self, expected: &str) -> Stop {
        let place = self.place;
        match self.peek() {
            Err(stop) => stop,
            Ok(None) => Stop {
                reason: Reason::Truncated,
                message: format!("ends early: expected {expected}"),
                place,
            },
            Ok(Some(byte)) => Stop {
                reason: Reason::ParseError,
                message: format!(
                    "not valid JSON: expected {expected}, found `{}`; the rest was not read",
                    char::from(byte).escape_default()
                ),
                place: self.place,
            },
        }
    }

    /// Takes the object or list that begins after white space if it is sound and of a common size; else moves nothing.
    pub(crate) fn take_sound(&mut self, extent: Extent, max_bytes: u64, limits: &Limits) -> Option<Valid> {
        let mut want = 1;
        let (blanks, length, members) = loop {
            let (bytes, _) = self.prefix(want);
            if bytes.len() < want {
                return None;
            }
            let blanks = bytes.iter().take_while(|byte| is_space(**byte)).count();
            let value = bytes.get(blanks..).unwrap_or_default();
            match value.first() {
                Some(b'{' | b'[') => match pass(value, limits.max_depth) {
                    Pass::Sound(length, members) => break (blanks, length, members),
                    // What was passed is passed again: twice in all, since each time there is twice as much.
                    Pass::Ends if bytes.len() < MAX_WHOLE => want = bytes.len() * 2,
                    Pass::Ends | Pass::Odd => return None,
                },
                None => want = bytes.len() + 1,
                Some(_) => return None,
            }
        };
        let bytes = self.buffer.get(self.at + blanks..self.at + blanks + length)?;
        if length as u64 > max_bytes || (extent == Extent::Line && memchr::memchr(b'\n', bytes).is_some()) {
            return None;
        }
        let text = String::from_utf8(bytes.to_vec()).ok()?;
        self.consume(blanks);
        let place = self.place;
        self.consume(length);
        Some(Valid {
            place,
            length: length as u64,
            raw: RawJson::parsed(text, members),
        })
    }

    /// Takes the JSON value that begins after white space, found by its brackets and quotes only.
    ///
    /// # Errors
    ///
    /// A stop when there is no value, or the text ends inside it.
    pub(crate) fn take(&mut self, extent: Extent, max_bytes: u64, limits: &Limits) -> Result<Taken, Stop> {
        let first = self.peek()?;
        let place = self.place;
        let mut scan = Scan::new(extent, max_bytes, limits.max_depth, place);
        match first {
            Some(b'{' | b'[' | b'"') => {}
            Some(byte) if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'+' | b'.') => scan.bare = true,
            _ => return Err(self.unexpected("a value")),
        }
        loop {
            let before = self.place;
            let chunk = self.chunk()?;
            if chunk.is_empty() {
                if scan.bare {
                    break;
                }
                return Err(Stop {
                    reason: Reason::Truncated,
                    message: format!("ends early, inside the value that begins at line {}", place.line),
                    place: before,
                });
            }
            let (count, done) = scan.feed(chunk, before);
            self.consume(count);
            if done {
                break;
            }
        }
        Ok(Taken {
            place,
            length: self.place.offset - place.offset,
            bytes: scan.bytes,
            problem: scan.problem,
        })
    }
}

/// Larger values are not held in the buffer.
const MAX_WHOLE: usize = 1 << 20;

pub(crate) fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\n' | b'\r' | b'\t')
}

/// Finds the end of a value while its bytes pass by.
struct Scan {
    extent: Extent,
    max_bytes: u64,
    max_depth: usize,
    /// A number, `true`, or whatever else has neither bracket nor quote.
    bare: bool,
    depth: usize,
    quoted: bool,
    escaped: bool,
    length: u64,
    bytes: Vec<u8>,
    problem: Option<(String, Place)>,
    place: Place,
}

impl Scan {
    fn new(extent: Extent, max_bytes: u64, max_depth: usize, place: Place) -> Self {
        Scan {
            extent,
            max_bytes,
            max_depth,
            bare: false,
            depth: 0,
            quoted: false,
            escaped: false,
            length: 0,
            bytes: Vec::new(),
            problem: None,
            place,
        }
    }

    /// Takes bytes of `chunk` and returns how many, and whether the value ends with them.
    fn feed(&mut self, chunk: &[u8], start: Place) -> (usize, bool) {
        let mut end = None;
        let mut deep = None;
        let mut at = 0;
        while end.is_none()
            && let Some(byte) = chunk.get(at).copied()
        {
            if byte == b'\n' && self.extent == Extent::Line {
                end = Some(at);
            } else if self.bare {
                if is_space(byte) || matches!(byte, b',' | b']' | b'}' | b':') {
                    end = Some(at);
                }
                at += 1;
            } else if self.quoted {
                end = self.string(chunk, &mut at);
            } else {
                match byte {
                    b'"' => self.quoted = true,
                    b'{' | b'[' => {
                        self.depth += 1;
                        if self.depth > self.max_depth && deep.is_none() {
                            deep = Some(at);
                        }
                    }
                    b'}' | b']' => {
                        self.depth = self.depth.saturating_sub(1);
                        if self.depth == 0 {
                            end = Some(at + 1);
                        }
                    }
                    _ => {}
                }
                at += 1;
            }
        }
        let count = end.unwrap_or(chunk.len());
        let part = chunk.get(..count).unwrap_or_default();
        self.length += part.len() as u64;
        if let Some(at) = deep {
            let before = chunk.get(..at).unwrap_or_default();
            let place = start.after(before);
            let depth = self.max_depth;
            self.give_up(format!("nested deeper than {depth} levels"), place);
        }
        if self.length > self.max_bytes {
            let limit = self.max_bytes;
            self.give_up(format!("a document larger than {limit} bytes"), self.place);
        }
        if self.problem.is_none() {
            self.bytes.extend_from_slice(part);
        }
        (count, end.is_some())
    }

    /// Moves through a string, to its end or that of the chunk; returns the end of the value where the string is all.
    fn string(&mut self, chunk: &[u8], at: &mut usize) -> Option<usize> {
        if self.escaped {
            self.escaped = false;
            *at += 1;
            return None;
        }
        let rest = chunk.get(*at..).unwrap_or_default();
        let found = match self.extent {
            Extent::Value => memchr::memchr2(b'"', b'\\', rest),
            Extent::Line => memchr::memchr3(b'"', b'\\', b'\n', rest),
        };
        let Some(found) = found else {
            *at = chunk.len();
            return None;
        };
        *at += found;
        match rest.get(found) {
            // The end of the line ends the value, as the caller sees.
            Some(b'\n') => return None,
            Some(b'\\') => self.escaped = true,
            _ => self.quoted = false,
        }
        *at += 1;
        (!self.quoted && self.depth == 0).then_some(*at)
    }

    fn give_up(&mut self, message: String, place: Place) {
        if self.problem.is_none() {
            self.problem = Some((message, place));
            self.bytes = Vec::new();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(count: usize) -> Vec<u8> {
        "{\"a\": \"é\\\"\"}\n".repeat(count).into_bytes()
    }

    #[test]
    fn the_buffer_stays_small_however_long_the_text() {
        let bytes = lines(100_000);
        let mut text = Text::new(Box::new(bytes.as_slice()));
        let limits = Limits::default();
        let mut count = 0;
        while text.peek().unwrap().is_some() {
            let taken = text.take(Extent::Line, 100, &limits).unwrap();
            assert_eq!(taken.place.line, count + 1);
            assert_eq!(taken.place.offset, count * 14);
            assert_eq!(taken.length, 13);
            text.prefix(4096);
            assert!(text.buffer.len() < 300_000, "{}", text.buffer.len());
            count += 1;
        }
        assert_eq!((count, text.malformed()), (100_000, None));
    }

    #[test]
    fn a_line_ends_a_value_even_inside_a_string() {
        let mut text = Text::new(Box::new(b"{\"a\\\n{\"b\": 1}".as_slice()));
        let limits = Limits::default();
        assert_eq!(text.take(Extent::Line, 100, &limits).unwrap().bytes, b"{\"a\\");
        assert_eq!(text.take(Extent::Line, 100, &limits).unwrap().bytes, b"{\"b\": 1}");
    }
}
