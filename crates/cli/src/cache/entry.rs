//! What came of one document, as bytes, with places told from where the document begins.

use std::collections::HashMap;
use std::io;

use ahash::RandomState;
use nephoscope_model::{Begin, Finding, Origin, Outcome, Severity};
use nephoscope_report::compact;
use serde::Serialize;

use crate::ledger::{Fate, Scope, Seen, Version};
use crate::packed::{self, Packed};
use crate::runs::damaged;

/// What came of one document.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Entry<'b> {
    pub(super) seen: [u8; 16],
    /// Nanoseconds; none is the least.
    pub(super) observed: i128,
    pub(super) state: u64,
    pub(super) content: u64,
    pub(super) scope: u32,
    pub(super) fate: u32,
    /// What it tells others, or nothing.
    pub(super) loan: &'b [u8],
    /// Findings, one after another.
    pub(super) findings: &'b [u8],
}

/// Where a document stands in this scan.
#[derive(Debug, Clone, Copy)]
pub(super) struct Standing<'d> {
    pub(super) origin: &'d Origin,
    pub(super) begin: Begin,
}

impl<'b> Entry<'b> {
    /// Returns that of a document that was judged.
    pub(super) fn new(
        seen: Seen,
        version: &Version,
        (scope, fate): (u32, u32),
        loan: &'b [u8],
        findings: &'b [u8],
    ) -> Entry<'b> {
        Entry {
            seen: seen.bytes(),
            observed: version.observed_at.map_or(i128::MIN, jiff::Timestamp::as_nanosecond),
            state: version.state,
            content: version.content,
            scope,
            fate,
            loan,
            findings,
        }
    }

    pub(super) fn bytes(&self) -> Vec<u8> {
        let mut bytes = self.seen.to_vec();
        bytes.extend(self.observed.to_le_bytes());
        bytes.extend(self.state.to_le_bytes());
        bytes.extend(self.content.to_le_bytes());
        bytes.extend(self.scope.to_le_bytes());
        bytes.extend(self.fate.to_le_bytes());
        put(self.loan, &mut bytes);
        bytes.extend_from_slice(self.findings);
        bytes
    }

    /// Reads the entry that stands at an offset of a chunk, after its length.
    ///
    /// # Errors
    ///
    /// When there is none.
    pub(super) fn at(chunk: &'b [u8], offset: u32) -> io::Result<Entry<'b>> {
        let mut rest = chunk.get(offset as usize..).ok_or_else(damaged)?;
        let mut rest = text(&mut rest)?;
        Ok(Entry {
            seen: take(&mut rest)?,
            observed: i128::from_le_bytes(take(&mut rest)?),
            state: u64::from_le_bytes(take(&mut rest)?),
            content: u64::from_le_bytes(take(&mut rest)?),
            scope: u32::from_le_bytes(take(&mut rest)?),
            fate: u32::from_le_bytes(take(&mut rest)?),
            loan: text(&mut rest)?,
            findings: rest,
        })
    }

    /// Writes its findings as those of a document that stands there to the end of `out`.
    ///
    /// # Errors
    ///
    /// When the bytes are none.
    pub(super) fn unpack(&self, standing: Standing<'_>, out: &mut Vec<u8>) -> io::Result<()> {
        let mut rest = self.findings;
        while !rest.is_empty() {
            let finding = Kept::read(&mut rest)?;
            let json = finding.json(standing)?;
            let place = match finding.line {
                None if matches!(finding.outcome, Outcome::Fail | Outcome::Waived) => packed::place(standing.origin),
                _ => Vec::new(),
            };
            finding.packed(&place, &json)?.write(out);
        }
        Ok(())
    }
}

/// Writes a finding of the document that stands there to the end of `out`; `false` when it could not be told again.
pub(super) fn keep(finding: &Finding, standing: Standing<'_>, out: &mut Vec<u8>) -> io::Result<bool> {
    let location = &finding.location;
    if location.origin != *standing.origin {
        return Ok(false);
    }
    let json = compact(finding)?;
    let place = compact(location)?;
    let Some(head) = json
        .strip_suffix('}')
        .and_then(|json| json.strip_suffix(place.as_str()))
    else {
        return Ok(false);
    };
    let on_first = location.line.map(u64::from) == Some(standing.begin.line);
    let mut packed = Vec::new();
    packed::pack(finding, &mut packed)?;
    let read = Packed::read(&mut packed.as_slice())?;
    let tail = compact(&Tail {
        mark: location.mark,
        snippet: &location.snippet,
    })?;
    let from = |at: Option<u32>, begin: u64| at.and_then(|at| u32::try_from(u64::from(at).checked_sub(begin)?).ok());
    let kept = Kept {
        outcome: finding.outcome,
        severity: read.severity,
        line: from(location.line, standing.begin.line),
        on_first,
        column: match on_first {
            true => from(location.column, standing.begin.column),
            false => location.column,
        },
        head,
        order: read.order,
        pointer: &compact(&location.pointer)?,
        tail: tail
            .strip_prefix('{')
            .and_then(|tail| tail.strip_suffix('}'))
            .unwrap_or_default(),
    };
    // Whatever is not told again to the letter is judged again.
    let same = kept.line.is_some() == location.line.is_some() && kept.json(standing)? == json;
    if same {
        kept.write(out);
    }
    Ok(same)
}

#[derive(Serialize)]
struct Tail<'f> {
    #[serde(skip_serializing_if = "Option::is_none")]
    mark: Option<u32>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    snippet: &'f [String],
}

/// A finding.
struct Kept<'b> {
    outcome: Outcome,
    severity: Severity,
    /// Lines from the one where the document begins.
    line: Option<u32>,
    /// It is on that line, and the column is told from where the document begins.
    on_first: bool,
    column: Option<u32>,
    /// Its JSON up to its location.
    head: &'b str,
    order: &'b [u8],
    /// JSON of the pointer into the document.
    pointer: &'b str,
    /// The last members of its location.
    tail: &'b str,
}

const NONE: u32 = u32::MAX;

impl<'b> Kept<'b> {
    fn write(&self, out: &mut Vec<u8>) {
        let number = |number: Option<u32>| number.unwrap_or(NONE).to_le_bytes();
        out.extend([
            packed::position(&Outcome::ALL, self.outcome),
            packed::position(&Severity::ALL, self.severity),
            u8::from(self.on_first),
        ]);
        out.extend(number(self.line));
        out.extend(number(self.column));
        for part in [
            self.head.as_bytes(),
            self.order,
            self.pointer.as_bytes(),
            self.tail.as_bytes(),
        ] {
            put(part, out);
        }
    }

    fn read(rest: &mut &'b [u8]) -> io::Result<Kept<'b>> {
        let [outcome, severity, on_first] = take(rest)?;
        let number = |bytes| Some(u32::from_le_bytes(bytes)).filter(|number| *number != NONE);
        let (line, column) = (number(take(rest)?), number(take(rest)?));
        let utf8 = |bytes: &'b [u8]| std::str::from_utf8(bytes).map_err(|_| damaged());
        Ok(Kept {
            outcome: *Outcome::ALL.get(usize::from(outcome)).ok_or_else(damaged)?,
            severity: *(Severity::ALL).get(usize::from(severity)).ok_or_else(damaged)?,
            line,
            on_first: on_first != 0,
            column,
            head: utf8(text(rest)?)?,
            order: text(rest)?,
            pointer: utf8(text(rest)?)?,
            tail: utf8(text(rest)?)?,
        })
    }

    fn packed<'p>(&'p self, place: &'p [u8], json: &'p str) -> io::Result<Packed<'p>> {
        Ok(Packed::new(
            self.outcome,
            self.severity,
            place,
            self.order,
            json.as_bytes(),
        ))
    }

    /// Returns it as a report shows it, of a document that stands there.
    fn json(&self, Standing { origin, begin }: Standing<'_>) -> io::Result<String> {
        use std::fmt::Write;
        let mut json = String::with_capacity(self.head.len() + self.tail.len() + 256);
        json.push_str(self.head);
        json.push_str("{\"origin\":");
        json.push_str(&compact(origin)?);
        json.push_str(",\"pointer\":");
        json.push_str(self.pointer);
        let mut written = Ok(());
        if let Some(line) = self.line {
            written = write!(json, ",\"line\":{}", begin.line + u64::from(line));
        }
        if let Some(column) = self.column {
            let from = if self.on_first { begin.column } else { 0 };
            written = written.and_then(|()| write!(json, ",\"column\":{}", from + u64::from(column)));
        }
        // Writing to a text cannot fail.
        written.map_err(io::Error::other)?;
        if !self.tail.is_empty() {
            json.push(',');
            json.push_str(self.tail);
        }
        json.push_str("}}");
        Ok(json)
    }
}

/// Scopes and fates by numbers.
#[derive(Default)]
pub(super) struct Tables {
    scopes: Table<Scope>,
    fates: Table<Fate>,
}

struct Table<T> {
    numbers: HashMap<T, u32, RandomState>,
    values: Vec<T>,
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Table {
            numbers: HashMap::default(),
            values: Vec::new(),
        }
    }
}

impl<T: Clone + Eq + std::hash::Hash> Table<T> {
    fn add(&mut self, value: &T) -> u32 {
        if let Some(number) = self.numbers.get(value) {
            return *number;
        }
        let number = u32::try_from(self.values.len()).unwrap_or(u32::MAX);
        self.values.push(value.clone());
        self.numbers.insert(value.clone(), number);
        number
    }
}

impl Tables {
    /// Returns the tables of a file; nothing is added to them.
    pub(super) fn of(scopes: Vec<Scope>, fates: Vec<Fate>) -> Tables {
        let table = |values| Table {
            numbers: HashMap::default(),
            values,
        };
        Tables {
            scopes: table(scopes),
            fates: Table {
                numbers: HashMap::default(),
                values: fates,
            },
        }
    }

    pub(super) fn add_scope(&mut self, scope: &Scope) -> u32 {
        self.scopes.add(scope)
    }

    pub(super) fn add_fate(&mut self, fate: &Fate) -> u32 {
        self.fates.add(fate)
    }

    pub(super) fn scope(&self, number: u32) -> Option<&Scope> {
        self.scopes.values.get(number as usize)
    }

    pub(super) fn fate(&self, number: u32) -> Option<&Fate> {
        self.fates.values.get(number as usize)
    }

    pub(super) fn into_lists(self) -> (Vec<Scope>, Vec<Fate>) {
        (self.scopes.values, self.fates.values)
    }
}

fn take<const N: usize>(rest: &mut &[u8]) -> io::Result<[u8; N]> {
    let (first, others) = rest.split_first_chunk().ok_or_else(damaged)?;
    *rest = others;
    Ok(*first)
}

/// Writes a length and the bytes. What comes of a document is far below 4 GiB, since a document is.
fn put(part: &[u8], out: &mut Vec<u8>) {
    out.extend(u32::try_from(part.len()).unwrap_or(u32::MAX).to_le_bytes());
    out.extend_from_slice(part);
}

fn text<'b>(rest: &mut &'b [u8]) -> io::Result<&'b [u8]> {
    let length = u32::from_le_bytes(take(rest)?) as usize;
    let (text, others) = rest.split_at_checked(length).ok_or_else(damaged)?;
    *rest = others;
    Ok(text)
}
