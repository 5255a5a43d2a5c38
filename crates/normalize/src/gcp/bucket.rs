//! `storage.googleapis.com/Bucket`, resource and IAM policy → `storage.bucket`.
//!
//! An organization policy (`storage.publicAccessPrevention`) can enforce the guard over what the bucket says; an asset
//! does not show it, so that a guard shown as off may be on. Bindings inherited from project, folder and organization
//! are not part of the bucket's own policy. Source: Cloud Storage JSON API `buckets`, "Public access
//! prevention", "IAM roles for Cloud Storage", read 2026-11-23.

use nephoscope_model::kinds::{
    Encryption, Grant, GrantAccess, GrantVia, Guard, KeyKind, Logging, PublicAccess, Retention, SoftDelete,
    StorageBucket, Tls, Versioning,
};
use nephoscope_model::{Fact, Gap, Reason};
use serde::Deserialize;

use super::iam_policy::{self, IamPolicy, Line, Set, public};
use super::{CAI, DATA, IAM_POLICY};
use crate::group::{Built, Found, Group, Piece};
use crate::json::{self, Text};
use crate::mapping::{Absence, Mapping, Role, Source, source};
use crate::storage::{self, Draft, unknown};

const DAY: i64 = 86_400;

/// What alone makes Cloud Storage refuse requests without TLS: the XML API takes HTTP as well as HTTPS, whatever the
/// bucket says. Source: Cloud Storage "Request endpoints", "Organization policy constraints", read 2026-11-23.
pub(crate) const TRANSPORT_POLICY: &str = "organization policy constraints/storage.secureHttpTransport";

const SOURCES: &[Source] = &[
    source(
        "/encryption/key_kind",
        "/resource/data/encryption/defaultKmsKeyName",
        Absence::Default("provider"),
    ),
    source(
        "/encryption/key_id",
        "/resource/data/encryption/defaultKmsKeyName",
        Absence::Absent,
    ),
    source(
        "/versioning/enabled",
        "/resource/data/versioning/enabled",
        Absence::Default("false"),
    ),
    source(
        "/soft_delete/enabled",
        "/resource/data/softDeletePolicy/retentionDurationSeconds",
        Absence::Unknown,
    ),
    source(
        "/soft_delete/days",
        "/resource/data/softDeletePolicy/retentionDurationSeconds",
        Absence::Unknown,
    ),
    source(
        "/public_access/guard",
        "/resource/data/iamConfiguration/publicAccessPrevention",
        Absence::Default("off"),
    ),
    source("/public_access/grants", "/iam_policy/bindings", Absence::Unknown),
    source("/public_access/grants", "/resource/data/acl", Absence::Unknown),
    source(
        "/public_access/grants",
        "/resource/data/defaultObjectAcl",
        Absence::Unknown,
    ),
    source(
        "/public_access/grants",
        "/resource/data/iamConfiguration/uniformBucketLevelAccess/enabled",
        Absence::Default("false"),
    ),
    source(
        "/logging/enabled",
        "/resource/data/logging/logBucket",
        Absence::Default("false"),
    ),
    source("/logging/target", "/resource/data/logging/logBucket", Absence::Absent),
    source(
        "/retention/enabled",
        "/resource/data/retentionPolicy/retentionPeriod",
        Absence::Default("false"),
    ),
    source(
        "/retention/days",
        "/resource/data/retentionPolicy/retentionPeriod",
        Absence::Absent,
    ),
    source(
        "/retention/locked",
        "/resource/data/retentionPolicy/isLocked",
        Absence::Default("false"),
    ),
];

pub(crate) const MAPPING: Mapping = Mapping {
    dialects: CAI,
    native_type: "storage.googleapis.com/Bucket",
    kind: "storage.bucket",
    sources: SOURCES,
    read: |body| Ok(Box::new(Line::<Bucket>::read(body)?)),
    build,
    role: Role::Whole,
    facets: &[DATA, IAM_POLICY],
    ..Mapping::BASE
};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Bucket {
    #[serde(default)]
    iam_configuration: Option<IamConfiguration>,
    #[serde(default)]
    encryption: Option<BucketEncryption>,
    #[serde(default)]
    versioning: Option<Switch>,
    #[serde(default)]
    logging: Option<BucketLogging>,
    #[serde(default)]
    soft_delete_policy: Option<SoftDeletePolicy>,
    #[serde(default)]
    retention_policy: Option<RetentionPolicy>,
    #[serde(default, deserialize_with = "json::some_many")]
    acl: Option<Vec<AclEntry>>,
    #[serde(default, deserialize_with = "json::some_many")]
    default_object_acl: Option<Vec<AclEntry>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct IamConfiguration {
    #[serde(default)]
    public_access_prevention: Option<String>,
    #[serde(default)]
    uniform_bucket_level_access: Option<Switch>,
    // The name of the same switch until 2019.
    #[serde(default)]
    bucket_policy_only: Option<Switch>,
}

#[derive(Debug, Deserialize)]
struct Switch {
    #[serde(default, deserialize_with = "json::flag")]
    enabled: Option<bool>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct BucketEncryption {
    #[serde(default)]
    default_kms_key_name: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct BucketLogging {
    #[serde(default)]
    log_bucket: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct SoftDeletePolicy {
    #[serde(default, deserialize_with = "json::integer")]
    retention_duration_seconds: Option<i64>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct RetentionPolicy {
    #[serde(default, deserialize_with = "json::integer")]
    retention_period: Option<i64>,
    #[serde(default, deserialize_with = "json::flag")]
    is_locked: Option<bool>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct AclEntry {
    #[serde(default)]
    entity: Text,
    #[serde(default)]
    role: Text,
}

/// What each role lets its members do at most. Source: "IAM roles for Cloud Storage".
const ROLES: &[(&str, GrantAccess)] = &[
    ("roles/owner", GrantAccess::Admin),
    ("roles/editor", GrantAccess::Write),
    ("roles/viewer", GrantAccess::List),
    ("roles/storage.admin", GrantAccess::Admin),
    ("roles/storage.legacyBucketOwner", GrantAccess::Admin),
    ("roles/storage.legacyBucketReader", GrantAccess::List),
    ("roles/storage.legacyBucketWriter", GrantAccess::Write),
    ("roles/storage.legacyObjectOwner", GrantAccess::Admin),
    ("roles/storage.legacyObjectReader", GrantAccess::Read),
    ("roles/storage.objectAdmin", GrantAccess::Admin),
    ("roles/storage.objectCreator", GrantAccess::Write),
    ("roles/storage.objectUser", GrantAccess::Write),
    ("roles/storage.objectViewer", GrantAccess::Read),
    ("roles/storage.bucketViewer", GrantAccess::List),
    ("roles/storage.insightsCollectorService", GrantAccess::List),
];

fn build(group: &Group<'_>) -> Built {
    let (piece, bucket) = match group.native::<Line<Bucket>>() {
        Found::Read(piece, Line { data: Some(bucket), .. }) => (piece, Some(bucket)),
        _ => (group.main, None),
    };
    let mut drafts = Vec::new();
    let mut missing = None;
    let guard = match bucket {
        Some(bucket) => Fact::Known(guard(bucket)),
        None => Fact::Unknown(group.not_read("resource")),
    };
    let effective = guard.clone().map(|guard| guard == Guard::Off);
    match iam_policy::of::<Bucket>(group) {
        Ok(Set { piece, policy, pointer }) => bindings(policy, piece, pointer, &effective, &mut drafts),
        Err(gap) => missing = Some(gap),
    }
    match bucket {
        Some(bucket) if !uniform(bucket) => {
            // An asset of a bucket with lists of its own holds them, also when they are empty.
            for (entries, field) in [(&bucket.acl, "acl"), (&bucket.default_object_acl, "defaultObjectAcl")] {
                match entries {
                    Some(entries) => acl(entries, field, piece, &effective, &mut drafts),
                    None => missing = missing.or_else(|| Some(group.not_read(field))),
                }
            }
        }
        Some(_) => {}
        None => missing = missing.or_else(|| Some(group.not_read("resource"))),
    }
    // Nothing public can take effect, so that what was not read changes nothing.
    if guard == Fact::Known(Guard::On) {
        missing = None;
    }
    let mut all = match bucket {
        Some(bucket) => attributes(bucket),
        None => storage::unread(&group.not_read("resource")),
    };
    all.public_access.guard = guard;
    all.tls.required = Fact::Unknown(group.not_read(TRANSPORT_POLICY));
    storage::build(all, drafts, missing)
}

fn attributes(bucket: &Bucket) -> StorageBucket {
    let key = bucket
        .encryption
        .as_ref()
        .and_then(|all| all.default_kms_key_name.clone())
        .filter(|key| !key.is_empty());
    let target = bucket
        .logging
        .as_ref()
        .and_then(|all| all.log_bucket.clone())
        .filter(|name| !name.is_empty());
    let period = bucket
        .retention_policy
        .as_ref()
        .and_then(|policy| policy.retention_period)
        .filter(|period| *period > 0);
    StorageBucket {
        encryption: Encryption {
            enabled: Fact::Known(true),
            key_kind: Fact::Known(if key.is_some() {
                KeyKind::Customer
            } else {
                KeyKind::Provider
            }),
            key_id: key.into(),
        },
        versioning: Versioning {
            enabled: Fact::Known(
                bucket
                    .versioning
                    .as_ref()
                    .and_then(|switch| switch.enabled)
                    .unwrap_or(false),
            ),
            mfa_delete: Fact::Absent,
        },
        soft_delete: soft_delete(bucket),
        public_access: PublicAccess::default(),
        logging: Logging {
            enabled: Fact::Known(target.is_some()),
            target: target.into(),
        },
        tls: Tls::default(),
        retention: Retention {
            enabled: Fact::Known(period.is_some()),
            locked: Fact::Known(
                bucket
                    .retention_policy
                    .as_ref()
                    .and_then(|policy| policy.is_locked)
                    .unwrap_or(false),
            ),
            days: period.map(|period| storage::days(period / DAY)).into(),
        },
        shared_keys: Fact::Absent,
    }
}

/// Absent is "inherited".
fn guard(bucket: &Bucket) -> Guard {
    let prevention = bucket
        .iam_configuration
        .as_ref()
        .and_then(|all| all.public_access_prevention.as_deref());
    match prevention.is_some_and(|value| value.eq_ignore_ascii_case("enforced")) {
        true => Guard::On,
        false => Guard::Off,
    }
}

/// Under uniform access, access control lists have no effect.
fn uniform(bucket: &Bucket) -> bool {
    bucket.iam_configuration.iter().any(|all| {
        [&all.uniform_bucket_level_access, &all.bucket_policy_only]
            .into_iter()
            .flatten()
            .any(|switch| switch.enabled == Some(true))
    })
}

/// Buckets made since 2024-03 keep deleted objects for seven days unless told otherwise, older ones do not, and an
/// export from before cannot say. Source: Cloud Storage "Soft delete", read 2026-11-23.
fn soft_delete(bucket: &Bucket) -> SoftDelete {
    match bucket
        .soft_delete_policy
        .as_ref()
        .and_then(|policy| policy.retention_duration_seconds)
    {
        Some(seconds) => SoftDelete {
            enabled: Fact::Known(seconds > 0),
            days: (seconds > 0).then(|| storage::days(seconds / DAY)).into(),
        },
        None => {
            let gap = Gap::with(Reason::NotRead, "softDeletePolicy");
            SoftDelete {
                enabled: unknown(&gap),
                days: unknown(&gap),
            }
        }
    }
}

pub(crate) fn bindings(
    policy: &IamPolicy,
    piece: &Piece,
    pointer: &str,
    effective: &Fact<bool>,
    drafts: &mut Vec<Draft>,
) {
    for (principal, member) in policy.public() {
        let role = &member.binding.role;
        let known = ROLES.iter().find(|(name, _)| name == role);
        drafts.push(Draft {
            grant: Grant {
                principal,
                // A role of the customer's own, or of another service: reading is the least that it is for.
                access: known.map_or(GrantAccess::Read, |(_, access)| *access),
                via: GrantVia::Iam,
                name: Some(role.clone()),
                // A condition on the object's name or type still lets everyone at some.
                effective: match effective {
                    Fact::Known(true) if member.binding.is_timed() => {
                        Fact::Unknown(Gap::with(Reason::ParseError, "condition on request.time"))
                    }
                    other => other.clone(),
                },
            },
            origin: piece.origin().cloned(),
            pointer: format!("{pointer}{}", member.pointer),
        });
    }
}

pub(crate) fn acl(entries: &[AclEntry], field: &str, piece: &Piece, effective: &Fact<bool>, drafts: &mut Vec<Draft>) {
    for (index, entry) in entries.iter().enumerate() {
        let Some(principal) = entry.entity.0.as_deref().and_then(public) else {
            continue;
        };
        let role = entry.role.0.clone().unwrap_or_default();
        // A reader of the bucket lists its objects, a reader of an object reads it. Source: Cloud Storage "Access
        // control lists", permissions.
        let access = match (role.as_str(), field) {
            ("READER", "acl") => GrantAccess::List,
            ("READER", _) => GrantAccess::Read,
            ("WRITER", _) => GrantAccess::Write,
            _ => GrantAccess::Admin,
        };
        drafts.push(Draft {
            grant: Grant {
                principal,
                access,
                via: GrantVia::Acl,
                name: Some(role),
                effective: effective.clone(),
            },
            origin: piece.origin().cloned(),
            pointer: format!("/resource/data/{field}/{index}"),
        });
    }
}
