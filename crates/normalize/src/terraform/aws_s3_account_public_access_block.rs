//! `aws_s3_account_public_access_block` → `account.scope`.
//!
//! Source: Terraform AWS provider documentation of `aws_s3_account_public_access_block`; the same four settings
//! and defaults as `aws_s3_bucket_public_access_block`, read 2026-11-23.

use nephoscope_model::kinds::{AccountScope, StorageGuards};
use nephoscope_model::{Fact, Gap, Reason, Resource, State};

use super::PLAN;
use super::planned::{self, Planned};
use crate::aws::account_public_access_block::unknown_guards;
use crate::group::{Built, Context, Found, Group, Piece};
use crate::mapping::{Absence, Mapping, Role, Source, source};

const NATIVE_TYPE: &str = "aws_s3_account_public_access_block";

const SOURCES: &[Source] = &[
    source(
        "/storage_guards/block_public_acls",
        "/values/block_public_acls",
        Absence::Default("false"),
    ),
    source(
        "/storage_guards/ignore_public_acls",
        "/values/ignore_public_acls",
        Absence::Default("false"),
    ),
    source(
        "/storage_guards/block_public_policy",
        "/values/block_public_policy",
        Absence::Default("false"),
    ),
    source(
        "/storage_guards/restrict_public_buckets",
        "/values/restrict_public_buckets",
        Absence::Default("false"),
    ),
];

pub(super) const KEYS: &[&str] = &[
    "block_public_acls",
    "ignore_public_acls",
    "block_public_policy",
    "restrict_public_buckets",
];

pub(super) const MAPPING: Mapping = Mapping {
    dialects: PLAN,
    native_type: NATIVE_TYPE,
    kind: "account.scope",
    sources: SOURCES,
    read: |body| planned::read(body, KEYS),
    build,
    role: Role::Whole,
    ..Mapping::BASE
};

fn build(group: &Group<'_>) -> Built {
    let storage_guards = match group.native::<Planned>() {
        Found::Read(_, native) => guards(native),
        _ => unknown_guards(&Gap::with(Reason::NotRead, "values")),
    };
    Built::new(&AccountScope {
        storage_guards,
        // The account may have one that another configuration made.
        audit_trail: Fact::Unknown(Gap::with(Reason::NotRead, "trails of the account")),
        ..AccountScope::default()
    })
}

/// Returns the four settings, of an account or a bucket; the provider turns off what is not set.
pub(super) fn guards(planned: &Planned) -> StorageGuards {
    let setting = |key: &str| planned.at(format!("/{key}")).flag().or_default(false);
    StorageGuards {
        block_public_acls: setting("block_public_acls"),
        ignore_public_acls: setting("ignore_public_acls"),
        block_public_policy: setting("block_public_policy"),
        restrict_public_buckets: setting("restrict_public_buckets"),
    }
}

/// Returns the account's guards as a planned bucket sees them.
///
/// A bucket does not say its account, so the guards that count are those of the same plan and provider block where all it
/// has agree.
pub(super) fn guards_over(bucket: &Resource, own: &Planned, context: &Context<'_>) -> StorageGuards {
    let file = |resource: &Resource| resource.origins.first().map(|origin| origin.file.clone());
    let here = |piece: &Piece| match piece.get::<Planned>() {
        Found::Read(_, planned) => planned.provider_key == own.provider_key,
        // Which block it is of was not read either.
        Found::Failed(_) | Found::Missing => true,
    };
    let blocks = context
        .planned(NATIVE_TYPE)
        .iter()
        .filter(|piece| piece.resource.state != State::Deleted && file(&piece.resource) == file(bucket) && here(piece));
    let mut found: Vec<StorageGuards> = Vec::new();
    for piece in blocks {
        let guards = of(piece);
        if !found.contains(&guards) {
            found.push(guards);
        }
    }
    match found.as_slice() {
        [] => unknown_guards(&Gap::with(Reason::NotRead, format!("{NATIVE_TYPE} of {}", bucket.id))),
        [only] => only.clone(),
        _ => unknown_guards(&Gap::with(
            Reason::UnknownAtPlan,
            format!("the account of {}", bucket.id),
        )),
    }
}

fn of(piece: &Piece) -> StorageGuards {
    match piece.get::<Planned>() {
        Found::Read(_, planned) => guards(planned),
        Found::Failed(gap) => unknown_guards(&gap),
        Found::Missing => unknown_guards(&Gap::with(Reason::NotRead, NATIVE_TYPE)),
    }
}
