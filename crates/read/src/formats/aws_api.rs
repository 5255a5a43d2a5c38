//! Replies of AWS APIs other than Config: they do not say what type their members are of.

use nephoscope_model::InputUse;

use crate::job::{Done, Job};
use crate::shape::Shape;
use crate::text::Stop;

pub(super) fn fits(shape: &Shape) -> bool {
    (shape.has("status_code") && shape.has_object("data"))
        || shape.has("ResponseMetadata")
        || shape.has_list("resourceIdentifiers")
        || shape.has_any(&["DeliveryChannelsStatus", "EvaluationResults"])
}

pub(super) fn read(job: &mut Job<'_, '_, '_>) -> Result<Done, Stop> {
    job.not_read(
        InputUse::NotRecognized,
        "an API reply that does not say which types it is about",
    )
}
