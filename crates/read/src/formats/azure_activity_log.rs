//! Azure Activity Log: REST replies, exports, Event Hub batches. Feeds the timeline; nothing to judge.

use nephoscope_model::InputUse;

use crate::job::{Done, Job};
use crate::shape::Shape;
use crate::text::Stop;

pub(super) fn fits(shape: &Shape) -> bool {
    is_event(shape.one()) || shape.first("value").is_some_and(is_event) || shape.first("records").is_some_and(is_event)
}

fn is_event(shape: &Shape) -> bool {
    shape.has("operationName") && shape.has_any(&["eventTimestamp", "time", "callerIpAddress", "correlationId"])
}

pub(super) fn read(job: &mut Job<'_, '_, '_>) -> Result<Done, Stop> {
    job.not_judged(InputUse::Timeline, "an activity log, which holds no resource to judge")
}
