//! YAML, document by document.

use nephoscope_model::{RawJson, Reason};
use serde_json::Value;

use super::give;
use crate::input::Limits;
use crate::sink::Sink;
use crate::text::{Place, Stop, Text};

/// Reads a text, which is held whole: no more than one document may be long.
pub(super) fn read(text: &mut Text<'_>, limits: &Limits, sink: &mut Sink<'_>) -> Result<(), Stop> {
    let start = text.place();
    let most = usize::try_from(limits.max_document_bytes).unwrap_or(usize::MAX);
    let (bytes, _) = text.prefix(most.saturating_add(1));
    if bytes.len() > most {
        return Err(Stop {
            reason: Reason::NotRead,
            message: format!("longer than {most} bytes, which a document may have (--max-document-mib)"),
            place: start,
        });
    }
    let bytes = bytes.to_vec();
    // What could not be read to its end says so when it is passed.
    text.advance(bytes.len() as u64 + 1)?;
    let whole = String::from_utf8(bytes).map_err(|error| Stop {
        reason: Reason::ParseError,
        message: "not valid UTF-8".to_owned(),
        place: start.after(
            error
                .as_bytes()
                .get(..error.utf8_error().valid_up_to())
                .unwrap_or_default(),
        ),
    })?;
    let parts = parts(&whole);
    let several = parts.len() > 1;
    for (index, part) in (0..).zip(parts) {
        let place = start.after(whole.get(..part.offset).unwrap_or_default().as_bytes());
        match super::value::parse(part.text) {
            Ok(Value::Array(list)) if !several => {
                for (index, element) in (0..).zip(&list) {
                    give_value(element, place, part.text, Some(index), sink);
                }
            }
            Ok(value) => give_value(&value, place, part.text, several.then_some(index), sink),
            Err(error) => {
                let line = error.location().map_or(1, |location| location.line());
                let message = error.without_snippet().to_string();
                let message = message.lines().next().unwrap_or_default();
                let what = message.split(" at line ").next().unwrap_or(message);
                let what = what.strip_prefix("error: ").unwrap_or(what);
                let place = Place {
                    line: place.line + line.saturating_sub(1),
                    ..place
                };
                sink.broken(Reason::ParseError, format!("not valid YAML: {what}"), place);
            }
        }
    }
    Ok(())
}

fn give_value(value: &Value, place: Place, text: &str, index: Option<u64>, sink: &mut Sink<'_>) {
    // INVARIANT: a value is written without an error, and what is written is JSON.
    if let Ok(body) = RawJson::parse(value.to_string()) {
        give(body, place, text.len() as u64, index, sink);
    }
}

/// One document in a text.
#[derive(Debug, Default, PartialEq, Eq)]
struct Part<'t> {
    offset: usize,
    text: &'t str,
}

/// Cuts a text into its documents; of nothing but comments there is none.
fn parts(text: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let (mut start, mut at) = (0, 0);
    let (mut marked, mut holds) = (false, false);
    let mut cut = |start: usize, end: usize, holds: bool| {
        if let (true, Some(part)) = (holds, text.get(start..end)) {
            parts.push(Part {
                offset: start,
                text: part,
            });
        }
    };
    for line in text.split_inclusive('\n') {
        let end = at + line.len();
        let trimmed = line.trim();
        let marker = |mark: &str| {
            line.strip_prefix(mark)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t', '\r', '\n']))
        };
        if marker("---") {
            // Directives stand before the mark of their document.
            if marked || holds {
                cut(start, at, holds);
                start = at;
            }
            marked = true;
            let rest = trimmed.trim_start_matches('-').trim_start();
            holds = !rest.is_empty() && !rest.starts_with('#');
        } else if marker("...") {
            cut(start, at, holds);
            (start, marked, holds) = (end, false, false);
        } else {
            holds |= !trimmed.is_empty() && !trimmed.starts_with('#') && (marked || !line.starts_with('%'));
        }
        at = end;
    }
    cut(start, at, holds);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str) -> Vec<&str> {
        parts(text).into_iter().map(|part| part.text).collect()
    }

    #[test]
    fn documents_end_at_marks_only() {
        assert_eq!(texts("a: 1\nb: |\n  x\n  --- y\n"), ["a: 1\nb: |\n  x\n  --- y\n"]);
        assert_eq!(texts("---\na: 1\n---\n# none\n---\nb: 2"), ["---\na: 1\n", "---\nb: 2"]);
        assert_eq!(texts("%YAML 1.2\n---\na: 1\n...\n# c\n"), ["%YAML 1.2\n---\na: 1\n"]);
        assert_eq!(
            texts("--- {a: 1}\n--- # c\n----: 2\n"),
            ["--- {a: 1}\n", "--- # c\n----: 2\n"]
        );
        assert!(texts("# nothing\n---\n").is_empty());
    }

    #[test]
    fn a_part_knows_where_it_stands() {
        let text = "a: 1\n---\nb: 2\n";
        assert_eq!(parts(text).last().map(|part| part.offset), Some(5));
    }
}
