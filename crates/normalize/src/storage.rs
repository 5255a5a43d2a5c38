//! What the three object stores share: grants in canonical order, and facts that nobody has read.

use nephoscope_model::kinds::{
    Encryption, Grant, Logging, PublicAccess, Retention, SoftDelete, StorageBucket, Tls, Versioning,
};
use nephoscope_model::{Fact, Gap, Origin, Provenance};

use crate::group::Built;

/// One grant with where it stands.
#[derive(Debug, Clone)]
pub(crate) struct Draft {
    pub(crate) grant: Grant,
    pub(crate) origin: Option<Origin>,
    pub(crate) pointer: String,
}

/// Returns the attributes as built, with `drafts` as the list of grants: sorted, each once.
///
/// `missing` says why there may be further grants.
pub(crate) fn build(mut bucket: StorageBucket, mut drafts: Vec<Draft>, missing: Option<Gap>) -> Built {
    drafts.sort_by_cached_key(|draft| {
        let Grant {
            principal,
            access,
            via,
            name,
            effective,
        } = &draft.grant;
        (
            *principal,
            *via,
            *access,
            name.clone(),
            effective.value().copied(),
            draft.origin.clone(),
            draft.pointer.clone(),
        )
    });
    drafts.dedup_by(|a, b| a.grant == b.grant);
    let notes: Vec<Provenance> = (drafts.iter().enumerate())
        .filter_map(|(index, draft)| {
            Some(Provenance {
                path: format!("/attributes/public_access/grants/{index}"),
                origin: draft.origin.clone()?,
                pointer: draft.pointer.clone(),
            })
        })
        .collect();
    let grants: Vec<Grant> = drafts.into_iter().map(|draft| draft.grant).collect();
    bucket.public_access.grants = match missing {
        None => Fact::Known(grants),
        Some(gap) => Fact::Partial(grants, gap),
    };
    let mut built = Built::new(&bucket);
    built.provenance = notes;
    built
}

/// Returns a bucket of which nothing is known but what every bucket of that cloud has; grants are set by [`build`].
pub(crate) fn unread(gap: &Gap) -> StorageBucket {
    StorageBucket {
        encryption: Encryption {
            enabled: unknown(gap),
            key_kind: unknown(gap),
            key_id: unknown(gap),
        },
        versioning: Versioning {
            enabled: unknown(gap),
            mfa_delete: Fact::Absent,
        },
        soft_delete: SoftDelete {
            enabled: unknown(gap),
            days: unknown(gap),
        },
        public_access: PublicAccess {
            guard: unknown(gap),
            network: Fact::Absent,
            grants: Fact::Absent,
        },
        logging: Logging {
            enabled: unknown(gap),
            target: unknown(gap),
        },
        tls: Tls {
            required: unknown(gap),
            min_version: Fact::Absent,
        },
        retention: Retention {
            enabled: unknown(gap),
            locked: unknown(gap),
            days: unknown(gap),
        },
        shared_keys: Fact::Absent,
    }
}

/// Returns a fact that is unknown for this reason.
pub(crate) fn unknown<T>(gap: &Gap) -> Fact<T> {
    Fact::Unknown(gap.clone())
}

/// Returns whole days, what is beyond the attribute's domain as its end.
pub(crate) fn days(count: i64) -> u32 {
    u32::try_from(count.max(0)).unwrap_or(u32::MAX)
}
