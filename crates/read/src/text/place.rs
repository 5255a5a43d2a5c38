//! Places in a text, by bytes, lines and characters.

/// A place in the decoded text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Place {
    /// Bytes before it.
    pub(crate) offset: u64,
    /// Line, from 1.
    pub(crate) line: u64,
    /// Characters before it on that line.
    pub(crate) column: u64,
}

impl Place {
    /// The beginning of a text.
    pub(crate) const START: Place = Place {
        offset: 0,
        line: 1,
        column: 0,
    };

    /// Returns the place after `passed`, which begins here.
    pub(crate) fn after(self, passed: &[u8]) -> Place {
        let newline = memchr::memrchr(b'\n', passed);
        let on_line = newline.map_or(passed, |at| passed.get(at + 1..).unwrap_or_default());
        let lines = newline.map_or(0, |_| memchr::memchr_iter(b'\n', passed).count());
        Place {
            offset: self.offset + passed.len() as u64,
            line: self.line + lines as u64,
            column: characters(on_line) + if newline.is_some() { 0 } else { self.column },
        }
    }
}

/// Counts the characters that begin in a piece of UTF-8.
pub(crate) fn characters(bytes: &[u8]) -> u64 {
    // Nearly all text, and known many bytes at a time.
    if bytes.is_ascii() {
        return bytes.len() as u64;
    }
    bytes.iter().filter(|byte| (**byte & 0xc0) != 0x80).count() as u64
}
