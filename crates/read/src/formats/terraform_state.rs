//! A Terraform state as `terraform show -json` writes it, or as it is stored.

use nephoscope_model::InputUse;

use crate::job::{Done, Job};
use crate::shape::Shape;
use crate::text::Stop;

pub(super) fn fits(shape: &Shape) -> bool {
    (shape.has("terraform_version")
        && shape.has("format_version")
        && shape.has_object("values")
        && !shape.has("resource_changes"))
        || (shape.has("terraform_version") && shape.has("lineage") && shape.has("serial"))
}

pub(super) fn read(job: &mut Job<'_, '_, '_>) -> Result<Done, Stop> {
    job.not_read(InputUse::NotRecognized, "a Terraform state, which is not read yet")
}
