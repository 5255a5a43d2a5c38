//! Configuration items by themselves: one, a list, one a line.

use crate::formats::aws_config_item::{give, looks_like_item};
use crate::job::{Done, Job};
use crate::shape::Shape;
use crate::text::Stop;
use crate::walk::each;

pub(super) fn fits(shape: &Shape) -> bool {
    looks_like_item(shape.one())
}

pub(super) fn read(job: &mut Job<'_, '_, '_>) -> Result<Done, Stop> {
    each(job.text, job.limits, job.sink, &mut |sink, value| {
        give(sink, value.raw, value.place, value.length, "", None);
    })?;
    Ok(Done::default())
}
