//! Files and replies that hold a list `configurationItems`: snapshot and history deliveries, GetResourceConfigHistory,
//! BatchGetResourceConfig, and recordings of them (`{"status_code", "data"}`).
//!
//! Source: AWS Config developer guide, delivered files and API replies, read 2026-11-23.

use std::cell::Cell;

use nephoscope_model::{Gap, GapScope, Provider, Reason, ScopeRead};

use crate::formats::aws_config_item::{Seen, give, looks_like_item};
use crate::job::{Done, Job};
use crate::shape::Shape;
use crate::text::Stop;
use crate::walk::{Step, end, walk};

/// More exact names than that of the row.
pub(super) const NAMES: [&str; 3] = ["aws_config_snapshot", "aws_config_history", "aws_config_reply"];

const LISTS: [&str; 2] = ["configurationItems", "baseConfigurationItems"];

pub(super) fn fits(shape: &Shape) -> bool {
    let holds = |shape: &Shape| LISTS.iter().any(|list| shape.has_list(list));
    holds(shape)
        || shape.get("data").is_some_and(holds)
        // A delivery whose beginning was seen, up to the list or cut before it.
        || (shape.has("fileVersion") && shape.has_any(&["configSnapshotId", "requestId"]))
}

pub(super) fn read(job: &mut Job<'_, '_, '_>) -> Result<Done, Stop> {
    let mut seen = Seen::default();
    let mut snapshot = None;
    let mut delivered = false;
    let listed = Cell::new(false);
    let mut more = None;
    let name = job.input.name.clone();
    let steps = |path: &[String]| {
        let path = match path {
            [data, rest @ ..] if data == "data" => rest,
            path => path,
        };
        match path {
            [] => Step::Enter,
            [key] if LISTS.contains(&key.as_str()) => {
                listed.set(true);
                Step::Each
            }
            _ => Step::Take,
        }
    };
    walk(job.text, job.limits, job.sink, &steps, &mut |sink, piece| {
        let key = piece.path.last().map(String::as_str).unwrap_or_default();
        let raw = piece.value.raw.get();
        match key {
            _ if piece.element => {
                give(
                    sink,
                    piece.value.raw,
                    piece.value.place,
                    piece.value.length,
                    "",
                    Some(&mut seen),
                );
            }
            "configSnapshotId" => snapshot = serde_json::from_str::<String>(raw).ok().filter(|id| !id.is_empty()),
            "fileVersion" => delivered = true,
            "nextToken" | "NextToken" if raw != "null" && raw != "\"\"" => more = Some(piece.value.place),
            "unprocessedResourceKeys" | "unprocessedResourceIdentifiers" if raw.len() > 2 && raw != "null" => {
                let message = format!("the reply names resources that were not processed under `{key}`");
                let scope = GapScope {
                    provider: Some(Provider::Aws),
                    ..GapScope::default()
                };
                sink.gap(Gap::new(Reason::NotRead), message, Some(piece.value.place), scope, true);
            }
            _ if LISTS.contains(&key) => {
                sink.broken(Reason::ParseError, format!("`{key}` is no list"), piece.value.place);
            }
            _ => {}
        }
    })?;
    end(job.text)?;
    if !listed.get() {
        let place = job.text.place();
        job.sink
            .broken(Reason::ParseError, "a delivery without `configurationItems`", place);
    }
    if let Some(place) = more {
        let message = "the reply says that more items follow (`nextToken`), which are not in this input";
        let scope = GapScope {
            provider: Some(Provider::Aws),
            ..GapScope::default()
        };
        job.sink
            .gap(Gap::new(Reason::Truncated), message, Some(place), scope, true);
    }
    // A history delivery looks the same but holds what changed, not what is. It is betrayed by two versions of a
    // resource, or by the name that AWS gave it; a name is trusted only against the claim, never for it.
    let history = seen.versions || name.contains("_ConfigHistory_");
    let format = match (&snapshot, delivered) {
        (Some(_), true) if !history => "aws_config_snapshot",
        (_, true) => "aws_config_history",
        _ => "aws_config_reply",
    };
    if format == "aws_config_snapshot" && job.sink.incomplete == 0 {
        let scopes = seen
            .scopes
            .into_iter()
            .flat_map(|(account, regions)| regions.into_iter().map(move |region| (account.clone(), region)));
        for (account, region) in scopes {
            job.sink.scope_read(ScopeRead {
                provider: Provider::Aws,
                account,
                region: Some(region),
                native_type: None,
                within: None,
            });
        }
    }
    Ok(Done {
        format: Some(format),
        ..Done::default()
    })
}

/// Returns whether a list under `key` holds items; used by formats that wrap them.
pub(super) fn lists_items(shape: &Shape, key: &str) -> bool {
    shape.first(key).is_some_and(looks_like_item)
}
