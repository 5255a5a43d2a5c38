//! Azure Resource Graph change details: snapshots before and after. Feeds the timeline; nothing to judge.

use nephoscope_model::InputUse;

use crate::job::{Done, Job};
use crate::shape::Shape;
use crate::text::Stop;

pub(super) fn fits(shape: &Shape) -> bool {
    is_change(shape.one()) || shape.first("changes").is_some_and(is_change)
}

fn is_change(shape: &Shape) -> bool {
    shape.has("changeId") && shape.has_any(&["beforeSnapshot", "afterSnapshot"])
}

pub(super) fn read(job: &mut Job<'_, '_, '_>) -> Result<Done, Stop> {
    job.not_judged(
        InputUse::Timeline,
        "a change history, which holds no inventory to judge",
    )
}
