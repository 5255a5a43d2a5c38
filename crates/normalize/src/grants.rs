//! What resources with policies of their own share: grants to the public in canonical order, and where each stands.

use nephoscope_model::kinds::{PublicGrant, PublicGrants};
use nephoscope_model::{Fact, Gap, Origin, Provenance};

/// One grant with where it stands.
#[derive(Debug, Clone)]
pub(crate) struct Draft {
    pub(crate) grant: PublicGrant,
    pub(crate) origin: Option<Origin>,
    pub(crate) pointer: String,
}

/// Returns the list of grants under `/public_access`, sorted, each once, and where each comes from.
///
/// `missing` says why there may be further grants.
pub(crate) fn settle(mut drafts: Vec<Draft>, missing: Option<Gap>) -> (PublicGrants, Vec<Provenance>) {
    drafts.sort_by_cached_key(|draft| {
        let PublicGrant {
            principal,
            access,
            via,
            name,
            effective,
        } = &draft.grant;
        (
            (*principal, *via, *access, name.clone()),
            effective.value().copied(),
            draft.origin.clone(),
            draft.pointer.clone(),
        )
    });
    drafts.dedup_by(|a, b| a.grant == b.grant);
    let notes = (drafts.iter().enumerate())
        .filter_map(|(index, draft)| {
            Some(Provenance {
                path: format!("/attributes/public_access/grants/{index}"),
                origin: draft.origin.clone()?,
                pointer: draft.pointer.clone(),
            })
        })
        .collect();
    let grants = drafts.into_iter().map(|draft| draft.grant).collect();
    let grants = match missing {
        None => Fact::Known(grants),
        Some(gap) => Fact::Partial(grants, gap),
    };
    (PublicGrants { grants }, notes)
}
