//! Finding again what a report talks about: line, column and a few lines of text.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use nephoscope_model::{Dialect, Document, Location, Origin};

use crate::decode;
use crate::input::Limits;
use crate::position::{Index, Place, value_end};
use crate::text::characters;

/// A value found again in its file, after decompression and transcoding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
    /// Where the value begins in the first line of the snippet, in characters, from 1.
    pub mark: u32,
    /// The value with its key and nothing beside it, which may be a secret: up to twelve lines, each cut to a readable width.
    pub snippet: Vec<String>,
}

impl Found {
    /// Notes it in a location.
    pub fn note(self, location: &mut Location) {
        location.line = Some(self.line);
        location.column = Some(self.column);
        location.mark = Some(self.mark);
        location.snippet = self.snippet;
    }
}

/// Returns where the value at each pointer into the document at each origin stands; see [`Locator::find`]. Each file is
/// read once.
pub fn locate(lookups: &[(Origin, String)], limits: &Limits) -> Vec<Option<Found>> {
    Locator::new(limits).find(lookups)
}

/// Returns where the value at each pointer into a document stands, as [`locate`] does, while the document is at hand. `None`
/// where it takes the text around it: for the document as a whole, and where its body is not the text.
pub fn show(document: &Document, pointers: &[&str]) -> Vec<Option<Found>> {
    let mut found = vec![None; pointers.len()];
    let Some(begin) = document.begin.filter(|_| document.dialect != Dialect::TerraformPlan) else {
        return found;
    };
    let text = document.body.get();
    let passage = Passage {
        line: begin.line,
        column: begin.column,
        head: String::new(),
        text: text.into(),
    };
    let mut index = Index::of(&document.body);
    let places = (0..)
        .zip(pointers)
        .map(|(number, pointer)| (0, text.len() as u64, index.find(pointer), number));
    let places = places.filter(|(_, _, place, _)| place.at > 0).collect();
    passage.show(places, |number, shown| {
        if let Some(slot) = found.get_mut(number) {
            *slot = Some(shown);
        }
    });
    found
}

/// Finds values again in the order in which they stand, so that each file is read once however many there are.
pub struct Locator<'l> {
    limits: &'l Limits,
    /// The file that was asked for last; without a reader when it cannot be read.
    current: Option<(String, Option<Cursor<'static>>)>,
}

impl<'l> Locator<'l> {
    /// Returns a locator that reads files within `limits`.
    pub fn new(limits: &'l Limits) -> Self {
        Locator { limits, current: None }
    }

    /// Returns where the value at each pointer into the document at each origin stands; `None` where the file cannot
    /// be read again. The result is parallel to `lookups`.
    ///
    /// Where the value is absent, the nearest value above it is found. A pointer leads through strings that hold
    /// JSON, and from a planned resource's `/values` to the plan's `change.after`.
    ///
    /// Of several calls each should ask for what stands behind all that the last one asked for in the same file, else the
    /// file is read again from its start.
    pub fn find(&mut self, lookups: &[(Origin, String)]) -> Vec<Option<Found>> {
        let mut found = vec![None; lookups.len()];
        // INVARIANT: indexes are positions in `lookups`, so that `get_mut` below finds a slot.
        let mut files: BTreeMap<&str, BTreeMap<(u64, u64), Vec<usize>>> = BTreeMap::new();
        for (index, (origin, _)) in lookups.iter().enumerate() {
            let range = (origin.offset, origin.length);
            files
                .entry(&origin.file)
                .or_default()
                .entry(range)
                .or_default()
                .push(index);
        }
        for (file, ranges) in files {
            for span in spans(ranges) {
                let Some(cursor) = self.cursor(file, span.offset) else {
                    break;
                };
                let Some(passage) = cursor.passage(span.offset, span.length) else {
                    break;
                };
                find_in(&passage, span, lookups, |index, shown| {
                    if let Some(slot) = found.get_mut(index) {
                        *slot = Some(shown);
                    }
                });
            }
        }
        found
    }

    /// Returns a reader of `file` that stands at or before `offset`.
    fn cursor(&mut self, file: &str, offset: u64) -> Option<&mut Cursor<'static>> {
        let stands = matches!(&self.current, Some((name, cursor)) if name == file
            && cursor.as_ref().is_none_or(|cursor| cursor.offset <= offset));
        if !stands {
            self.current = Some((file.to_owned(), open(file, self.limits)));
        }
        self.current.as_mut()?.1.as_mut()
    }
}

fn open(file: &str, limits: &Limits) -> Option<Cursor<'static>> {
    let path = Path::new(file);
    // A pipe would be waited for without end, and standard input is gone.
    if file == "-" || !std::fs::metadata(path).is_ok_and(|found| found.is_file()) {
        return None;
    }
    Some(Cursor::new(decode::open(path, limits).ok()?.reader))
}

/// Looks up what is wanted of one passage.
fn find_in(passage: &Passage<'_>, span: Span, lookups: &[(Origin, String)], give: impl FnMut(usize, Found)) {
    let mut places = Vec::new();
    let mut document: Option<((u64, u64), Index<'_>)> = None;
    for (inner, length, index) in span.wanted {
        let Some((origin, pointer)) = lookups.get(index) else {
            continue;
        };
        let Some(text) = passage.part(inner, length) else {
            continue;
        };
        // INVARIANT: what is wanted of one document comes in a row.
        if document.as_ref().is_none_or(|(range, _)| *range != (inner, length)) {
            document = Some(((inner, length), Index::new(text)));
        }
        if let Some((_, text)) = &mut document {
            let place = text.find(&format!("{}{pointer}", origin.pointer));
            places.push((inner, length, place, index));
        }
    }
    passage.show(places, give);
}

/// Ranges that overlap, as one.
struct Span {
    offset: u64,
    length: u64,
    /// (offset in the span, length, index of the lookup).
    wanted: Vec<(u64, u64, usize)>,
}

fn spans(ranges: BTreeMap<(u64, u64), Vec<usize>>) -> Vec<Span> {
    let mut spans: Vec<Span> = Vec::new();
    for ((offset, length), indexes) in ranges {
        let overlaps = spans.last().is_some_and(|last| offset < last.offset + last.length);
        if !overlaps {
            spans.push(Span {
                offset,
                length: 0,
                wanted: Vec::new(),
            });
        }
        if let Some(span) = spans.last_mut() {
            let inner = offset - span.offset;
            span.length = span.length.max(inner + length);
            span.wanted
                .extend(indexes.into_iter().map(|index| (inner, length, index)));
        }
    }
    spans
}

/// Longest line of a snippet, in characters.
const WIDTH: usize = 120;

/// Most lines of a snippet.
const LINES: usize = 12;

/// A reader that knows its line and what stands on it so far.
struct Cursor<'a> {
    reader: BufReader<Box<dyn Read + 'a>>,
    offset: u64,
    line: u64,
    /// Characters on this line so far.
    column: u64,
    /// The end of what stands on this line so far.
    tail: Vec<u8>,
}

impl<'a> Cursor<'a> {
    fn new(reader: Box<dyn Read + 'a>) -> Self {
        Cursor {
            reader: BufReader::with_capacity(64 << 10, reader),
            offset: 0,
            line: 1,
            column: 0,
            tail: Vec::new(),
        }
    }

    /// Moves to `offset` and takes `length` bytes.
    fn passage(&mut self, offset: u64, length: u64) -> Option<Passage<'static>> {
        self.pass(offset.checked_sub(self.offset)?, None)?;
        let (line, column) = (self.line, self.column);
        let head = String::from_utf8_lossy(&self.tail).into_owned();
        let mut bytes = Vec::new();
        self.pass(length, Some(&mut bytes))?;
        let text = String::from_utf8(bytes).ok()?;
        Some(Passage {
            line,
            column,
            head,
            text: text.into(),
        })
    }

    fn pass(&mut self, mut count: u64, mut kept: Option<&mut Vec<u8>>) -> Option<()> {
        while count > 0 {
            let chunk = self.reader.fill_buf().ok()?;
            let here = usize::try_from(count).unwrap_or(usize::MAX).min(chunk.len());
            let part = chunk.get(..here).filter(|part| !part.is_empty())?;
            let newlines = memchr::memchr_iter(b'\n', part).count() as u64;
            let mut on_line = part;
            if newlines > 0 {
                let last = memchr::memrchr(b'\n', part).unwrap_or_default();
                on_line = part.get(last + 1..).unwrap_or_default();
                self.line += newlines;
                self.column = 0;
                self.tail.clear();
            }
            self.column += characters(on_line);
            self.tail.extend_from_slice(
                on_line
                    .get(on_line.len().saturating_sub(4 * WIDTH)..)
                    .unwrap_or_default(),
            );
            let surplus = self.tail.len().saturating_sub(4 * WIDTH);
            self.tail.drain(..surplus);
            if let Some(kept) = kept.as_deref_mut() {
                kept.extend_from_slice(part);
            }
            self.reader.consume(here);
            self.offset += here as u64;
            count -= here as u64;
        }
        Some(())
    }
}

/// A piece of a text and what stands before it on its line.
struct Passage<'t> {
    line: u64,
    column: u64,
    head: String,
    text: Cow<'t, str>,
}

impl Passage<'_> {
    fn part(&self, inner: u64, length: u64) -> Option<&str> {
        let start = usize::try_from(inner).ok()?;
        self.text.get(start..start.checked_add(usize::try_from(length).ok()?)?)
    }

    /// Gives each place, (offset and length of its document, place in it, index), with its line, going once through the text.
    fn show(&self, mut places: Vec<(u64, u64, Place, usize)>, mut give: impl FnMut(usize, Found)) {
        places.sort_by_key(|(inner, _, place, index)| (*inner + place.at as u64, *index));
        let (mut seen, mut line, mut column, mut begin) = (0, self.line, self.column, None);
        for (inner, length, place, index) in places {
            let Some(document) = self.part(inner, length) else {
                continue;
            };
            let Ok(start) = usize::try_from(inner) else { continue };
            let at = start + place.at;
            let Some(passed) = self.text.get(seen..at) else {
                continue;
            };
            line += memchr::memchr_iter(b'\n', passed.as_bytes()).count() as u64;
            match passed.rfind('\n') {
                Some(newline) => {
                    begin = Some(seen + newline + 1);
                    column = characters(passed.get(newline + 1..).unwrap_or_default().as_bytes());
                }
                None => column += characters(passed.as_bytes()),
            }
            seen = at;
            let lead = self.lead(begin, at);
            if let Some(found) = snippet(document, &place, line, column, &lead) {
                give(index, found);
            }
        }
    }

    /// Returns the end of what stands on the line before `at`.
    fn lead(&self, begin: Option<usize>, at: usize) -> String {
        let mut from = begin.unwrap_or_default().max(at.saturating_sub(4 * WIDTH));
        while !self.text.is_char_boundary(from) {
            from += 1;
        }
        let near = self.text.get(from..at).unwrap_or_default();
        match begin {
            None if from == 0 => format!("{}{near}", self.head),
            _ => near.to_owned(),
        }
    }
}

fn snippet(document: &str, place: &Place, line: u64, column: u64, lead: &str) -> Option<Found> {
    let value = document.get(place.at..)?;
    let length = if place.nested {
        // Inside a string the end is not looked for: what follows is of the same document.
        value.find('\n').unwrap_or(value.len()).min(4 * WIDTH)
    } else {
        value_end(value.as_bytes(), 0)
    };
    let key = own_key(lead);
    let mut snippet: Vec<String> = match value.bytes().next()? {
        // The value is not there; what stands around it is not about it.
        b'{' if !place.exact => vec!["{ … }".to_owned()],
        b'[' if !place.exact => vec!["[ … ]".to_owned()],
        _ => {
            let mut length = length;
            while !value.is_char_boundary(length) {
                length -= 1;
            }
            let mut lines = value.get(..length)?.lines();
            let mut shown: Vec<String> = lines.by_ref().take(LINES).map(cut).collect();
            shown.extend(lines.next().map(|_| "…".to_owned()));
            shown
        }
    };
    if let Some(first) = snippet.first_mut() {
        first.insert_str(0, &key);
    }
    Some(Found {
        line: u32::try_from(line).ok()?,
        column: u32::try_from(column + 1).ok()?,
        mark: u32::try_from(key.chars().count() + 1).ok()?,
        snippet,
    })
}

/// Returns what of the text before a value on its line belongs to it: the indentation and its key.
fn own_key(lead: &str) -> String {
    let begin = lead.rfind([',', '{', '[']).map_or(0, |separator| separator + 1);
    let key = lead.get(begin..).unwrap_or_default();
    // A key that holds a separator itself is left out: nothing that belongs to another value may be shown.
    let whole = key.trim().is_empty() || key.contains('"');
    match (begin, whole && key.chars().count() <= WIDTH / 2) {
        (0, true) => key.to_owned(),
        (_, true) => format!("…{}", key.trim_start()),
        (_, false) => "…".to_owned(),
    }
}

/// Cuts a line to a readable width.
fn cut(line: &str) -> String {
    let line = line.trim_end();
    if line.chars().count() <= WIDTH {
        return line.to_owned();
    }
    line.chars().take(WIDTH).chain(['…']).collect()
}
