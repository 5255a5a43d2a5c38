//! CloudTrail records: log files, lists, single records, EventBridge events. Feeds the timeline; nothing to judge.

use nephoscope_model::InputUse;

use crate::job::{Done, Job};
use crate::shape::Shape;
use crate::text::Stop;

pub(super) fn fits(shape: &Shape) -> bool {
    let one = shape.one();
    is_record(one)
        || shape.first("Records").is_some_and(is_record)
        || one.get("detail").is_some_and(is_record)
        || (one.has("detail-type") && one.has("detail") && one.has("source"))
}

fn is_record(shape: &Shape) -> bool {
    shape.has("eventSource")
        && shape.has("eventName")
        && shape.has_any(&["eventVersion", "eventTime", "userIdentity", "awsRegion"])
}

pub(super) fn read(job: &mut Job<'_, '_, '_>) -> Result<Done, Stop> {
    job.not_judged(InputUse::Timeline, "an audit log, which holds no resource to judge")
}
