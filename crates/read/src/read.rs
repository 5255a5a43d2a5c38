//! One input from its first byte to its record.

use std::io::{self, Read};

use nephoscope_model::{InputRecord, InputUse, Reason};

use crate::decode::{self, Decoded, Fault};
use crate::formats::{self, CLOUDFORMATION_YAML, Format};
use crate::input::{Event, Input, Limits};
use crate::job::{Done, Job};
use crate::shape::{Ending, Shape, outline};
use crate::sink::Sink;
use crate::text::{Place, Stop, Text};

/// Bytes looked at to recognize a format, first and at most.
const LOOK: usize = 64 << 10;
const LOOK_FURTHER: usize = 1 << 20;

/// Reads one input in one pass, giving events in order. What went wrong is a gap and stands in the record.
///
/// `stdin` is read when the input has no path.
pub fn read(
    input: &Input,
    stdin: Option<&mut dyn Read>,
    limits: &Limits,
    on_event: &mut dyn FnMut(Event),
) -> InputRecord {
    reading(input, stdin, limits, on_event, read_text)
}

/// Reads a text to its end: its format, and what was learned of it.
type ReadText = fn(&Input, &Limits, &mut Text<'_>, &mut Sink<'_>) -> (&'static str, Result<Done, Stop>);

/// Opens an input, has its text read, and makes its record.
pub(crate) fn reading(
    input: &Input,
    stdin: Option<&mut dyn Read>,
    limits: &Limits,
    on_event: &mut dyn FnMut(Event),
    read_text: ReadText,
) -> InputRecord {
    let mut sink = Sink::new(&input.name, on_event);
    let opened = match (&input.path, stdin) {
        (Some(path), _) => decode::open(path, limits),
        (None, Some(stdin)) => decode::decode(stdin, limits),
        (None, None) => Err(io::Error::new(io::ErrorKind::NotFound, "there is no standard input")),
    };
    let (format, done, bytes) = match opened {
        Ok(Decoded { reader, stored }) => {
            let mut text = Text::new(reader);
            let (format, result) = read_text(input, limits, &mut text, &mut sink);
            let done = result.unwrap_or_else(|stop| {
                sink.broken(stop.reason, stop.message, stop.place);
                Done::default()
            });
            if let Some(offset) = text.malformed().filter(|_| sink.incomplete == 0 && !skipped(&done)) {
                let place = Place { offset, ..text.place() };
                sink.broken(Reason::ParseError, "not valid UTF-8", place);
            }
            sink.finish(text.place());
            (format, done, stored.get())
        }
        Err(error) => {
            let fault = Fault::of(error);
            sink.broken(fault.reason, fault.message, Place::START);
            ("", Done::default(), 0)
        }
    };
    let size = input.path.as_ref().and_then(|path| std::fs::metadata(path).ok());
    InputRecord {
        name: input.name.clone(),
        format: done.format.unwrap_or(format).to_owned(),
        used: used(&done, &sink),
        documents: sink.documents,
        bytes: size.filter(std::fs::Metadata::is_file).map_or(bytes, |size| size.len()),
        note: done.note,
    }
}

/// Returns whether the text was not read because it is of no known format.
fn skipped(done: &Done) -> bool {
    done.used == Some(InputUse::NotRecognized)
}

fn used(done: &Done, sink: &Sink<'_>) -> InputUse {
    match done.used {
        _ if sink.documents == 0 && sink.incomplete > 0 => InputUse::Failed,
        Some(used) => used,
        None if sink.documents > 0 => InputUse::Inventory,
        None => InputUse::Empty,
    }
}

/// What the beginning of a text shows.
struct Look {
    format: Option<&'static Format>,
    outline: Option<(Shape, Ending)>,
    /// Whether the whole text was seen.
    whole: bool,
}

fn look(text: &mut Text<'_>) -> Look {
    let mut want = LOOK;
    loop {
        let (bytes, whole) = text.prefix(want);
        let outline = outline(bytes);
        let format = outline.as_ref().and_then(|(shape, _)| formats::recognize(shape));
        if format.is_some() || whole || want >= LOOK_FURTHER || outline.is_none() || text.broken_off() {
            return Look { format, outline, whole };
        }
        want = LOOK_FURTHER;
    }
}

fn read_text(
    input: &Input,
    limits: &Limits,
    text: &mut Text<'_>,
    sink: &mut Sink<'_>,
) -> (&'static str, Result<Done, Stop>) {
    let place = text.place();
    match text.peek() {
        Err(stop) => return ("", Err(stop)),
        Ok(None) => return ("", Ok(empty(input, sink, text.place().offset == place.offset))),
        Ok(Some(_)) => {}
    }
    let mut seen = look(text);
    let mut note = None;
    if seen.format.is_none()
        && let Some(found) = behind_noise(text)
    {
        note = Some(format!("{} lines before the plan that are not JSON", found.lines));
        if let Err(stop) = text.advance(found.bytes) {
            return ("", Err(stop));
        }
        seen = look(text);
    }
    let (Some(format), Some((shape, _))) = (seen.format, &seen.outline) else {
        return unknown(input, text, sink, &seen);
    };
    let mut job = Job {
        input,
        limits,
        shape,
        wrapped: note.is_some(),
        text,
        sink,
    };
    let mut result = (format.read)(&mut job);
    if let (Ok(done), Some(note)) = (&mut result, note) {
        done.note = Some(match done.note.take() {
            Some(other) => format!("{note}; {other}"),
            None => note,
        });
    }
    (format.name, result)
}

/// AWS Config writes this empty object to prove that it may write to the bucket.
const WRITABILITY: &str = "ConfigWritabilityCheckFile";

fn empty(input: &Input, sink: &mut Sink<'_>, no_bytes: bool) -> Done {
    let note = if no_bytes {
        "empty file"
    } else {
        "nothing but white space"
    };
    let name = input.name.rsplit('/').next().unwrap_or_default();
    // An export that died leaves an empty file behind; a folder also holds empty files that are none of ours.
    let data = [".json", ".ndjson", ".jsonl", ".gz", ".zst", ".tfplan"];
    if !input.named && (name == WRITABILITY || !data.iter().any(|end| name.to_ascii_lowercase().ends_with(end))) {
        return Done::used(InputUse::NotRecognized, note);
    }
    sink.broken(Reason::Truncated, note, Place::START);
    Done::used(InputUse::Failed, note)
}

/// Says what becomes of a text of no known format.
fn unknown(input: &Input, text: &mut Text<'_>, sink: &mut Sink<'_>, seen: &Look) -> (&'static str, Result<Done, Stop>) {
    let start = text.place();
    if text.broken_off() {
        // Damaged before its format could be told: nobody knows what was in it.
        let rest = loop {
            match text.advance(1 << 20) {
                Ok(()) if text.broken_off() => {}
                Ok(()) => break None,
                Err(stop) => break Some(stop),
            }
        };
        if let Some(stop) = rest {
            return ("", Err(stop));
        }
    }
    let (message, offset, cut) = match &seen.outline {
        None => {
            let (bytes, _) = text.prefix(LOOK);
            if formats::is_yaml(&String::from_utf8_lossy(bytes)) {
                return (CLOUDFORMATION_YAML, Ok(formats::read_yaml(input, sink)));
            }
            ("no known format: not JSON", 0, false)
        }
        Some((_, Ending::Cut)) if seen.whole => ("ends early, inside a JSON value of no known format", 0, true),
        Some((_, Ending::Broken(at))) => ("no known format: not valid JSON", *at, false),
        Some((Shape::Array(None), _)) => (
            "an empty JSON list, which does not say what it is an inventory of",
            0,
            false,
        ),
        Some((Shape::Object(members), _)) if members.is_empty() => (
            "an empty JSON object, which does not say what it is an inventory of",
            0,
            false,
        ),
        Some(_) => ("no known format", 0, false),
    };
    if !input.named && !cut {
        return ("", Ok(Done::used(InputUse::NotRecognized, message)));
    }
    let reason = if cut { Reason::Truncated } else { Reason::ParseError };
    let mut place = start;
    if offset > 0 && text.advance(offset as u64).is_ok() {
        place = text.place();
    }
    sink.broken(reason, message, place);
    ("", Ok(Done::used(InputUse::Failed, message)))
}

/// Lines that a build wrapper wrote before a plan.
struct Noise {
    bytes: u64,
    lines: u64,
}

/// Looks for a plan that begins on a later line.
fn behind_noise(text: &mut Text<'_>) -> Option<Noise> {
    let (bytes, _) = text.prefix(LOOK_FURTHER);
    let mut noise = Noise { bytes: 0, lines: 0 };
    // A wrapper writes a few lines; a long text is something else.
    for line in bytes.split_inclusive(|byte| *byte == b'\n').take(50) {
        if line.first() == Some(&b'{') && noise.lines > 0 {
            let start = usize::try_from(noise.bytes).ok()?;
            let found = outline(bytes.get(start..)?);
            if let Some((shape, _)) = found
                && formats::recognize(&shape).is_some_and(|format| format.name == "terraform_plan")
            {
                return Some(noise);
            }
        }
        noise.bytes += line.len() as u64;
        noise.lines += 1;
    }
    None
}
