//! What came of one document, as bytes, with places told from where the document begins.

use std::collections::HashMap;
use std::io;

use ahash::RandomState;
use nephoscope_model::{Begin, Finding, Location, Origin, Outcome, Severity};

use super::segment::damaged;
use crate::ledger::{Fate, Scope, Seen, Version};
use crate::packed::{self, Packed};

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
            Kept::read(&mut rest)?.unpack(standing, out)?;
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
    let on_first = location.line.map(u64::from) == Some(standing.begin.line);
    let mut packed = Vec::new();
    packed::pack(finding, &mut packed)?;
    let read = Packed::read(&mut packed.as_slice())?;
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
        mark: location.mark,
        head: read.head,
        order: read.order,
        pointer: &location.pointer,
        snippet: location.snippet.iter().map(String::as_str).collect(),
    };
    // Whatever is not told again to the letter is judged again.
    let mut again = Vec::new();
    kept.unpack(standing, &mut again)?;
    let same = again == packed;
    if same {
        kept.write(out);
    }
    Ok(same)
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
    mark: Option<u32>,
    /// See [`Packed::head`].
    head: &'b [u8],
    order: &'b [u8],
    /// The pointer into the document.
    pointer: &'b str,
    snippet: Vec<&'b str>,
}

const NONE: u32 = u32::MAX;

impl<'b> Kept<'b> {
    fn write(&self, out: &mut Vec<u8>) {
        out.extend([
            packed::position(&Outcome::ALL, self.outcome),
            packed::position(&Severity::ALL, self.severity),
            u8::from(self.on_first),
        ]);
        for number in [self.line, self.column, self.mark] {
            out.extend(number.unwrap_or(NONE).to_le_bytes());
        }
        for part in [self.head, self.order, self.pointer.as_bytes()] {
            put(part, out);
        }
        // A snippet has a few lines.
        out.push(u8::try_from(self.snippet.len()).unwrap_or(u8::MAX));
        self.snippet.iter().for_each(|line| put(line.as_bytes(), out));
    }

    fn read(rest: &mut &'b [u8]) -> io::Result<Kept<'b>> {
        let [outcome, severity, on_first] = take(rest)?;
        let mut number = || -> io::Result<Option<u32>> {
            let number = u32::from_le_bytes(take(rest)?);
            Ok(Some(number).filter(|number| *number != NONE))
        };
        let (line, column, mark) = (number()?, number()?, number()?);
        let utf8 = |bytes: &'b [u8]| std::str::from_utf8(bytes).map_err(|_| damaged());
        let (head, order, pointer) = (text(rest)?, text(rest)?, utf8(text(rest)?)?);
        let [lines] = take(rest)?;
        Ok(Kept {
            outcome: *Outcome::ALL.get(usize::from(outcome)).ok_or_else(damaged)?,
            severity: *(Severity::ALL).get(usize::from(severity)).ok_or_else(damaged)?,
            line,
            on_first: on_first != 0,
            column,
            mark,
            head,
            order,
            pointer,
            snippet: (0..lines).map(|_| utf8(text(rest)?)).collect::<io::Result<_>>()?,
        })
    }

    /// Writes it as that of a document that stands there to the end of `out`.
    fn unpack(&self, Standing { origin, begin }: Standing<'_>, out: &mut Vec<u8>) -> io::Result<()> {
        let told = |at: u32, from: u64| u32::try_from(from + u64::from(at)).map_err(|_| damaged());
        let from = if self.on_first { begin.column } else { 0 };
        let location = Location {
            origin: origin.clone(),
            pointer: self.pointer.to_owned(),
            line: self.line.map(|line| told(line, begin.line)).transpose()?,
            column: self.column.map(|column| told(column, from)).transpose()?,
            mark: self.mark,
            snippet: self.snippet.iter().map(|line| (*line).to_owned()).collect(),
        };
        let packed = Packed {
            outcome: self.outcome,
            severity: self.severity,
            baseline: None,
            place: &packed::place(self.outcome, &location),
            order: self.order,
            head: self.head,
            location: &packed::location(&location)?,
        };
        packed.write(out);
        Ok(())
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
