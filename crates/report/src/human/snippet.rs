//! The lines of the source that hold an offending value, with a mark under it.

use std::io;

use nephoscope_model::Location;

use super::screen::{BAD, LINK, Screen};
use crate::text::{self, NAME};

/// Columns kept before the value when a line is too long to show whole.
const LEAD: usize = 12;

/// Writes where a finding stands and the source there.
pub(super) fn write(location: &Location, pointer_too: bool, screen: &mut Screen<'_>) -> io::Result<()> {
    let last = location
        .line
        .map(|line| u64::from(line) + location.snippet.len().saturating_sub(1) as u64);
    let gutter = last.map_or(1, |last| last.to_string().len());
    let blanks = " ".repeat(gutter);

    let mut place = text::place(location);
    if pointer_too || location.line.is_none() {
        let pointer = format!("{}{}", location.origin.pointer, location.pointer);
        if !pointer.is_empty() {
            place.push_str(&format!(" at {pointer}"));
        }
        if location.line.is_none() {
            place.push_str(&format!(", in the document at byte {}", location.origin.offset));
        }
    }
    let arrow = screen.paint(LINK, "-->");
    screen.line(&format!("  {blanks}{arrow} {}", text::line(&place, 2 * NAME)))?;

    if location.snippet.is_empty() {
        return Ok(());
    }
    let bar = screen.paint(LINK, "|");
    screen.line(&format!("  {blanks} {bar}"))?;
    let room = screen.width().saturating_sub(gutter + 5);
    for (index, source) in location.snippet.iter().enumerate() {
        let number = location
            .line
            .map_or_else(String::new, |line| (u64::from(line) + index as u64).to_string());
        let column = if index == 0 { location.mark } else { None };
        let shown = fit(source, column, room);
        let number = screen.paint(LINK, &format!("{number:>gutter$}"));
        screen.line(&format!("  {number} {bar} {}", shown.text))?;
        if let Some((offset, length)) = shown.mark {
            // The value ends where the line does only when the line is all there is of it.
            let length = if location.snippet.len() == 1 { length } else { 1 };
            let mark = screen.paint(BAD, &"^".repeat(length));
            screen.line(&format!("  {blanks} {bar} {}{mark}", " ".repeat(offset)))?;
        }
    }
    Ok(())
}

struct Shown {
    text: String,
    /// Columns before the mark, and its length.
    mark: Option<(usize, usize)>,
}

/// Makes a source line visible and fits it into `room` columns, so that the value at `column` stays in view.
fn fit(source: &str, column: Option<u32>, room: usize) -> Shown {
    let before = column.map(|column| column.saturating_sub(1) as usize);
    // The line in cells of one character each: what is shown of it and how wide that is.
    let mut cells: Vec<(String, usize)> = Vec::new();
    for character in source.trim_end().chars() {
        let shown = match character {
            '\t' => " ".to_owned(),
            other if text::is_hidden(other) => other.escape_default().to_string(),
            other => other.to_string(),
        };
        let wide = if shown.chars().nth(1).is_some() {
            shown.len()
        } else {
            text::char_width(character).max(usize::from(character == '\t'))
        };
        cells.push((shown, wide));
    }
    let total: usize = cells.iter().map(|(_, wide)| wide).sum();
    let mut start = 0;
    if total > room
        && let Some(before) = before
    {
        start = before.min(cells.len()).saturating_sub(LEAD);
    }

    let mut line = String::new();
    let mut used = 0;
    if start > 0 {
        line.push('…');
        used = 1;
    }
    let mut offset = None;
    let mut end = used;
    for (index, (shown, wide)) in cells.iter().enumerate().skip(start) {
        if before == Some(index) {
            offset = Some(used);
        }
        if used + wide + 1 > room && index + 1 < cells.len() {
            line.push('…');
            break;
        }
        line.push_str(shown);
        used += wide;
        if shown != "," {
            end = used;
        }
    }
    Shown {
        text: orders_broken(&line),
        mark: offset.map(|offset| (offset, end.saturating_sub(offset).max(1))),
    }
}

/// Breaks runner orders that act anywhere in a line, by characters of the same width so that the mark stays where it is.
fn orders_broken(line: &str) -> String {
    line.replace("##[", "#\u{266f}[").replace("##vso[", "#\u{266f}vso[")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mark_stands_under_the_value() {
        let shown = fit("  \"principal\": \"*\",", Some(16), 80);
        assert_eq!(shown.text, "  \"principal\": \"*\",");
        assert_eq!(shown.mark, Some((15, 3)));
    }

    #[test]
    fn a_long_line_is_cut_around_the_value() {
        let source = format!("{}VALUE{}", "x".repeat(500), "y".repeat(500));
        let shown = fit(&source, Some(501), 40);
        let (offset, _) = shown.mark.unwrap();
        assert_eq!(shown.text.chars().skip(offset).take(5).collect::<String>(), "VALUE");
        assert!(text::width(&shown.text) <= 40, "{}", shown.text);
    }

    #[test]
    fn wide_and_hidden_characters_move_the_mark() {
        assert_eq!(fit("漢x", Some(2), 80).mark, Some((2, 1)));
        let shown = fit("\u{1b}x", Some(2), 80);
        assert_eq!((shown.text.as_str(), shown.mark), ("\\u{1b}x", Some((6, 1))));
    }

    #[test]
    fn a_column_past_the_line_has_no_mark() {
        assert_eq!(fit("short", Some(90), 80).mark, None);
    }
}
