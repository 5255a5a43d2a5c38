//! Replies of Google Cloud APIs other than Asset Inventory: they name no asset type.

use nephoscope_model::InputUse;

use crate::job::{Done, Job};
use crate::shape::Shape;
use crate::text::Stop;

pub(super) fn fits(shape: &Shape) -> bool {
    // Resources and lists state a kind like `storage#bucket`.
    shape.text("kind").is_some_and(|kind| kind.contains('#'))
}

pub(super) fn read(job: &mut Job<'_, '_, '_>) -> Result<Done, Stop> {
    job.not_read(InputUse::NotRecognized, "an API reply that carries no asset type")
}
