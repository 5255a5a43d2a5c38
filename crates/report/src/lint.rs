//! A checker of SARIF files, any tool's, by what GitHub code scanning takes.
//!
//! One bad result loses the whole upload, and validators of the standard do not see most of what code scanning refuses. The rules follow
//! GitHub's documentation ("SARIF support for code scanning", "SARIF results exceed one or more limits", read 2026-11-23) and the
//! refusals that its users reported.

mod results;
mod rules;
mod runs;
mod uri;

use std::fmt;
use std::io::{self, Write};

use flate2::Compression;
use flate2::write::GzEncoder;
use serde::Serialize;
use serde_json::Value;

/// How bad a problem is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum LintLevel {
    /// Code scanning refuses the file.
    Error,
    /// Code scanning takes the file and drops, hides or mistakes something.
    Warning,
}

impl fmt::Display for LintLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            LintLevel::Error => "error",
            LintLevel::Warning => "warning",
        })
    }
}

/// One thing in a SARIF file that code scanning refuses or does not do as meant.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct LintProblem {
    /// JSON Pointer to the place; "" for the file.
    pub pointer: String,
    /// Name of the rule, for example `uri-scheme`.
    pub rule: &'static str,
    /// How bad.
    pub level: LintLevel,
    /// What is wrong, lower case.
    pub message: String,
    /// What to do.
    pub help: &'static str,
}

/// The problems found so far.
#[derive(Default)]
struct Report(Vec<LintProblem>);

impl Report {
    fn error(&mut self, rule: &'static str, pointer: &str, message: impl Into<String>, help: &'static str) {
        self.add(LintLevel::Error, rule, pointer, message.into(), help);
    }

    fn warning(&mut self, rule: &'static str, pointer: &str, message: impl Into<String>, help: &'static str) {
        self.add(LintLevel::Warning, rule, pointer, message.into(), help);
    }

    fn add(&mut self, level: LintLevel, rule: &'static str, pointer: &str, message: String, help: &'static str) {
        self.0.push(LintProblem {
            pointer: pointer.to_owned(),
            rule,
            level,
            message,
            help,
        });
    }

    /// Compares a count with the limit past which the file is refused and the one past which the rest is dropped.
    fn limit(&mut self, rule: &'static str, pointer: &str, found: usize, what: &str, refused: usize, kept: usize) {
        if found > refused {
            let message = format!("{found} {what}; more than {refused} are refused");
            self.error(rule, pointer, message, "split the file, or write fewer");
        } else if found > kept {
            let message = format!("{found} {what}; only {kept} are kept");
            self.warning(rule, pointer, message, "put what matters most first");
        }
    }

    /// Reads a text that must be there and say something.
    fn required<'v>(&mut self, value: &'v Value, member: &str, pointer: &str) -> Option<&'v str> {
        let place = format!("{pointer}{member}");
        match value.pointer(member) {
            Some(Value::String(text)) if text.trim().is_empty() => {
                self.error(
                    "empty-text",
                    &place,
                    "the text is empty",
                    "an empty text counts as none: say something",
                );
                None
            }
            Some(Value::String(text)) => Some(text),
            Some(other) => {
                let message = format!("expected a string, found {}", type_name(other));
                self.error("wrong-type", &place, message, "see the schema of SARIF 2.1.0");
                None
            }
            None => {
                let name = member.trim_start_matches('/').replace('/', ".");
                self.error(
                    "missing-member",
                    pointer,
                    format!("`{name}` is missing"),
                    "code scanning needs it: add it",
                );
                None
            }
        }
    }

    /// Reads a list that may be absent.
    fn list<'v>(&mut self, value: &'v Value, member: &str, pointer: &str) -> &'v [Value] {
        match value.pointer(member) {
            None | Some(Value::Null) => &[],
            Some(Value::Array(list)) => list,
            Some(other) => {
                let message = format!("expected an array, found {}", type_name(other));
                let place = format!("{pointer}{member}");
                self.error("wrong-type", &place, message, "see the schema of SARIF 2.1.0");
                &[]
            }
        }
    }
}

fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

/// Checks a SARIF file, any tool's; returns what code scanning would refuse (errors) or not do as meant (warnings), in the order of the file.
pub fn lint_sarif(bytes: &[u8]) -> Vec<LintProblem> {
    let mut report = Report::default();
    size(bytes, &mut report);
    let text = match bytes.strip_prefix(b"\xef\xbb\xbf") {
        Some(rest) => {
            report.warning(
                "byte-order-mark",
                "",
                "the file begins with a byte order mark",
                "write UTF-8 without it: JSON has none (RFC 8259, section 8.1)",
            );
            rest
        }
        None => bytes,
    };
    match serde_json::from_slice::<Value>(text) {
        Ok(document) => self::document(&document, &mut report),
        Err(error) => report.error(
            "no-json",
            "",
            format!("the file is no JSON: {error}"),
            "write JSON in UTF-8",
        ),
    }
    report.0
}

fn document(document: &Value, report: &mut Report) {
    if !document.is_object() {
        let message = format!("expected an object, found {}", type_name(document));
        report.error("wrong-type", "", message, "see the schema of SARIF 2.1.0");
        return;
    }
    if document
        .pointer("/$schema")
        .and_then(Value::as_str)
        .is_none_or(str::is_empty)
    {
        report.error(
            "missing-member",
            "",
            "`$schema` is missing",
            "code scanning needs it: add the address of the schema of SARIF 2.1.0",
        );
    }
    if let Some(version) = report.required(document, "/version", "")
        && version != "2.1.0"
    {
        let message = format!("the version is `{version}`");
        report.error("version", "/version", message, "code scanning takes only 2.1.0");
    }
    if document.pointer("/runs").is_none() {
        report.error(
            "missing-member",
            "",
            "`runs` is missing",
            "code scanning needs it: add it",
        );
    }
    runs::check(report.list(document, "/runs", ""), report);
}

/// 10 MB after gzip; whether that means 10,000,000 or 10,485,760 bytes is not said.
fn size(bytes: &[u8], report: &mut Report) {
    // Compressing never makes JSON longer by more than a few bytes, so a small file needs no try.
    if bytes.len() < 9_900_000 {
        return;
    }
    let mut encoder = GzEncoder::new(Counter(0), Compression::default());
    // INVARIANT: a counter takes every byte.
    let packed = encoder
        .write_all(bytes)
        .and_then(|()| encoder.finish())
        .map_or(u64::MAX, |counter| counter.0);
    let help = "split the file by account, or leave out what code scanning does not read";
    if packed > 10 * 1024 * 1024 {
        report.error(
            "file-size",
            "",
            format!("{packed} bytes after gzip; more than 10 MB are refused"),
            help,
        );
    } else if packed > 10_000_000 {
        report.warning(
            "file-size",
            "",
            format!("{packed} bytes after gzip; the limit is 10 MB"),
            help,
        );
    }
}

struct Counter(u64);

impl Write for Counter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
