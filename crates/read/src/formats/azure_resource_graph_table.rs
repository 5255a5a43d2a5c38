//! Replies of Azure Resource Graph as a table: `{"data": {"columns": [{"name"}], "rows": [[…]]}}`, the default of
//! API version 2019-04-01. Held whole, since the columns may come after the rows.

use nephoscope_model::{Dialect, Reason};
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::check::{Valid, sound};
use crate::formats::azure_arm::give;
use crate::formats::azure_resource_graph::{Totals, bare_note, is_reply};
use crate::job::{Done, Job};
use crate::shape::Shape;
use crate::text::{Extent, Stop};
use crate::walk::end;

/// A table is a page of at most 1,000 rows; this leaves room for any.
const MAX_BYTES: u64 = 1 << 30;

pub(super) fn fits(shape: &Shape) -> bool {
    is_reply(shape)
        && shape
            .get("data")
            .is_some_and(|data| data.has_list("columns") || data.has_list("rows"))
}

#[derive(Deserialize)]
struct Reply<'a> {
    #[serde(borrow)]
    data: Table<'a>,
}

#[derive(Deserialize)]
struct Table<'a> {
    columns: Vec<Column>,
    #[serde(borrow)]
    rows: Vec<&'a RawValue>,
}

#[derive(Deserialize)]
struct Column {
    name: String,
}

pub(super) fn read(job: &mut Job<'_, '_, '_>) -> Result<Done, Stop> {
    let taken = job.text.take(Extent::Value, MAX_BYTES, job.limits)?;
    let Some(value) = sound(taken, job.sink) else {
        return Ok(Done::default());
    };
    end(job.text)?;
    let reply: Reply<'_> = match serde_json::from_str(value.raw.get()) {
        Ok(reply) => reply,
        Err(error) => {
            let what = super::aws_config_item::plain(&error);
            job.sink.broken(
                Reason::ParseError,
                format!("a table that cannot be understood: {what}"),
                value.place,
            );
            return Ok(Done::default());
        }
    };
    let mut totals = Totals::default();
    let members: serde_json::Map<String, Value> = serde_json::from_str(value.raw.get()).unwrap_or_default();
    for (key, member) in members.iter().filter(|(key, _)| *key != "data") {
        totals.learn(key, member, value.place);
    }
    let mut bare = 0;
    for row in reply.data.rows {
        totals.rows += 1;
        let place = value.place_of(row);
        let Some(body) = object(&reply.data.columns, row) else {
            let message = format!(
                "a row without one value for each of the {} columns",
                reply.data.columns.len()
            );
            job.sink.broken(Reason::ParseError, message, place);
            continue;
        };
        bare += u64::from(!reply.data.columns.iter().any(|column| column.name == "properties"));
        let row = Valid {
            place,
            length: row.get().len() as u64,
            raw: row.to_owned().into(),
        };
        give(job.sink, body.into(), &row, Dialect::AzureResourceGraph);
    }
    totals.settle(job.sink);
    Ok(Done {
        note: bare_note(bare),
        ..Done::default()
    })
}

/// Returns the row as the object it would be in the other result format.
fn object(columns: &[Column], row: &RawValue) -> Option<Box<RawValue>> {
    let cells: Vec<&RawValue> = serde_json::from_str(row.get()).ok()?;
    if cells.len() != columns.len() {
        return None;
    }
    let mut text = String::with_capacity(row.get().len() * 2);
    for (column, cell) in columns.iter().zip(cells) {
        text.push(if text.is_empty() { '{' } else { ',' });
        text.push_str(&Value::from(column.name.as_str()).to_string());
        text.push(':');
        text.push_str(cell.get());
    }
    text.push_str(if text.is_empty() { "{}" } else { "}" });
    // The check refuses a table that names a column twice.
    crate::check::parse(&text).ok()
}
