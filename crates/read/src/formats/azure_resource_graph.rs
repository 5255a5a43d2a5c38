//! Replies of Azure Resource Graph with a list of objects: `{"count", "data": […], "resultTruncated", "totalRecords"}`.
//!
//! Source: Azure Resource Graph REST reference, `resources` query, and a recorded reply, read 2026-11-23. The
//! Azure CLI writes the same with snake_case names.

use nephoscope_model::{Dialect, Gap, GapScope, Provider, Reason};
use serde_json::Value;

use crate::formats::azure_arm::give;
use crate::job::{Done, Job};
use crate::shape::Shape;
use crate::sink::Sink;
use crate::text::{Place, Stop};
use crate::walk::{Step, end, walk};

pub(super) fn is_reply(shape: &Shape) -> bool {
    shape.has("data") && shape.has_any(&["totalRecords", "total_records", "resultTruncated", "result_truncated"])
}

pub(super) fn fits(shape: &Shape) -> bool {
    is_reply(shape) && shape.has_list("data")
}

pub(super) fn read(job: &mut Job<'_, '_, '_>) -> Result<Done, Stop> {
    let mut totals = Totals::default();
    let mut bare = 0_u64;
    let steps = |path: &[String]| match path {
        [] => Step::Enter,
        [key] if key == "data" => Step::Each,
        _ => Step::Take,
    };
    walk(job.text, job.limits, job.sink, &steps, &mut |sink, piece| {
        if piece.element {
            let body = piece.value.raw.clone();
            bare += u64::from(!body.get().contains("\"properties\""));
            give(sink, body, &piece.value, Dialect::AzureResourceGraph);
            totals.rows += 1;
        } else if let [key] = piece.path {
            let value = serde_json::from_str(piece.value.raw.get()).unwrap_or_default();
            totals.learn(key, &value, piece.value.place);
        }
    })?;
    end(job.text)?;
    totals.settle(job.sink);
    Ok(Done {
        note: bare_note(bare),
        ..Done::default()
    })
}

/// Returns the note for rows that hold only the columns that the query asked for.
pub(super) fn bare_note(rows: u64) -> Option<String> {
    (rows > 0).then(|| format!("{rows} rows were queried without `properties`"))
}

/// What a reply says about its own completeness.
#[derive(Default)]
pub(super) struct Totals {
    pub(super) rows: u64,
    total: Option<u64>,
    reasons: Vec<(&'static str, Place)>,
}

impl Totals {
    pub(super) fn learn(&mut self, key: &str, value: &Value, place: Place) {
        match key {
            "totalRecords" | "total_records" => {
                self.total = value.as_u64();
                if value.as_u64().is_some() {
                    self.reasons.push(("", place));
                }
            }
            "resultTruncated" | "result_truncated"
                if *value == Value::Bool(true)
                    || value.as_str().is_some_and(|text| text.eq_ignore_ascii_case("true")) =>
            {
                self.reasons.push(("`resultTruncated` is true", place));
            }
            "$skipToken" | "skipToken" | "skip_token" if value.as_str().is_some_and(|token| !token.is_empty()) => {
                self.reasons.push(("`$skipToken` names a next page", place));
            }
            _ => {}
        }
    }

    pub(super) fn settle(self, sink: &mut Sink<'_>) {
        let total = self.total.unwrap_or(self.rows);
        let short = total > self.rows;
        let reason = self.reasons.iter().find(|(reason, _)| !reason.is_empty());
        let place = reason.or(self.reasons.first()).map(|(_, place)| *place);
        let why = match (short, reason) {
            (true, _) => format!("{total} records exist"),
            (false, Some((reason, _))) => (*reason).to_owned(),
            (false, None) => return,
        };
        let message = format!(
            "the reply holds {} rows, but {why} (help: export every page)",
            self.rows
        );
        let scope = GapScope {
            provider: Some(Provider::Azure),
            ..GapScope::default()
        };
        sink.gap(Gap::new(Reason::Truncated), message, place, scope, true);
    }
}
