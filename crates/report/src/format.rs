//! The formats and the door to them: adding one is one file and one row here.

use std::fmt;
use std::io::{self, BufWriter, Write};
use std::str::FromStr;

use nephoscope_model::Assessment;
use thiserror::Error;

use crate::options::Options;
use crate::{human, json, junit, ndjson, sarif};

/// A format of reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Format {
    /// For people at a terminal.
    Human,
    /// One JSON document.
    Json,
    /// One JSON object a line.
    Ndjson,
    /// JUnit XML.
    Junit,
    /// SARIF 2.1.0.
    Sarif,
}

/// Why a report could not be written.
#[derive(Debug, Error)]
pub enum ReportError {
    /// The destination does not take the bytes, or a finding cannot be read back.
    #[error("cannot write the report: {0}")]
    Io(#[from] io::Error),
    /// A part of the assessment has no form in JSON.
    #[error("cannot encode the report: {0}")]
    Json(serde_json::Error),
    /// Code scanning refuses the file.
    #[error(
        "{runs} accounts make {runs} runs, and code scanning takes {limit} in a file\n\
         help: write one file for each account with `-f sarif=DIR/` (the final slash matters)"
    )]
    TooManyRuns {
        /// How many there are.
        runs: usize,
        /// How many a file may hold.
        limit: usize,
    },
}

impl From<serde_json::Error> for ReportError {
    fn from(error: serde_json::Error) -> Self {
        // A closed pipe must stay recognizable as such.
        if error.is_io() {
            ReportError::Io(error.into())
        } else {
            ReportError::Json(error)
        }
    }
}

type Writer = fn(&Assessment, &Options, &mut dyn Write) -> Result<(), ReportError>;

struct Row {
    format: Format,
    name: &'static str,
    help: &'static str,
    write: Writer,
}

// Adding a format is one file beside this one and one row here.
const FORMATS: [Row; 5] = [
    Row {
        format: Format::Human,
        name: "human",
        help: "findings with their source lines, and a summary, for people",
        write: human::write,
    },
    Row {
        format: Format::Json,
        name: "json",
        help: "the whole result as one JSON document",
        write: json::write,
    },
    Row {
        format: Format::Ndjson,
        name: "ndjson",
        help: "the whole result as one JSON object a line",
        write: ndjson::write,
    },
    Row {
        format: Format::Junit,
        name: "junit",
        help: "JUnit XML for test views of CI systems",
        write: junit::write,
    },
    Row {
        format: Format::Sarif,
        name: "sarif",
        help: "SARIF 2.1.0 for code scanning, one run for each account",
        write: sarif::write,
    },
];

impl Format {
    /// Every format, in the order of help texts.
    pub const ALL: [Format; 5] = [
        Format::Human,
        Format::Json,
        Format::Ndjson,
        Format::Junit,
        Format::Sarif,
    ];

    fn row(self) -> &'static Row {
        static ROWS: [Row; 5] = FORMATS;
        ROWS.iter()
            .find(|row| row.format == self)
            .expect("a test asserts that every format has its row")
    }

    /// Returns the name used in options, for example `sarif`.
    pub fn as_str(self) -> &'static str {
        self.row().name
    }

    /// Returns one line on what it is for.
    pub fn help(self) -> &'static str {
        self.row().help
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Format {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Format::ALL
            .into_iter()
            .find(|format| format.as_str() == text)
            .ok_or_else(|| {
                let names: Vec<_> = Format::ALL.iter().map(|format| format.as_str()).collect();
                format!("`{text}` is no report format; use one of {}", names.join(", "))
            })
    }
}

/// Writes `assessment` to `out` and flushes it.
///
/// # Errors
///
/// [`ReportError::Io`] when `out` does not take the bytes or a finding cannot be read back, and what was written until then is no
/// report; [`ReportError::TooManyRuns`] when a single SARIF file cannot hold
/// every account (see [`sarif_by_account`](crate::sarif_by_account)); [`ReportError::Json`] when an encoder fails.
pub fn write(
    format: Format,
    assessment: &Assessment,
    options: &Options,
    out: &mut dyn Write,
) -> Result<(), ReportError> {
    let mut buffered = BufWriter::with_capacity(64 * 1024, out);
    (format.row().write)(assessment, options, &mut buffered)?;
    buffered.flush()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_format_has_its_row_and_reads_its_name() {
        for format in Format::ALL {
            assert_eq!(format.as_str().parse(), Ok(format));
            assert!(!format.help().is_empty());
        }
        assert!("xml".parse::<Format>().unwrap_err().contains("human, json"));
    }
}
