//! Text from the cloud on its way to a terminal, a log or a parser: made visible, cut, wrapped.
//!
//! Whoever may name a resource may write anything into the name. Escape sequences would drive the terminal, bidirectional controls
//! would reorder what is read, line breaks would forge lines, `::` and `##[` would give orders to the runners of GitHub and Azure.

use std::borrow::Cow;
use std::io::{self, Write};

use nephoscope_model::Location;
use serde::Serialize;
use serde_json::ser::{CompactFormatter, Formatter, PrettyFormatter, Serializer};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::format::ReportError;

/// The longest name, id or path that a line shows.
pub(crate) const NAME: usize = 200;
/// The longest message that a line shows; code scanning takes 1,024 characters.
pub(crate) const MESSAGE: usize = 1_000;

/// Returns whether a character shows nothing itself and changes how others are shown or parsed.
///
/// C0, C1, bidirectional and other format controls, line separators, tag characters, and what XML 1.0 does not allow.
pub fn is_hidden(character: char) -> bool {
    matches!(character,
        '\u{0}'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{ad}' | '\u{61c}' | '\u{180e}'
        | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
        || u32::from(character) & 0xfffe == 0xfffe
}

/// Returns `text` as one harmless line: hidden characters as escapes such as `\u{1b}`, and no order to a CI runner.
///
/// GitHub's runner obeys `::name::` at the start of a line, after blanks, and `##[name]` anywhere; Azure's agent `##vso[` anywhere.
pub(crate) fn visible(text: &str) -> Cow<'_, str> {
    let mut shown = Cow::Borrowed(text);
    if text.chars().any(is_hidden) {
        let mut escaped = String::with_capacity(text.len() + 16);
        for character in text.chars() {
            if is_hidden(character) {
                escaped.extend(character.escape_default());
            } else {
                escaped.push(character);
            }
        }
        shown = Cow::Owned(escaped);
    }
    for (order, harmless) in [("##[", "#\\u{23}["), ("##vso[", "#\\u{23}vso[")] {
        if shown.contains(order) {
            shown = Cow::Owned(shown.replace(order, harmless));
        }
    }
    if shown.split_whitespace().any(is_order) {
        let mut escaped = String::with_capacity(shown.len() + 8);
        let mut rest = shown.as_ref();
        while let Some(start) = rest.find(|character: char| !character.is_whitespace()) {
            let (blanks, words) = rest.split_at(start);
            let end = words.find(char::is_whitespace).unwrap_or(words.len());
            let (word, after) = words.split_at(end);
            escaped.push_str(blanks);
            match word.strip_prefix(':') {
                Some(order) if is_order(word) => {
                    escaped.push_str("\\u{3a}");
                    escaped.push_str(order);
                }
                _ => escaped.push_str(word),
            }
            rest = after;
        }
        escaped.push_str(rest);
        shown = Cow::Owned(escaped);
    }
    shown
}

/// Returns whether a word that wrapping may put first on a line begins with the name of an order; `::/0` does not.
fn is_order(word: &str) -> bool {
    word.strip_prefix("::")
        .is_some_and(|name| name.starts_with(|first: char| first.is_ascii_alphabetic()))
}

/// Returns `text` in at most `limit` characters: its beginning, `…` and its end, where names differ most.
pub(crate) fn cut(text: &str, limit: usize) -> Cow<'_, str> {
    let count = text.chars().count();
    if count <= limit {
        return Cow::Borrowed(text);
    }
    let kept = limit.saturating_sub(1);
    let tail = kept / 4;
    let head: String = text.chars().take(kept - tail).collect();
    let end: String = text.chars().skip(count - tail).collect();
    Cow::Owned(format!("{head}…{end}"))
}

/// Returns `text` visible and cut.
pub(crate) fn line(text: &str, limit: usize) -> String {
    cut(&visible(text), limit).into_owned()
}

/// Returns the columns that `text` takes on a terminal.
pub(crate) fn width(text: &str) -> usize {
    text.width()
}

/// Returns the columns that a character takes on a terminal.
pub(crate) fn char_width(character: char) -> usize {
    character.width().unwrap_or(0)
}

/// Breaks `text` at blanks into lines of at most `columns`; a longer word has a line of its own.
pub(crate) fn wrap(text: &str, columns: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut current = String::new();
    let mut used = 0;
    for word in text.split_whitespace() {
        let wide = width(word);
        if used > 0 && used + 1 + wide > columns {
            lines.push(std::mem::take(&mut current));
            used = 0;
        }
        if used > 0 {
            current.push(' ');
            used += 1;
        }
        current.push_str(word);
        used += wide;
    }
    if used > 0 {
        lines.push(current);
    }
    lines
}

/// Returns `file:line:column`, as far as known.
pub(crate) fn place(location: &Location) -> String {
    let file = match location.origin.file.as_ref() {
        "-" => "standard input",
        file => file,
    };
    match (location.line, location.column) {
        (None, _) => file.to_owned(),
        (Some(line), None) => format!("{file}:{line}"),
        (Some(line), Some(column)) => format!("{file}:{line}:{column}"),
    }
}

/// Returns `1 word` or `2 words`.
pub(crate) fn count(number: u64, one: &str) -> String {
    match number {
        1 => format!("1 {one}"),
        _ => format!("{} {one}s", thousands(number)),
    }
}

/// Returns a number with commas between groups of three digits.
pub(crate) fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// Writes `value` as indented JSON with a final line break, every hidden character escaped.
pub(crate) fn write_pretty<T: Serialize>(value: &T, out: &mut dyn Write) -> Result<(), ReportError> {
    value.serialize(&mut Serializer::with_formatter(
        &mut *out,
        Escaping(PrettyFormatter::new()),
    ))?;
    Ok(out.write_all(b"\n")?)
}

/// Returns `value` as JSON on one line, with what reports hide escaped.
///
/// # Errors
///
/// When the value cannot be written as JSON.
pub fn compact<T: Serialize>(value: &T) -> serde_json::Result<String> {
    // Most findings fit.
    let mut bytes = Vec::with_capacity(1 << 10);
    value.serialize(&mut Serializer::with_formatter(&mut bytes, Escaping(CompactFormatter)))?;
    // The serializer writes UTF-8.
    String::from_utf8(bytes).map_err(serde::ser::Error::custom)
}

/// Writes `value` as JSON on one line with a final line break, every hidden character escaped.
pub(crate) fn write_compact<T: Serialize>(value: &T, out: &mut dyn Write) -> Result<(), ReportError> {
    value.serialize(&mut Serializer::with_formatter(&mut *out, Escaping(CompactFormatter)))?;
    Ok(out.write_all(b"\n")?)
}

/// JSON whose strings hold the same values in safer bytes: hidden characters, `<` (for pages that embed it) and runner orders as `\uXXXX`.
struct Escaping<F>(F);

impl<F: Formatter> Formatter for Escaping<F> {
    fn write_string_fragment<W: ?Sized + Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        // Nearly all that is written; to look at every byte is quicker than to stop at the first odd one.
        let plain = |byte: u8| matches!(byte, b' '..=b'~') & (byte != b'<') & (byte != b'#');
        if fragment.bytes().fold(true, |all, byte| all & plain(byte)) {
            return writer.write_all(fragment.as_bytes());
        }
        if !fragment
            .chars()
            .any(|character| character == '<' || is_hidden(character))
            && !fragment.contains("##")
        {
            return writer.write_all(fragment.as_bytes());
        }
        let mut previous = ' ';
        for character in fragment.chars() {
            let mut units = [0; 2];
            if character == '<' || is_hidden(character) || (previous == '#' && character == '#') {
                for unit in character.encode_utf16(&mut units) {
                    write!(writer, "\\u{unit:04x}")?;
                }
            } else {
                let mut bytes = [0; 4];
                writer.write_all(character.encode_utf8(&mut bytes).as_bytes())?;
            }
            previous = character;
        }
        Ok(())
    }

    fn begin_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_array(writer)
    }
    fn end_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_array(writer)
    }
    fn begin_array_value<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_array_value(writer, first)
    }
    fn end_array_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_array_value(writer)
    }
    fn begin_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_object(writer)
    }
    fn end_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_object(writer)
    }
    fn begin_object_key<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_object_key(writer, first)
    }
    fn end_object_key<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_object_key(writer)
    }
    fn begin_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_object_value(writer)
    }
    fn end_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_object_value(writer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn controls_are_shown_and_orders_are_broken() {
        assert_eq!(visible("a\u{1b}[31m\u{202e}b\n"), "a\\u{1b}[31m\\u{202e}b\\n");
        assert_eq!(
            visible("::error::x AWS::S3::Bucket"),
            "\\u{3a}:error::x AWS::S3::Bucket"
        );
        assert_eq!(visible("x ##vso[task] ##[x]"), "x #\\u{23}vso[task] #\\u{23}[x]");
        assert!(matches!(visible("plain ü 漢"), Cow::Borrowed(_)));
    }

    #[test]
    fn a_long_name_keeps_its_beginning_and_end() {
        let shown = cut("abcdefghijklmnopqrstuvwxyz", 9);
        assert_eq!(shown, "abcdef…yz");
        assert_eq!(shown.chars().count(), 9);
    }

    #[test]
    fn json_keeps_the_value_and_hides_nothing() {
        let text = "</script>\u{202e}##[x] \u{1f600}\u{e0041}";
        let mut bytes = Vec::new();
        write_compact(&text, &mut bytes).unwrap();
        let written = String::from_utf8(bytes).unwrap();
        assert!(
            !written.contains('<') && !written.contains('\u{202e}') && !written.contains("##["),
            "{written}"
        );
        assert_eq!(serde_json::from_str::<String>(&written).unwrap(), text);
    }

    #[test]
    fn numbers_are_grouped() {
        assert_eq!(
            (thousands(999), thousands(1_234_567)),
            ("999".into(), "1,234,567".into())
        );
    }

    #[test]
    fn words_wrap_by_columns_not_bytes() {
        assert_eq!(wrap("漢漢 漢漢 ab", 7), ["漢漢", "漢漢 ab"]);
    }
}
