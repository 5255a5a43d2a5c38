//! `AWS::S3::Bucket` → `storage.bucket`.
//!
//! An item whose `supplementaryConfiguration` is whole lists what is configured: a part that it lacks is not
//! configured. Every bucket has an access control list, so an item without one is a projection (the answer of
//! SelectResourceConfig has neither list nor policy), and tells nothing of the parts that it lacks. Source: AWS Config resource schema
//! `AWS::S3::Bucket` and recorded items, read 2026-11-23.

use nephoscope_model::kinds::{
    Encryption, Grant, GrantVia, KeyKind, Logging, PublicAccess, Retention, SoftDelete, StorageBucket, Tls, Versioning,
};
use nephoscope_model::{Fact, Gap, Reason, Resource};
use serde::Deserialize;

use super::account_public_access_block::{PublicAccessBlock, guards_over};
use super::s3_access::{acl_access, effective, either, guard, public_group};
use super::s3_policy::{self, PolicyFacts};
use super::{CONFIG, SUPPLEMENTARY, partition};
use crate::body::Body;
use crate::error::NormalizeError;
use crate::group::{Built, Found, Group};
use crate::json::{self, Text, Wrapped};
use crate::mapping::{Absence, Mapping, Native, Role, Source, source};
use crate::storage::{self, Draft, unknown};

const ACL: &str = "/supplementaryConfiguration/AccessControlList/grantList";
const POLICY: &str = "/supplementaryConfiguration/BucketPolicy/policyText";

const SOURCES: &[Source] = &[
    source("/encryption/enabled", "/supplementaryConfiguration", Absence::Unknown),
    source(
        "/encryption/key_kind",
        "/supplementaryConfiguration/ServerSideEncryptionConfiguration/rules/0/applyServerSideEncryptionByDefault/sseAlgorithm",
        Absence::Default("provider"),
    ),
    source(
        "/encryption/key_id",
        "/supplementaryConfiguration/ServerSideEncryptionConfiguration/rules/0/applyServerSideEncryptionByDefault/kmsMasterKeyID",
        Absence::Absent,
    ),
    source(
        "/versioning/enabled",
        "/supplementaryConfiguration/BucketVersioningConfiguration/status",
        Absence::Default("false"),
    ),
    source(
        "/versioning/mfa_delete",
        "/supplementaryConfiguration/BucketVersioningConfiguration/isMfaDeleteEnabled",
        Absence::Default("false"),
    ),
    source(
        "/public_access/guard",
        "/supplementaryConfiguration/PublicAccessBlockConfiguration/restrictPublicBuckets",
        Absence::Default("off"),
    ),
    source("/public_access/grants", ACL, Absence::Unknown),
    source("/public_access/grants", POLICY, Absence::Default("[]")),
    source(
        "/logging/enabled",
        "/supplementaryConfiguration/BucketLoggingConfiguration/destinationBucketName",
        Absence::Default("false"),
    ),
    source(
        "/logging/target",
        "/supplementaryConfiguration/BucketLoggingConfiguration/destinationBucketName",
        Absence::Absent,
    ),
    source("/tls/required", POLICY, Absence::Default("false")),
    source(
        "/retention/enabled",
        "/supplementaryConfiguration/ObjectLockConfiguration/objectLockEnabled",
        Absence::Default("false"),
    ),
    source(
        "/retention/locked",
        "/supplementaryConfiguration/ObjectLockConfiguration/rule/defaultRetention/mode",
        Absence::Default("false"),
    ),
    source(
        "/retention/days",
        "/supplementaryConfiguration/ObjectLockConfiguration/rule/defaultRetention/days",
        Absence::Absent,
    ),
];

pub(crate) const MAPPING: Mapping = Mapping {
    dialects: CONFIG,
    native_type: "AWS::S3::Bucket",
    kind: "storage.bucket",
    sources: SOURCES,
    read,
    build,
    role: Role::Whole,
    key: Some(key),
    ..Mapping::BASE
};

/// What is kept of an item: the policy only as what it means.
struct S3Bucket {
    supplementary: Option<Supplementary>,
    policy: Result<PolicyFacts, Gap>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Supplementary {
    #[serde(default)]
    access_control_list: Wrapped<AccessControlList>,
    #[serde(default)]
    bucket_policy: Wrapped<BucketPolicy>,
    #[serde(default)]
    bucket_logging_configuration: Wrapped<LoggingConfiguration>,
    #[serde(default)]
    bucket_versioning_configuration: Wrapped<VersioningConfiguration>,
    #[serde(default)]
    public_access_block_configuration: Wrapped<PublicAccessBlock>,
    #[serde(default)]
    server_side_encryption_configuration: Wrapped<EncryptionConfiguration>,
    #[serde(default)]
    object_lock_configuration: Wrapped<ObjectLockConfiguration>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct AccessControlList {
    #[serde(default, deserialize_with = "json::many")]
    grant_list: Vec<AclGrant>,
}

#[derive(Debug, Deserialize)]
struct AclGrant {
    #[serde(default)]
    grantee: Option<Grantee>,
    #[serde(default)]
    permission: Text,
}

#[derive(Debug, Deserialize)]
#[serde(untagged, expecting = "expected a grantee's name or object")]
enum Grantee {
    Name(String),
    Object {
        #[serde(default, alias = "URI", alias = "identifier")]
        uri: Text,
        #[serde(default)]
        id: Text,
    },
}

impl AclGrant {
    /// Returns the name by which the grantee may be the public; `None` where the item does not say who it is.
    fn grantee(&self) -> Option<&str> {
        let named = match self.grantee.as_ref()? {
            Grantee::Name(name) => Some(name.as_str()),
            Grantee::Object { uri, id } => uri.0.as_deref().or(id.0.as_deref()),
        };
        named.filter(|name| !name.is_empty())
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct BucketPolicy {
    #[serde(default)]
    policy_text: Option<Box<serde_json::value::RawValue>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct LoggingConfiguration {
    #[serde(default)]
    destination_bucket_name: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct VersioningConfiguration {
    #[serde(default)]
    status: Option<String>,
    #[serde(default, deserialize_with = "json::flag")]
    is_mfa_delete_enabled: Option<bool>,
}

#[derive(Debug, Deserialize)]
struct EncryptionConfiguration {
    #[serde(default, deserialize_with = "json::many")]
    rules: Vec<EncryptionRule>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct EncryptionRule {
    #[serde(default)]
    apply_server_side_encryption_by_default: Option<DefaultEncryption>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct DefaultEncryption {
    #[serde(default)]
    sse_algorithm: Option<String>,
    #[serde(default, rename = "kmsMasterKeyID")]
    kms_master_key_id: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ObjectLockConfiguration {
    #[serde(default)]
    object_lock_enabled: Option<String>,
    #[serde(default)]
    rule: Option<ObjectLockRule>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ObjectLockRule {
    #[serde(default)]
    default_retention: Option<DefaultRetention>,
}

#[derive(Debug, Deserialize)]
struct DefaultRetention {
    #[serde(default)]
    mode: Option<String>,
    #[serde(default, deserialize_with = "json::integer")]
    days: Option<i64>,
    #[serde(default, deserialize_with = "json::integer")]
    years: Option<i64>,
}

impl Supplementary {
    /// Returns why nothing is known of a part that is not there: `None` where that means that it is not configured.
    fn left_out(&self, part: &str) -> Option<Gap> {
        (self.access_control_list.0.is_none()).then(|| Gap::with(Reason::NotRead, part))
    }
}

/// Source: Service Authorization Reference "Amazon S3", resource `bucket`.
fn key(resource: &Resource) -> Option<String> {
    Some(format!("arn:{}:s3:::{}", partition(&resource.region), resource.id))
}

fn read(body: &Body<'_>) -> Result<Native, NormalizeError> {
    let mut supplementary: Option<Supplementary> = body.section(SUPPLEMENTARY)?;
    // The text can be long and is not needed again.
    let text = supplementary
        .as_mut()
        .and_then(|all| all.bucket_policy.0.as_mut()?.policy_text.take());
    let bucket = body.id.rsplit(':').next().unwrap_or_default();
    let policy = text.map_or_else(
        || Ok(PolicyFacts::default()),
        |text| s3_policy::read(text.get(), bucket),
    );
    Ok(Box::new(S3Bucket { supplementary, policy }))
}

fn build(group: &Group<'_>) -> Built {
    let Found::Read(piece, native) = group.native::<S3Bucket>() else {
        return Built::unknown(Gap::with(Reason::NotRead, "supplementaryConfiguration"));
    };
    let Some(all) = &native.supplementary else {
        return without_supplement(group);
    };
    let own = match (
        &all.public_access_block_configuration.0,
        all.left_out("PublicAccessBlockConfiguration"),
    ) {
        (None, Some(gap)) => super::account_public_access_block::unknown_guards(&gap),
        (block, _) => block.clone().unwrap_or_default().guards(),
    };
    let guards = either(&own, &guards_over(&group.main.resource, group.context));
    let projected = Gap::with(Reason::NotRead, "AccessControlList");
    let has_list = all.access_control_list.0.is_some();
    let has_policy = has_list || all.bucket_policy.0.is_some();

    let mut drafts = Vec::new();
    let mut nameless = None;
    for (index, grant) in all
        .access_control_list
        .0
        .iter()
        .flat_map(|list| &list.grant_list)
        .enumerate()
    {
        let Some(name) = grant.grantee() else {
            let detail = format!("{ACL}/{index}: a grantee with neither id nor group");
            nameless = Some(Gap::with(Reason::ParseError, detail));
            continue;
        };
        let Some(principal) = public_group(name) else {
            continue;
        };
        let permission = grant.permission.0.clone().unwrap_or_default();
        let grant = Grant {
            principal,
            access: acl_access(&permission),
            via: GrantVia::Acl,
            name: Some(permission),
            effective: effective(GrantVia::Acl, &guards),
        };
        drafts.push(Draft {
            grant,
            origin: piece.origin().cloned(),
            pointer: format!("{ACL}/{index}"),
        });
    }
    let policy = native.policy.as_ref();
    for statement in policy.into_iter().flat_map(|policy| &policy.grants) {
        let grant = Grant {
            principal: nephoscope_model::kinds::PublicPrincipal::Everyone,
            access: statement.access,
            via: GrantVia::Policy,
            name: statement.sid.clone(),
            effective: effective(GrantVia::Policy, &guards),
        };
        let pointer = format!("{POLICY}/Statement/{}", statement.index);
        drafts.push(Draft {
            grant,
            origin: piece.origin().cloned(),
            pointer,
        });
    }
    let missing = (policy.err().cloned().or(nameless)).or_else(|| (!has_list).then(|| projected.clone()));
    let required = match policy {
        Err(gap) => unknown(gap),
        Ok(_) if !has_policy => unknown(&Gap::with(Reason::NotRead, "BucketPolicy")),
        Ok(policy) => Fact::Known(policy.requires_tls),
    };
    let bucket = StorageBucket {
        encryption: encryption(all),
        versioning: versioning(all),
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
        logging: logging(all),
        tls: Tls {
            required,
            min_version: Fact::Absent,
        },
        retention: retention(all),
        shared_keys: Fact::Absent,
    };
    storage::build(bucket, drafts, missing)
}

/// A notification or query without the supplementary part says nothing but that there is a bucket.
fn without_supplement(group: &Group<'_>) -> Built {
    let gap = Gap::with(Reason::NotRead, "supplementaryConfiguration");
    let mut bucket = storage::unread(&gap);
    bucket.versioning.mfa_delete = unknown(&gap);
    bucket.soft_delete = SoftDelete {
        enabled: Fact::Known(false),
        days: Fact::Absent,
    };
    let account = guards_over(&group.main.resource, group.context);
    let own = super::account_public_access_block::unknown_guards(&gap);
    bucket.public_access.guard = guard(&either(&own, &account));
    storage::build(bucket, Vec::new(), Some(gap))
}

fn logging(all: &Supplementary) -> Logging {
    let configuration = all.bucket_logging_configuration.0.as_ref();
    if let (None, Some(gap)) = (configuration, all.left_out("BucketLoggingConfiguration")) {
        return Logging {
            enabled: unknown(&gap),
            target: unknown(&gap),
        };
    }
    let target = configuration.and_then(|logging| logging.destination_bucket_name.clone());
    Logging {
        enabled: Fact::Known(target.is_some()),
        target: target.into(),
    }
}

fn encryption(all: &Supplementary) -> Encryption {
    let configuration = all.server_side_encryption_configuration.0.as_ref();
    if let (None, Some(gap)) = (configuration, all.left_out("ServerSideEncryptionConfiguration")) {
        return Encryption {
            // Whatever is configured; see below.
            enabled: Fact::Known(true),
            key_kind: unknown(&gap),
            key_id: unknown(&gap),
        };
    }
    let rules = configuration.map(|all| all.rules.as_slice()).unwrap_or_default();
    let default = rules
        .iter()
        .find_map(|rule| rule.apply_server_side_encryption_by_default.as_ref());
    // Since 2023-01-05 every new object is encrypted, with S3's own keys where nothing is configured.
    // Source: Amazon S3 User Guide "Setting default server-side encryption behavior", read 2026-11-23.
    let kms = default.filter(|default| {
        default
            .sse_algorithm
            .as_deref()
            .is_some_and(|name| name.starts_with("aws:kms"))
    });
    // Without a key, or with the alias, it is the key that AWS made in the account.
    let key = kms
        .and_then(|kms| kms.kms_master_key_id.clone())
        .filter(|key| !key.is_empty() && !key.ends_with("alias/aws/s3"));
    Encryption {
        enabled: Fact::Known(true),
        key_kind: Fact::Known(if key.is_some() {
            KeyKind::Customer
        } else {
            KeyKind::Provider
        }),
        key_id: key.into(),
    }
}

fn versioning(all: &Supplementary) -> Versioning {
    let configuration = all.bucket_versioning_configuration.0.as_ref();
    if let (None, Some(gap)) = (configuration, all.left_out("BucketVersioningConfiguration")) {
        return Versioning {
            enabled: unknown(&gap),
            mfa_delete: unknown(&gap),
        };
    }
    let status = configuration.and_then(|configuration| configuration.status.as_deref());
    Versioning {
        enabled: Fact::Known(status.is_some_and(|status| status.eq_ignore_ascii_case("enabled"))),
        mfa_delete: Fact::Known(configuration.and_then(|all| all.is_mfa_delete_enabled).unwrap_or(false)),
    }
}

fn retention(all: &Supplementary) -> Retention {
    let configuration = all.object_lock_configuration.0.as_ref();
    if let (None, Some(gap)) = (configuration, all.left_out("ObjectLockConfiguration")) {
        return Retention {
            enabled: unknown(&gap),
            locked: unknown(&gap),
            days: unknown(&gap),
        };
    }
    let enabled = configuration
        .and_then(|configuration| configuration.object_lock_enabled.as_deref())
        .is_some_and(|state| state.eq_ignore_ascii_case("enabled"));
    let default = configuration.and_then(|configuration| configuration.rule.as_ref()?.default_retention.as_ref());
    let compliance = default
        .and_then(|default| default.mode.as_deref())
        .is_some_and(|mode| mode.eq_ignore_ascii_case("compliance"));
    let days = default.and_then(|default| default.days.or(default.years.map(|years| years.saturating_mul(365))));
    Retention {
        enabled: Fact::Known(enabled),
        // In compliance mode nobody can shorten it, not even the root user. Source: Amazon S3 User Guide "Object Lock".
        locked: Fact::Known(enabled && compliance),
        days: days.map(storage::days).into(),
    }
}
