//! `AWS::RDS::DBCluster` → `database.sql`: Aurora and Multi-AZ clusters.
//!
//! An Aurora cluster is as public as its instances, which are resources of their own: unknown here. Source: AWS Config
//! resource schema `AWS::RDS::DBCluster`, RDS API Reference `DBCluster`, read 2026-11-25.

use nephoscope_model::kinds::{Backup, DatabaseSql, DatabaseTls};
use nephoscope_model::{Fact, Gap, Reason, Resource};
use serde::Deserialize;

use super::rds::{self, DomainMembership, SecurityGroup};
use super::{CONFIG, CONFIGURATION, partition};
use crate::database::{days, not_read, stated};
use crate::group::{Built, Found, Group};
use crate::json;
use crate::json::Text;
use crate::mapping::{Absence, Mapping, Role, Source, source};

const SOURCES: &[Source] = &[
    source("/engine", "/configuration/engine", Absence::Unknown),
    source("/version", "/configuration/engineVersion", Absence::Unknown),
    source(
        "/encryption/enabled",
        "/configuration/storageEncrypted",
        Absence::Unknown,
    ),
    source("/encryption/key_kind", "/configuration/kmsKeyId", Absence::Unknown),
    source("/encryption/key_id", "/configuration/kmsKeyId", Absence::Unknown),
    source(
        "/network/public_endpoint",
        "/configuration/publiclyAccessible",
        Absence::Unknown,
    ),
    source(
        "/network/open_to_internet",
        "/configuration/publiclyAccessible",
        Absence::Unknown,
    ),
    source(
        "/network/open_to_internet",
        "/configuration/vpcSecurityGroups",
        Absence::Unknown,
    ),
    source("/network/open_to_internet", "/configuration/port", Absence::Unknown),
    source(
        "/backup/enabled",
        "/configuration/backupRetentionPeriod",
        Absence::Unknown,
    ),
    source("/backup/days", "/configuration/backupRetentionPeriod", Absence::Unknown),
    source(
        "/deletion_protection",
        "/configuration/deletionProtection",
        Absence::Unknown,
    ),
    source("/multi_zone", "/configuration/multiAZ", Absence::Unknown),
    source(
        "/sign_in/identities",
        "/configuration/iamdatabaseAuthenticationEnabled",
        Absence::Unknown,
    ),
    source(
        "/sign_in/identities",
        "/configuration/domainMemberships",
        Absence::Default("false"),
    ),
    source(
        "/audit/enabled",
        "/configuration/enabledCloudwatchLogsExports",
        Absence::Unknown,
    ),
    source(
        "/audit/enabled",
        "/configuration/activityStreamStatus",
        Absence::Default("false"),
    ),
];

pub(crate) const MAPPING: Mapping = Mapping {
    dialects: CONFIG,
    native_type: "AWS::RDS::DBCluster",
    kind: "database.sql",
    sources: SOURCES,
    read: |body| Ok(Box::new(body.section::<Cluster>(CONFIGURATION)?)),
    build,
    role: Role::Whole,
    key: Some(key),
    ..Mapping::BASE
};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Cluster {
    #[serde(default)]
    engine: Option<String>,
    #[serde(default)]
    engine_version: Option<String>,
    #[serde(default, deserialize_with = "json::flag")]
    storage_encrypted: Option<bool>,
    #[serde(default)]
    kms_key_id: Option<String>,
    #[serde(default, deserialize_with = "json::flag")]
    publicly_accessible: Option<bool>,
    #[serde(default, deserialize_with = "json::many")]
    vpc_security_groups: Vec<SecurityGroup>,
    #[serde(default, deserialize_with = "json::integer")]
    port: Option<i64>,
    #[serde(default, deserialize_with = "json::integer")]
    backup_retention_period: Option<i64>,
    #[serde(default, deserialize_with = "json::flag")]
    deletion_protection: Option<bool>,
    #[serde(default, rename = "multiAZ", deserialize_with = "json::flag")]
    multi_az: Option<bool>,
    #[serde(
        default,
        rename = "iamdatabaseAuthenticationEnabled",
        alias = "iAMDatabaseAuthenticationEnabled",
        alias = "iamDatabaseAuthenticationEnabled",
        deserialize_with = "json::flag"
    )]
    iam_database_authentication_enabled: Option<bool>,
    #[serde(default, deserialize_with = "json::many")]
    domain_memberships: Vec<DomainMembership>,
    #[serde(default, deserialize_with = "json::some_many")]
    enabled_cloudwatch_logs_exports: Option<Vec<String>>,
    #[serde(default)]
    activity_stream_status: Text,
}

/// The id of an item is the resource id (`cluster-…`), the ARN has the name.
/// Source: Service Authorization Reference "Amazon RDS", resource `cluster`.
fn key(resource: &Resource) -> Option<String> {
    let Resource {
        account, region, name, ..
    } = resource;
    let stated = !account.is_empty() && !region.is_empty() && !name.is_empty();
    stated.then(|| format!("arn:{}:rds:{region}:{account}:cluster:{name}", partition(region)))
}

fn build(group: &Group<'_>) -> Built {
    let Found::Read(_, Some(native)) = group.native::<Option<Cluster>>() else {
        return Built::unknown(Gap::with(Reason::NotRead, "configuration"));
    };
    let engine = rds::engine(native.engine.as_deref());
    // The field is that of Multi-AZ clusters alone. Source: RDS API Reference `DBCluster`, PubliclyAccessible.
    let own_endpoint = (native.engine.as_deref()).is_some_and(|name| ["mysql", "postgres"].contains(&name));
    let endpoint = match native.publicly_accessible.filter(|_| own_endpoint) {
        Some(public) => Fact::Known(public),
        None => Fact::Unknown(group.not_read("AWS::RDS::DBInstance")),
    };
    let stream =
        (native.activity_stream_status.0.as_deref()).is_some_and(|status| status.eq_ignore_ascii_case("started"));
    Built::new(&DatabaseSql {
        version: stated(native.engine_version.clone(), "engineVersion"),
        encryption: rds::encryption(group, native.storage_encrypted, native.kms_key_id.as_deref()),
        network: rds::network(group, endpoint, &native.vpc_security_groups, native.port),
        tls: DatabaseTls {
            required: not_read(&format!("parameter group of {}", group.main.resource.id)),
            min_version: Fact::Absent,
        },
        backup: Backup {
            enabled: stated(
                native.backup_retention_period.map(|days| days > 0),
                "backupRetentionPeriod",
            ),
            days: stated(native.backup_retention_period.map(days), "backupRetentionPeriod"),
        },
        deletion_protection: stated(native.deletion_protection, "deletionProtection"),
        multi_zone: stated(native.multi_az, "multiAZ"),
        sign_in: rds::sign_in(native.iam_database_authentication_enabled, &native.domain_memberships),
        audit: rds::audit(&engine, native.enabled_cloudwatch_logs_exports.as_deref(), stream),
        engine,
    })
}
