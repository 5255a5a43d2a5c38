//! `aws_s3_bucket` with the resources that make up the rest of it → `storage.bucket`.
//!
//! Before version 4 of the provider the bucket held everything in blocks of its own, which newer versions still fill in from
//! what an existing bucket is. A resource of its own goes before such a block. What neither states is at the default of new
//! buckets when the plan creates the bucket, and not known otherwise.
//!
//! Source: Terraform AWS provider documentation of `aws_s3_bucket`, version 3 and later; Amazon S3 User Guide "Default
//! settings for new S3 buckets".

use nephoscope_model::kinds::{
    Encryption, KeyKind, Logging, PublicAccess, Retention, SoftDelete, StorageBucket, StorageGuards, Tls, Versioning,
};
use nephoscope_model::{Fact, Gap, Reason};

use super::aws_s3_account_public_access_block::{guards, guards_over};
use super::aws_s3_bucket_grants::{Grants, acl, policy};
use super::planned::{self, Planned, Spot};
use super::{PLAN, aws_s3_bucket_parts as parts, join};
use crate::aws::account_public_access_block::unknown_guards;
use crate::aws::s3_access::{either, guard};
use crate::group::{Built, Found, Group, Piece};
use crate::mapping::{Absence, Mapping, Role, Source, source};
use crate::storage::{self, unknown};

const SOURCES: &[Source] = &[
    source(
        "/encryption/key_kind",
        "/values/server_side_encryption_configuration/0/rule/0/apply_server_side_encryption_by_default/0/sse_algorithm",
        Absence::Default("provider"),
    ),
    source(
        "/encryption/key_id",
        "/values/server_side_encryption_configuration/0/rule/0/apply_server_side_encryption_by_default/0/kms_master_key_id",
        Absence::Absent,
    ),
    source(
        "/versioning/enabled",
        "/values/versioning/0/enabled",
        Absence::Default("false"),
    ),
    source(
        "/versioning/mfa_delete",
        "/values/versioning/0/mfa_delete",
        Absence::Default("false"),
    ),
    source("/public_access/grants", "/values/acl", Absence::Default("[]")),
    source("/public_access/grants", "/values/grant", Absence::Default("[]")),
    source("/public_access/grants", "/values/policy", Absence::Default("[]")),
    source("/tls/required", "/values/policy", Absence::Default("false")),
    source(
        "/logging/enabled",
        "/values/logging/0/target_bucket",
        Absence::Default("false"),
    ),
    source("/logging/target", "/values/logging/0/target_bucket", Absence::Absent),
    source(
        "/retention/enabled",
        "/values/object_lock_configuration/0/object_lock_enabled",
        Absence::Default("false"),
    ),
    source(
        "/retention/locked",
        "/values/object_lock_configuration/0/rule/0/default_retention/0/mode",
        Absence::Default("false"),
    ),
    source(
        "/retention/days",
        "/values/object_lock_configuration/0/rule/0/default_retention/0/days",
        Absence::Absent,
    ),
];

const KEYS: &[&str] = &[
    "bucket",
    "acl",
    "grant",
    "policy",
    "logging",
    "versioning",
    "server_side_encryption_configuration",
    "object_lock_configuration",
    "object_lock_enabled",
];

pub(super) const MAPPING: Mapping = Mapping {
    dialects: PLAN,
    native_type: "aws_s3_bucket",
    kind: "storage.bucket",
    sources: SOURCES,
    read: |body| planned::read(body, KEYS),
    build,
    role: Role::Whole,
    names: Some(|resource, native| join::whole(resource, native, &[&["bucket"]])),
    ..Mapping::BASE
};

/// Resources of single aspects, each with the bucket's own argument for it.
const APART: &[(&Mapping, &str)] = &[
    (&parts::ACL, "/acl"),
    (&parts::LOGGING, "/logging"),
    (&parts::OBJECT_LOCK, "/object_lock_configuration"),
    (&parts::OWNERSHIP, "/ownership_controls"),
    (&parts::POLICY, "/policy"),
    (&parts::PUBLIC_ACCESS_BLOCK, "/public_access_block"),
    (&parts::ENCRYPTION, "/server_side_encryption_configuration"),
    (&parts::VERSIONING, "/versioning"),
];

/// A bucket with its parts.
pub(super) struct Bucket<'a> {
    pub(super) group: &'a Group<'a>,
    pub(super) main: &'a Piece,
    pub(super) own: &'a Planned,
}

/// What states one aspect of a bucket.
pub(super) enum Stated<'a> {
    /// A resource of its own.
    Part(&'a Planned),
    /// A block or argument of the bucket, which is not absent.
    Own(Spot<'a>),
    /// A resource of its own that the plan deletes, so that it is at what Amazon S3 does without.
    Gone,
    /// Nothing: what a new bucket has.
    Default,
    /// Nothing that says it for certain.
    Unknown(Gap),
}

impl<'a> Bucket<'a> {
    /// Returns what states an aspect: the resource of the type `part`, else the bucket's argument `own`.
    pub(super) fn stated(&self, part: &Mapping, own: &str) -> Stated<'a> {
        let mut apart = self.group.parts(part.native_type);
        if let Some(piece) = apart.next() {
            // Which of them is applied last is not said.
            if apart.any(|other| !agree(piece, other)) {
                let detail = format!("more than one {} of {}", part.native_type, self.main.resource.id);
                return Stated::Unknown(Gap::with(Reason::UnknownAtPlan, detail));
            }
            return match piece.get::<Planned>() {
                Found::Read(_, planned) => Stated::Part(planned),
                Found::Failed(gap) => Stated::Unknown(gap),
                Found::Missing => Stated::Unknown(self.group.not_read(part.native_type)),
            };
        }
        if self.ends(part, own) {
            return Stated::Gone;
        }
        let spot = self.own.computed(own);
        match spot.value() {
            Fact::Known(_) | Fact::Partial(..) => Stated::Own(spot),
            Fact::Unknown(gap) => Stated::Unknown(gap),
            Fact::Absent if self.own.created => Stated::Default,
            Fact::Absent => Stated::Unknown(self.group.not_read(part.native_type)),
        }
    }

    /// Returns whether the plan deletes the resource of the type `part` and puts no other and no argument `own` in its
    /// place. What the bucket said of it before still shows in its state.
    pub(super) fn ends(&self, part: &Mapping, own: &str) -> bool {
        !self.own.created
            && self.own.unchanged(own)
            && self.group.parts(part.native_type).next().is_none()
            && self.group.gone(part.native_type).next().is_some()
    }
}

fn agree(one: &Piece, other: &Piece) -> bool {
    match (one.get::<Planned>(), other.get::<Planned>()) {
        (Found::Read(_, one), Found::Read(_, other)) => one.agrees_but_for(other, "bucket"),
        _ => false,
    }
}

fn build(group: &Group<'_>) -> Built {
    let Found::Read(main, own) = group.native::<Planned>() else {
        return Built::unknown(Gap::with(Reason::NotRead, "values"));
    };
    let bucket = Bucket { group, main, own };
    let guards = either(&own_guards(&bucket), &guards_over(&main.resource, own, group.context));
    let mut grants = Grants::default();
    acl(&bucket, &guards, &mut grants);
    let required = policy(&bucket, &guards, &mut grants);
    let attributes = StorageBucket {
        encryption: encryption(&bucket),
        versioning: versioning(&bucket),
        // S3 has no soft delete. Source: Amazon S3 User Guide "Deleting objects".
        soft_delete: SoftDelete {
            enabled: Fact::Known(false),
            days: Fact::Absent,
        },
        public_access: PublicAccess {
            guard: guard(&guards),
            network: Fact::Absent,
            grants: Fact::Absent,
        },
        logging: logging(&bucket),
        tls: Tls {
            required,
            min_version: Fact::Absent,
        },
        retention: retention(&bucket),
        shared_keys: Fact::Absent,
    };
    let mut built = storage::build(attributes, grants.drafts, grants.missing);
    for piece in &group.parts {
        built.from_part(piece);
    }
    for (part, _) in APART.iter().filter(|(part, own)| bucket.ends(part, own)) {
        for piece in group.gone(part.native_type) {
            built.from_part(piece);
        }
    }
    built
}

fn own_guards(bucket: &Bucket<'_>) -> StorageGuards {
    // No argument of the bucket itself speaks of it.
    match bucket.stated(&parts::PUBLIC_ACCESS_BLOCK, "/public_access_block") {
        Stated::Part(planned) => guards(planned),
        Stated::Unknown(gap) => unknown_guards(&gap),
        // Source: Amazon S3 API Reference "DeletePublicAccessBlock": it removes the configuration.
        Stated::Gone => StorageGuards {
            block_public_acls: Fact::Known(false),
            ignore_public_acls: Fact::Known(false),
            block_public_policy: Fact::Known(false),
            restrict_public_buckets: Fact::Known(false),
        },
        // Since April 2023 all four settings are on for new buckets, however they are created.
        // Source: AWS News Blog "Heads-Up: Amazon S3 Security Changes Are Coming in April of 2023", read 2026-11-23.
        Stated::Own(_) | Stated::Default => StorageGuards {
            block_public_acls: Fact::Known(true),
            ignore_public_acls: Fact::Known(true),
            block_public_policy: Fact::Known(true),
            restrict_public_buckets: Fact::Known(true),
        },
    }
}

fn encryption(bucket: &Bucket<'_>) -> Encryption {
    // Since 2023-01-05 every new object is encrypted, with S3's own keys where nothing is configured.
    // Source: Amazon S3 User Guide "Setting default server-side encryption behavior".
    let enabled = Fact::Known(true);
    let provider = || Encryption {
        enabled: Fact::Known(true),
        key_kind: Fact::Known(KeyKind::Provider),
        key_id: Fact::Absent,
    };
    let lost = |gap: &Gap| Encryption {
        enabled: Fact::Known(true),
        key_kind: unknown(gap),
        key_id: unknown(gap),
    };
    let rules = match bucket.stated(&parts::ENCRYPTION, "/server_side_encryption_configuration") {
        Stated::Part(planned) => planned.at("/rule"),
        Stated::Own(spot) => spot.at("/0/rule"),
        // Source: Amazon S3 API Reference "DeleteBucketEncryption": it resets to S3's own keys.
        Stated::Gone | Stated::Default => return provider(),
        Stated::Unknown(gap) => return lost(&gap),
    };
    let default = match rules.items() {
        Fact::Known(_) | Fact::Partial(..) => rules.at("/0/apply_server_side_encryption_by_default").block(),
        Fact::Absent => Fact::Absent,
        Fact::Unknown(gap) => Fact::Unknown(gap),
    };
    let default = match default {
        Fact::Known(default) | Fact::Partial(default, _) => default,
        Fact::Absent => return provider(),
        Fact::Unknown(gap) => return lost(&gap),
    };
    match default.at("/sse_algorithm").text() {
        Fact::Known(name) if name.starts_with("aws:kms") => {}
        Fact::Unknown(gap) => return lost(&gap),
        _ => return provider(),
    }
    let spot = default.at("/kms_master_key_id");
    match spot.text() {
        // Without a key, or with the alias, it is the key that AWS made in the account.
        Fact::Absent => provider(),
        Fact::Known(key) | Fact::Partial(key, _) if key.ends_with("alias/aws/s3") => provider(),
        Fact::Known(key) | Fact::Partial(key, _) => Encryption {
            enabled,
            key_kind: Fact::Known(KeyKind::Customer),
            key_id: Fact::Known(key),
        },
        Fact::Unknown(gap) => {
            // A key that a plan makes is the customer's, whatever its id will be.
            let made = [
                "aws_kms_key",
                "aws_kms_replica_key",
                "aws_kms_external_key",
                "aws_kms_alias",
            ];
            let customer = spot
                .referred_resources()
                .any(|address| made.contains(&join::type_of(address)));
            Encryption {
                enabled,
                key_kind: if customer {
                    Fact::Known(KeyKind::Customer)
                } else {
                    unknown(&gap)
                },
                key_id: Fact::Unknown(gap),
            }
        }
    }
}

fn versioning(bucket: &Bucket<'_>) -> Versioning {
    let is = |fact: Fact<String>| fact.map(|text| text.eq_ignore_ascii_case("enabled")).or_default(false);
    match bucket.stated(&parts::VERSIONING, "/versioning") {
        Stated::Part(planned) => {
            let mfa = planned.at("/versioning_configuration/0/mfa_delete");
            let mfa_delete = match mfa.text() {
                // Computed where it is not set: a new bucket has none.
                Fact::Unknown(_) if bucket.own.created && mfa.referred().next().is_none() => Fact::Known(false),
                text => is(text),
            };
            Versioning {
                enabled: is(planned.at("/versioning_configuration/0/status").text()),
                mfa_delete,
            }
        }
        Stated::Own(spot) => Versioning {
            enabled: spot.at("/0/enabled").flag().or_default(false),
            mfa_delete: spot.at("/0/mfa_delete").flag().or_default(false),
        },
        // What had versions keeps them, but gets no new ones. Source: Terraform AWS provider documentation of
        // `aws_s3_bucket_versioning`: deleting it suspends versioning.
        Stated::Gone | Stated::Default => Versioning {
            enabled: Fact::Known(false),
            mfa_delete: Fact::Known(false),
        },
        Stated::Unknown(gap) => Versioning {
            enabled: unknown(&gap),
            mfa_delete: unknown(&gap),
        },
    }
}

fn logging(bucket: &Bucket<'_>) -> Logging {
    let target = match bucket.stated(&parts::LOGGING, "/logging") {
        Stated::Part(planned) => planned.at("/target_bucket"),
        Stated::Own(spot) => match spot.block() {
            Fact::Known(block) => block.at("/target_bucket"),
            Fact::Absent | Fact::Partial(..) => {
                return Logging {
                    enabled: Fact::Known(false),
                    target: Fact::Absent,
                };
            }
            Fact::Unknown(gap) => {
                return Logging {
                    enabled: unknown(&gap),
                    target: unknown(&gap),
                };
            }
        },
        Stated::Gone | Stated::Default => {
            return Logging {
                enabled: Fact::Known(false),
                target: Fact::Absent,
            };
        }
        Stated::Unknown(gap) => {
            return Logging {
                enabled: unknown(&gap),
                target: unknown(&gap),
            };
        }
    };
    // Without a target there is no log; one that is not known yet is one.
    let target = target.text();
    Logging {
        enabled: Fact::Known(target != Fact::Absent),
        target,
    }
}

fn retention(bucket: &Bucket<'_>) -> Retention {
    let none = || Retention {
        enabled: Fact::Known(false),
        locked: Fact::Known(false),
        days: Fact::Absent,
    };
    // The switch stands beside the block since version 4.
    let switch = bucket.own.computed("/object_lock_enabled").flag();
    let (enabled, rule) = match (bucket.stated(&parts::OBJECT_LOCK, "/object_lock_configuration"), switch) {
        (Stated::Part(planned), _) => (
            planned
                .at("/object_lock_enabled")
                .text()
                .or_default("Enabled".to_owned()),
            planned.at("/rule/0"),
        ),
        (Stated::Own(spot), switch) if switch != Fact::Known(true) || spot.block().value().is_some() => {
            (spot.at("/0/object_lock_enabled").text(), spot.at("/0/rule/0"))
        }
        // Object Lock cannot be turned off again: only the default retention goes. Source: Amazon S3 User Guide
        // "Object Lock considerations".
        (Stated::Gone, _) | (Stated::Own(_) | Stated::Default, Fact::Known(true)) => {
            return Retention {
                enabled: Fact::Known(true),
                ..none()
            };
        }
        (Stated::Own(_) | Stated::Default, Fact::Unknown(gap)) => {
            return Retention {
                enabled: Fact::Unknown(gap),
                ..none()
            };
        }
        (Stated::Unknown(_), Fact::Known(false)) | (Stated::Own(_) | Stated::Default, _) => return none(),
        (Stated::Unknown(gap), switch) => {
            let enabled = if switch == Fact::Known(true) {
                switch
            } else {
                unknown(&gap)
            };
            return Retention {
                enabled,
                locked: unknown(&gap),
                days: unknown(&gap),
            };
        }
    };
    let enabled = enabled
        .map(|text| text.eq_ignore_ascii_case("enabled"))
        .or_default(false);
    let default = rule.at("/default_retention/0");
    // In compliance mode nobody can shorten it, not even the root user. Source: Amazon S3 User Guide "Object Lock".
    let compliance = default
        .at("/mode")
        .text()
        .map(|mode| mode.eq_ignore_ascii_case("compliance"))
        .or_default(false);
    let on = enabled == Fact::Known(true);
    let count = |days: i64, each: i64| storage::days(days.saturating_mul(each));
    let positive = |fact: Fact<i64>| match fact {
        // The SDK of older providers writes 0 for none.
        Fact::Known(0) => Fact::Absent,
        other => other,
    };
    Retention {
        locked: if on { compliance } else { enabled.clone().map(|_| false) },
        days: planned::either(
            positive(default.at("/days").integer()).map(|days| count(days, 1)),
            || positive(default.at("/years").integer()).map(|years| count(years, 365)),
        ),
        enabled,
    }
}
