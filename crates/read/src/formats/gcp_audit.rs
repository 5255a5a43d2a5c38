//! Google Cloud audit log entries. Feeds the timeline; nothing to judge.

use nephoscope_model::InputUse;

use crate::job::{Done, Job};
use crate::shape::Shape;
use crate::text::Stop;

pub(super) fn fits(shape: &Shape) -> bool {
    is_entry(shape.one()) || shape.first("entries").is_some_and(is_entry)
}

fn is_entry(shape: &Shape) -> bool {
    shape.has_object("protoPayload") || (shape.has("logName") && shape.has_any(&["insertId", "timestamp"]))
}

pub(super) fn read(job: &mut Job<'_, '_, '_>) -> Result<Done, Stop> {
    job.not_judged(InputUse::Timeline, "an audit log, which holds no resource to judge")
}
