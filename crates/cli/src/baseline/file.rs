//! The report that a baseline is, read finding by finding.

use std::fmt;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use anyhow::{Context, Result};
use nephoscope_model::{FindingId, Outcome, PolicyId, ResourceKey};
use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

const SCHEMA: &str = "nephoscope/report/1";

// Just what is read of a report; a newer report may say more.
#[derive(Deserialize)]
pub(super) struct ReportFinding {
    pub(super) id: FindingId,
    pub(super) policy: PolicyId,
    outcome: Outcome,
    pub(super) resource: ReportResource,
    pub(super) message: String,
}

#[derive(Deserialize)]
pub(super) struct ReportResource {
    pub(super) id: String,
    pub(super) key: ResourceKey,
}

/// Gives every finding that was `fail` or `waived` to `each`, in the order of the file.
///
/// # Errors
///
/// When the file is missing or is no report written with `-f json=FILE`, and what `each` returns.
pub(super) fn read(file: &Path, each: impl FnMut(ReportFinding) -> Result<(), String>) -> Result<()> {
    let shown = file.display();
    let unreadable = || format!("cannot read the baseline `{shown}`");
    let mut text = BufReader::with_capacity(64 << 10, File::open(file).with_context(unreadable)?);
    if text.fill_buf().with_context(unreadable)?.starts_with(b"\xef\xbb\xbf") {
        text.consume(3);
    }
    let mut document = serde_json::Deserializer::from_reader(text);
    Report(each)
        .deserialize(&mut document)
        .and_then(|()| document.end())
        .map_err(|error| {
            anyhow::anyhow!("`{shown}` is no baseline: {error}\nhelp: write one with `nephoscope scan … -f json=FILE`")
        })
}

struct Report<F>(F);

impl<'de, F: FnMut(ReportFinding) -> Result<(), String>> DeserializeSeed<'de> for Report<F> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de, F: FnMut(ReportFinding) -> Result<(), String>> Visitor<'de> for Report<F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a report of nephoscope")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
        let (mut schema, mut findings) = (None::<String>, false);
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "schema" => {
                    let found: String = map.next_value()?;
                    if found != SCHEMA {
                        return Err(A::Error::custom(format!(
                            "it has schema `{found}`, expected `{SCHEMA}`"
                        )));
                    }
                    schema = Some(found);
                }
                "findings" => {
                    map.next_value_seed(List(&mut self.0))?;
                    findings = true;
                }
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        if schema.is_none() {
            return Err(A::Error::missing_field("schema"));
        }
        if !findings {
            return Err(A::Error::missing_field("findings"));
        }
        Ok(())
    }
}

struct List<'f, F>(&'f mut F);

impl<'de, F: FnMut(ReportFinding) -> Result<(), String>> DeserializeSeed<'de> for List<'_, F> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de, F: FnMut(ReportFinding) -> Result<(), String>> Visitor<'de> for List<'_, F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of findings")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while let Some(finding) = list.next_element::<ReportFinding>()? {
            if matches!(finding.outcome, Outcome::Fail | Outcome::Waived) {
                (self.0)(finding).map_err(A::Error::custom)?;
            }
        }
        Ok(())
    }
}
