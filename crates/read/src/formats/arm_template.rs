//! ARM deployment templates.

use nephoscope_model::InputUse;

use crate::job::{Done, Job};
use crate::shape::Shape;
use crate::text::Stop;

pub(super) fn fits(shape: &Shape) -> bool {
    shape
        .text("$schema")
        .is_some_and(|schema| schema.to_ascii_lowercase().contains("deploymenttemplate.json"))
}

pub(super) fn read(job: &mut Job<'_, '_, '_>) -> Result<Done, Stop> {
    job.not_read(InputUse::UseGate, "an ARM template, which is not read yet")
}
