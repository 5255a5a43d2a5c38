//! Documents as they stand, for policies that judge them so: JSON and YAML, whatever they hold.
//!
//! A file is one document. Of a file with several (YAML between lines `---`, JSON values one after another, a list at the top)
//! each is one, as conftest has it.

mod value;
mod yaml;

use std::io::Read;

use nephoscope_model::{Dialect, InputRecord, InputUse, Provider, RawJson, Reason, State};
use serde_json::value::RawValue;

use crate::check::{Valid, sound};
use crate::input::{Event, Input, Limits};
use crate::job::Done;
use crate::read::reading;
use crate::sink::{Draft, Sink};
use crate::text::{Extent, Place, Stop, Text};

const JSON: &str = "json";
const YAML: &str = "yaml";

/// The names that the record of an input may have for its format.
pub(crate) const NAMES: [&str; 2] = [JSON, YAML];

/// The native type of every document.
const TYPE: &str = "document";

/// Reads one input in one pass as [`read`](crate::read()) does, but takes its documents as they stand.
///
/// The language is known by the end of the name (`.json`, `.yaml`, …), else by the first character. Found in a folder,
/// only what has such a name is read.
pub fn read_raw(
    input: &Input,
    stdin: Option<&mut dyn Read>,
    limits: &Limits,
    on_event: &mut dyn FnMut(Event),
) -> InputRecord {
    reading(input, stdin, limits, on_event, read_text)
}

fn read_text(
    input: &Input,
    limits: &Limits,
    text: &mut Text<'_>,
    sink: &mut Sink<'_>,
) -> (&'static str, Result<Done, Stop>) {
    let language = language(&input.name);
    if language.is_none() && !input.named {
        let note = "neither JSON nor YAML, by its name";
        return ("", Ok(Done::used(InputUse::NotRecognized, note)));
    }
    let first = match text.peek() {
        Ok(Some(first)) => first,
        Ok(None) => {
            let message = "there is nothing in it";
            sink.broken(Reason::Truncated, message, Place::START);
            return ("", Ok(Done::used(InputUse::Failed, message)));
        }
        Err(stop) => return ("", Err(stop)),
    };
    let language = language.unwrap_or(if matches!(first, b'{' | b'[') { JSON } else { YAML });
    let result = match language {
        JSON => read_json(text, limits, sink),
        _ => yaml::read(text, limits, sink),
    };
    (language, result.map(|()| Done::default()))
}

/// Returns the language that the end of a name stands for.
fn language(name: &str) -> Option<&'static str> {
    let name = name.to_ascii_lowercase();
    let name = name
        .strip_suffix(".gz")
        .or_else(|| name.strip_suffix(".zst"))
        .unwrap_or(&name);
    let ends = |ends: &[&str]| ends.iter().any(|end| name.ends_with(end));
    if ends(&[".json", ".ndjson", ".jsonl"]) {
        return Some(JSON);
    }
    ends(&[".yaml", ".yml"]).then_some(YAML)
}

fn read_json(text: &mut Text<'_>, limits: &Limits, sink: &mut Sink<'_>) -> Result<(), Stop> {
    // The first value waits until it is known whether it is the only one.
    let mut first: Option<Valid> = None;
    let mut count = 0_u64;
    while text.peek()?.is_some() {
        if let Some(first) = first.take() {
            give_value(first, Some(0), sink);
        }
        let taken = text.take(Extent::Value, limits.max_document_bytes, limits)?;
        if let Some(value) = sound(taken, sink) {
            match count {
                0 => first = Some(value),
                _ => give_value(value, Some(count), sink),
            }
        }
        count += 1;
    }
    let Some(only) = first else { return Ok(()) };
    let Ok(elements) = serde_json::from_str::<Vec<&RawValue>>(only.raw.get()) else {
        give_value(only, None, sink);
        return Ok(());
    };
    for (index, element) in (0..).zip(elements) {
        let (place, length) = (only.place_of(element), element.get().len() as u64);
        give(element.to_owned().into(), place, length, Some(index), sink);
    }
    Ok(())
}

fn give_value(value: Valid, index: Option<u64>, sink: &mut Sink<'_>) {
    give(value.raw, value.place, value.length, index, sink);
}

/// Gives a document; `index` is its place among several.
fn give(body: RawJson, place: Place, length: u64, index: Option<u64>, sink: &mut Sink<'_>) {
    if !body.get().starts_with(['{', '[']) {
        // Almost any text is a value of YAML: a file of another language would pass unseen.
        let message = "a document has to be an object or a list";
        return sink.broken(Reason::ParseError, message, place);
    }
    let draft = Draft {
        provider: Provider::File,
        native_type: TYPE.to_owned(),
        dialect: Dialect::Raw,
        observed_at: None,
        state: State::Live,
        body,
    };
    let pointer = index.map(|index| format!("/{index}")).unwrap_or_default();
    sink.document(draft, place, length, pointer);
}
