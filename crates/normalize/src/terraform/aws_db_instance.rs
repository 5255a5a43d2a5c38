//! `aws_db_instance` with its parameter group → `database.sql`.
//!
//! What a database gets from a snapshot or a source that it is made from, a plan does not say. Source: Terraform AWS
//! provider documentation of `aws_db_instance`.
//!
//! Limit: whom a public endpoint lets in is for the security groups to say, which are resources of their own.

use nephoscope_model::kinds::{Backup, DatabaseSql, DatabaseTls};
use nephoscope_model::{Fact, Gap, Reason};

use super::planned::{self, Planned};
use super::{WHOLE, aws_db};
use crate::aws::rds;
use crate::database::days;
use crate::group::{Built, Found, Group};
use crate::mapping::{Absence, Mapping, Source, source};

const SOURCES: &[Source] = &[
    source("/engine", "/values/engine", Absence::Unknown),
    source("/version", "/values/engine_version", Absence::Unknown),
    source(
        "/encryption/enabled",
        "/values/storage_encrypted",
        Absence::Default("false"),
    ),
    source(
        "/encryption/key_kind",
        "/values/kms_key_id",
        Absence::Default("provider"),
    ),
    source("/encryption/key_id", "/values/kms_key_id", Absence::Absent),
    source(
        "/network/public_endpoint",
        "/values/publicly_accessible",
        Absence::Default("false"),
    ),
    source(
        "/network/open_to_internet",
        "/values/publicly_accessible",
        Absence::Default("false"),
    ),
    source("/tls/required", "/values/parameter_group_name", Absence::Unknown),
    source(
        "/backup/enabled",
        "/values/backup_retention_period",
        Absence::Default("false"),
    ),
    source("/backup/days", "/values/backup_retention_period", Absence::Default("0")),
    source(
        "/deletion_protection",
        "/values/deletion_protection",
        Absence::Default("false"),
    ),
    source("/multi_zone", "/values/multi_az", Absence::Default("false")),
    source(
        "/sign_in/identities",
        "/values/iam_database_authentication_enabled",
        Absence::Default("false"),
    ),
    source("/sign_in/identities", "/values/domain", Absence::Default("false")),
    source(
        "/audit/enabled",
        "/values/enabled_cloudwatch_logs_exports",
        Absence::Default("false"),
    ),
];

const KEYS: &[&str] = &[
    "identifier",
    "engine",
    "engine_version",
    "storage_encrypted",
    "kms_key_id",
    "publicly_accessible",
    "parameter_group_name",
    "backup_retention_period",
    "deletion_protection",
    "multi_az",
    "iam_database_authentication_enabled",
    "domain",
    "domain_fqdn",
    "enabled_cloudwatch_logs_exports",
    "snapshot_identifier",
    "replicate_source_db",
    "restore_to_point_in_time",
    "s3_import",
];

pub(super) const INSTANCE: Mapping = Mapping {
    native_type: "aws_db_instance",
    kind: "database.sql",
    sources: SOURCES,
    read: |body| planned::read(body, KEYS),
    build,
    ..WHOLE
};

fn build(group: &Group<'_>) -> Built {
    let Found::Read(_, database) = group.native::<Planned>() else {
        return Built::unknown(Gap::with(Reason::NotRead, "values"));
    };
    let restored = aws_db::restored(database);
    let restored = restored.as_ref();
    let name = database.computed("/engine").text();
    let engine = match (&name, restored) {
        (Fact::Unknown(gap), _) | (Fact::Absent, Some(gap)) => Fact::Unknown(gap.clone()),
        _ => rds::engine(name.value().map(String::as_str)),
    };
    let encrypted = match (database.at("/storage_encrypted").flag(), restored) {
        // The provider writes false for what is not set.
        (Fact::Known(false) | Fact::Absent, Some(gap)) => Fact::Unknown(gap.clone()),
        (fact, _) => fact.or_default(false),
    };
    let kept = database.computed("/backup_retention_period").integer();
    let kept = aws_db::or_default(kept, 0, restored);
    Built::new(&DatabaseSql {
        version: match database.computed("/engine_version").text() {
            Fact::Absent => Fact::Unknown(group.not_read("engine_version")),
            other => other,
        },
        encryption: aws_db::encryption(database, encrypted),
        network: rds::network(
            group,
            database.at("/publicly_accessible").flag().or_default(false),
            &[],
            None,
        ),
        tls: DatabaseTls {
            required: aws_db::tls(group, database, &engine, "parameter_group_name", &aws_db::PARAMETERS),
            min_version: Fact::Absent,
        },
        backup: Backup {
            enabled: kept.clone().map(|days| days > 0),
            days: kept.map(days),
        },
        deletion_protection: database.at("/deletion_protection").flag().or_default(false),
        multi_zone: aws_db::or_default(database.computed("/multi_az").flag(), false, restored),
        sign_in: aws_db::sign_in(database),
        audit: aws_db::audit(database, &engine, false),
        engine,
    })
}
