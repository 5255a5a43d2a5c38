//! What functions of several clouds share: grants of the right to call, in canonical order.

use nephoscope_model::kinds::{ComputeFunction, InvokeGrant};
use nephoscope_model::{Fact, Gap, Origin, Provenance};

use crate::group::Built;

/// One grant with where it stands.
#[derive(Debug, Clone)]
pub(crate) struct Draft {
    pub(crate) grant: InvokeGrant,
    pub(crate) origin: Option<Origin>,
    pub(crate) pointer: String,
}

/// Returns the attributes as built, with `drafts` as the list of grants: sorted, each once.
///
/// `missing` says why there may be further grants.
pub(crate) fn build(mut function: ComputeFunction, mut drafts: Vec<Draft>, missing: Option<Gap>) -> Built {
    drafts.sort_by_cached_key(|draft| {
        let InvokeGrant {
            principal,
            name,
            admin,
            effective,
        } = &draft.grant;
        (
            *principal,
            name.clone(),
            *admin,
            effective.value().copied(),
            draft.origin.clone(),
            draft.pointer.clone(),
        )
    });
    drafts.dedup_by(|a, b| a.grant == b.grant);
    let notes: Vec<Provenance> = (drafts.iter().enumerate())
        .filter_map(|(index, draft)| {
            Some(Provenance {
                path: format!("/attributes/invocation/grants/{index}"),
                origin: draft.origin.clone()?,
                pointer: draft.pointer.clone(),
            })
        })
        .collect();
    let grants: Vec<InvokeGrant> = drafts.into_iter().map(|draft| draft.grant).collect();
    function.invocation.grants = match missing {
        None => Fact::Known(grants),
        Some(gap) => Fact::Partial(grants, gap),
    };
    let mut built = Built::new(&function);
    built.provenance = notes;
    built
}
