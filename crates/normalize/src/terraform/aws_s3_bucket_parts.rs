//! The resources over which the AWS provider spreads one bucket since version 4.
//!
//! Source: Terraform AWS provider documentation of each.

use super::planned;
use super::{PLAN, aws_s3_account_public_access_block, join};
use crate::mapping::{Absence, Mapping, Role, Source, source};

const BUCKET: &str = "aws_s3_bucket";

const PART: Mapping = Mapping {
    dialects: PLAN,
    kind: "storage.bucket",
    role: Role::Part {
        of: BUCKET,
        names: |resource, native| join::part(resource, native, BUCKET, &[&["bucket"]]),
    },
    ..Mapping::BASE
};

pub(super) const ACL: Mapping = Mapping {
    native_type: "aws_s3_bucket_acl",
    sources: &[
        source("/public_access/grants", "/values/acl", Absence::Default("[]")),
        source(
            "/public_access/grants",
            "/values/access_control_policy",
            Absence::Default("[]"),
        ),
    ],
    read: |body| planned::read(body, &["bucket", "acl", "access_control_policy"]),
    ..PART
};

pub(super) const LOGGING: Mapping = Mapping {
    native_type: "aws_s3_bucket_logging",
    sources: &[
        source("/logging/enabled", "/values/target_bucket", Absence::Default("false")),
        source("/logging/target", "/values/target_bucket", Absence::Absent),
    ],
    read: |body| planned::read(body, &["bucket", "target_bucket"]),
    ..PART
};

const OBJECT_LOCK_SOURCES: &[Source] = &[
    source(
        "/retention/enabled",
        "/values/object_lock_enabled",
        Absence::Default("true"),
    ),
    source(
        "/retention/locked",
        "/values/rule/0/default_retention/0/mode",
        Absence::Default("false"),
    ),
    source(
        "/retention/days",
        "/values/rule/0/default_retention/0/days",
        Absence::Absent,
    ),
];

pub(super) const OBJECT_LOCK: Mapping = Mapping {
    native_type: "aws_s3_bucket_object_lock_configuration",
    sources: OBJECT_LOCK_SOURCES,
    read: |body| planned::read(body, &["bucket", "object_lock_enabled", "rule"]),
    ..PART
};

pub(super) const OWNERSHIP: Mapping = Mapping {
    native_type: "aws_s3_bucket_ownership_controls",
    // `BucketOwnerEnforced` takes effect from the grants of access control lists.
    sources: &[source(
        "/public_access/grants",
        "/values/rule/0/object_ownership",
        Absence::Absent,
    )],
    read: |body| planned::read(body, &["bucket", "rule"]),
    ..PART
};

pub(super) const POLICY: Mapping = Mapping {
    native_type: "aws_s3_bucket_policy",
    sources: &[
        source("/public_access/grants", "/values/policy", Absence::Default("[]")),
        source("/tls/required", "/values/policy", Absence::Default("false")),
    ],
    read: |body| planned::read(body, &["bucket", "policy"]),
    ..PART
};

pub(super) const PUBLIC_ACCESS_BLOCK: Mapping = Mapping {
    native_type: "aws_s3_bucket_public_access_block",
    sources: &[source(
        "/public_access/guard",
        "/values/restrict_public_buckets",
        Absence::Default("off"),
    )],
    read: |body| {
        let mut keys = vec!["bucket"];
        keys.extend(aws_s3_account_public_access_block::KEYS);
        planned::read(body, &keys)
    },
    ..PART
};

pub(super) const ENCRYPTION: Mapping = Mapping {
    native_type: "aws_s3_bucket_server_side_encryption_configuration",
    sources: &[
        source(
            "/encryption/key_kind",
            "/values/rule/0/apply_server_side_encryption_by_default/0/sse_algorithm",
            Absence::Default("provider"),
        ),
        source(
            "/encryption/key_id",
            "/values/rule/0/apply_server_side_encryption_by_default/0/kms_master_key_id",
            Absence::Absent,
        ),
    ],
    read: |body| planned::read(body, &["bucket", "rule"]),
    ..PART
};

pub(super) const VERSIONING: Mapping = Mapping {
    native_type: "aws_s3_bucket_versioning",
    sources: &[
        source(
            "/versioning/enabled",
            "/values/versioning_configuration/0/status",
            Absence::Default("false"),
        ),
        source(
            "/versioning/mfa_delete",
            "/values/versioning_configuration/0/mfa_delete",
            Absence::Default("false"),
        ),
    ],
    read: |body| planned::read(body, &["bucket", "versioning_configuration"]),
    ..PART
};
