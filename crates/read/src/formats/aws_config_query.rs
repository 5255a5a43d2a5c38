//! Replies of SelectResourceConfig and SelectAggregateResourceConfig: `Results` is a list of strings that hold JSON.
//!
//! Source: AWS Config developer guide, advanced queries, and a recorded reply, read 2026-11-23.

use nephoscope_model::{Gap, GapScope, Provider, Reason};

use crate::check;
use crate::formats::aws_config_item::give;
use crate::job::{Done, Job};
use crate::shape::Shape;
use crate::text::Stop;
use crate::walk::{Step, end, walk};

pub(super) fn fits(shape: &Shape) -> bool {
    let holds = |shape: &Shape| {
        shape.has_list("Results")
            && (shape.has("QueryInfo")
                || matches!(shape.first("Results"), Some(Shape::Text(text)) if text.starts_with('{')))
    };
    holds(shape) || shape.get("data").is_some_and(holds)
}

pub(super) fn read(job: &mut Job<'_, '_, '_>) -> Result<Done, Stop> {
    let limits = job.limits;
    let steps = |path: &[String]| match path {
        [] => Step::Enter,
        [data] if data == "data" => Step::Enter,
        [.., key] if key == "Results" => Step::Each,
        _ => Step::Take,
    };
    walk(job.text, limits, job.sink, &steps, &mut |sink, piece| {
        let value = &piece.value;
        let key = piece.path.last().map(String::as_str).unwrap_or_default();
        if piece.element {
            // `--query` of the CLI may have turned the strings into objects already.
            let Ok(text) = serde_json::from_str::<String>(value.raw.get()) else {
                give(sink, value.raw.clone(), value.place, value.length, "", None);
                return;
            };
            if !check::shallow(&text, limits) {
                sink.broken(Reason::ParseError, "a query result nested too deep", value.place);
                return;
            }
            match check::parse(&text) {
                Ok(raw) => match projected(&raw) {
                    None => give(sink, raw.into(), value.place, value.length, "", None),
                    Some(message) => sink.broken(Reason::NotRead, message, value.place),
                },
                Err((message, _)) => sink.broken(Reason::ParseError, format!("a query result: {message}"), value.place),
            }
        } else if matches!(key, "NextToken" | "nextToken") && !matches!(value.raw.get(), "null" | "\"\"") {
            let message = "the reply says that more results follow (`NextToken`), which are not in this input";
            let scope = GapScope {
                provider: Some(Provider::Aws),
                ..GapScope::default()
            };
            sink.gap(Gap::new(Reason::Truncated), message, Some(value.place), scope, true);
        }
    })?;
    end(job.text)?;
    Ok(Done::default())
}

/// Returns what is wrong when the query did not select what an item needs.
fn projected(raw: &serde_json::value::RawValue) -> Option<String> {
    let fields: serde_json::Map<String, serde_json::Value> = serde_json::from_str(raw.get()).ok()?;
    let missing: Vec<&str> = ["resourceType", "configuration"]
        .into_iter()
        .filter(|field| !fields.contains_key(*field))
        .collect();
    (!missing.is_empty()).then(|| {
        format!(
            "a query result without `{}` (help: select it in the query)",
            missing.join("`, `")
        )
    })
}
