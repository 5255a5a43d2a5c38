//! `AWS::RDS::DBInstance` → `database.sql`.
//!
//! Of an instance in a cluster, the cluster decides on backups, deletion protection, sign-in and logs, and the instances
//! together on standbys: unknown here, told of the cluster. Parameter groups, which decide on TLS, are not recorded by AWS
//! Config. Source: AWS Config resource schema `AWS::RDS::DBInstance`, RDS API Reference `DBInstance`, read 2026-11-25.

use nephoscope_model::kinds::{Backup, DatabaseSql, DatabaseTls};
use nephoscope_model::{Fact, Gap, Reason, Resource};
use serde::Deserialize;

use super::rds::{self, DomainMembership, SecurityGroup};
use super::{CONFIG, CONFIGURATION, partition};
use crate::database::{days, not_read, stated};
use crate::group::{Built, Found, Group};
use crate::json;
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
    source(
        "/network/open_to_internet",
        "/configuration/endpoint/port",
        Absence::Unknown,
    ),
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
        "/configuration/iAMDatabaseAuthenticationEnabled",
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
];

pub(crate) const MAPPING: Mapping = Mapping {
    dialects: CONFIG,
    native_type: "AWS::RDS::DBInstance",
    kind: "database.sql",
    sources: SOURCES,
    read: |body| Ok(Box::new(body.section::<Instance>(CONFIGURATION)?)),
    build,
    role: Role::Whole,
    key: Some(key),
    ..Mapping::BASE
};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Instance {
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
    #[serde(default)]
    endpoint: Option<Endpoint>,
    #[serde(default, deserialize_with = "json::integer")]
    backup_retention_period: Option<i64>,
    #[serde(default, deserialize_with = "json::flag")]
    deletion_protection: Option<bool>,
    #[serde(default, rename = "multiAZ", deserialize_with = "json::flag")]
    multi_az: Option<bool>,
    #[serde(
        default,
        rename = "iAMDatabaseAuthenticationEnabled",
        alias = "iamdatabaseAuthenticationEnabled",
        alias = "iamDatabaseAuthenticationEnabled",
        deserialize_with = "json::flag"
    )]
    iam_database_authentication_enabled: Option<bool>,
    #[serde(default, deserialize_with = "json::many")]
    domain_memberships: Vec<DomainMembership>,
    #[serde(default, deserialize_with = "json::some_many")]
    enabled_cloudwatch_logs_exports: Option<Vec<String>>,
    #[serde(default, rename = "dBClusterIdentifier", alias = "dbclusterIdentifier")]
    cluster: Option<String>,
    #[serde(default, rename = "dBInstanceIdentifier", alias = "dbinstanceIdentifier")]
    identifier: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Endpoint {
    #[serde(default, deserialize_with = "json::integer")]
    port: Option<i64>,
}

/// The id of an item is the resource id (`db-…`), the ARN has the name.
/// Source: Service Authorization Reference "Amazon RDS", resource `db`.
fn key(resource: &Resource) -> Option<String> {
    let Resource {
        account, region, name, ..
    } = resource;
    let stated = !account.is_empty() && !region.is_empty() && !name.is_empty();
    stated.then(|| format!("arn:{}:rds:{region}:{account}:db:{name}", partition(region)))
}

fn build(group: &Group<'_>) -> Built {
    let Found::Read(_, Some(native)) = group.native::<Option<Instance>>() else {
        return Built::unknown(Gap::with(Reason::NotRead, "configuration"));
    };
    let engine = rds::engine(native.engine.as_deref());
    let mut database = DatabaseSql {
        version: stated(native.engine_version.clone(), "engineVersion"),
        encryption: rds::encryption(group, native.storage_encrypted, native.kms_key_id.as_deref()),
        network: rds::network(
            group,
            stated(native.publicly_accessible, "publiclyAccessible"),
            &native.vpc_security_groups,
            native.endpoint.as_ref().and_then(|endpoint| endpoint.port),
        ),
        tls: DatabaseTls {
            required: not_read(&format!("parameter group of {}", group.main.resource.id)),
            min_version: Fact::Absent,
        },
        backup: Backup {
            // 0 turns them off. Source: RDS API Reference `CreateDBInstance`, BackupRetentionPeriod.
            enabled: stated(
                native.backup_retention_period.map(|days| days > 0),
                "backupRetentionPeriod",
            ),
            days: stated(native.backup_retention_period.map(days), "backupRetentionPeriod"),
        },
        deletion_protection: stated(native.deletion_protection, "deletionProtection"),
        multi_zone: stated(native.multi_az, "multiAZ"),
        sign_in: rds::sign_in(native.iam_database_authentication_enabled, &native.domain_memberships),
        audit: rds::audit(&engine, native.enabled_cloudwatch_logs_exports.as_deref(), false),
        engine,
    };
    if let Some(cluster) = native.cluster.as_deref().filter(|cluster| !cluster.is_empty()) {
        of_the_cluster(&mut database, cluster);
    }
    let mut built = Built::new(&database);
    built.name = native.identifier.clone().filter(|name| !name.is_empty());
    built
}

/// What an instance repeats of its cluster is not reliable, and some of it means nothing. Source: RDS API Reference
/// `CreateDBInstance`: "not applicable: managed by the DB cluster".
fn of_the_cluster(database: &mut DatabaseSql, cluster: &str) {
    let gap = Gap::with(Reason::NotRead, format!("AWS::RDS::DBCluster {cluster}"));
    database.backup.enabled = Fact::Unknown(gap.clone());
    database.backup.days = Fact::Unknown(gap.clone());
    database.deletion_protection = Fact::Unknown(gap.clone());
    database.multi_zone = Fact::Unknown(gap.clone());
    database.sign_in.identities = Fact::Unknown(gap.clone());
    database.audit.enabled = Fact::Unknown(gap.clone());
    database.audit.target = Fact::Unknown(gap);
}
