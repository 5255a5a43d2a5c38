//! Findings on their way into a report, one after the other, and the errors that can stop them.

use std::cell::Cell;
use std::io;

use nephoscope_model::{Finding, Findings};
use serde::ser::{Error, Serialize, SerializeSeq, Serializer};

use serde_json::value::RawValue;

use crate::format::ReportError;
use crate::text;

/// Why the items of a sequence stopped coming while it was encoded. An error of serde holds only a text, so the real one is kept here.
#[derive(Default)]
pub(crate) struct Failure(Cell<Option<io::Error>>);

impl Failure {
    fn keep<E: Error>(&self, error: io::Error) -> E {
        let told = E::custom(&error);
        self.0.set(Some(error));
        told
    }

    /// Returns what was kept in place of what the encoder made of it.
    pub(crate) fn or(&self, written: Result<(), ReportError>) -> Result<(), ReportError> {
        match self.0.take() {
            Some(error) => Err(ReportError::Io(error)),
            None => written,
        }
    }
}

/// Writes a sequence of which no more than one item is in memory.
pub(crate) fn sequence<S: Serializer, T: Serialize>(
    serializer: S,
    items: impl Iterator<Item = io::Result<T>>,
    failure: &Failure,
) -> Result<S::Ok, S::Error> {
    let mut sequence = serializer.serialize_seq(None)?;
    for item in items {
        let item = item.map_err(|error| failure.keep(error))?;
        sequence.serialize_element(&item)?;
    }
    sequence.end()
}

/// Findings that are read while they are encoded.
pub(crate) struct Streamed<'a> {
    pub(crate) findings: &'a Findings,
    pub(crate) failure: &'a Failure,
}

impl Serialize for Streamed<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let raw = |line: io::Result<String>| RawValue::from_string(line?).map_err(io::Error::from);
        sequence(serializer, lines(self.findings).map(raw), self.failure)
    }
}

/// Returns each finding as JSON on one line, as its store has it or made here.
pub(crate) fn lines(findings: &Findings) -> Box<dyn Iterator<Item = io::Result<String>> + '_> {
    let made = || findings.iter().map(|finding| Ok(text::compact(&finding?)?));
    findings.json().unwrap_or_else(|| Box::new(made()))
}

/// Returns the next `number` of `findings`, which were counted before; an error for each that is not there any more.
pub(crate) fn exactly<'i>(
    findings: &'i mut impl Iterator<Item = io::Result<Finding>>,
    number: u64,
) -> impl Iterator<Item = io::Result<Finding>> + 'i {
    (0..number).map(move |_| {
        findings.next().unwrap_or_else(|| {
            Err(io::Error::new(
                io::ErrorKind::UnexpectedEof,
                "fewer findings than were counted",
            ))
        })
    })
}
