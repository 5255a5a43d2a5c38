//! `aws_rds_cluster` with its instances and activity stream → `database.sql`.
//!
//! An Aurora cluster is as public as its instances; a Multi-AZ cluster has an instance class of its own, and no public
//! endpoint. Source: Terraform AWS provider documentation of `aws_rds_cluster`, `aws_rds_cluster_instance` and
//! `aws_rds_cluster_activity_stream`.

use std::collections::BTreeSet;

use nephoscope_model::kinds::{Backup, DatabaseSql, DatabaseTls};
use nephoscope_model::{Fact, Gap, Reason};

use super::planned::{self, Planned};
use super::{PLAN, WHOLE, aws_db, join};
use crate::aws::rds;
use crate::database::days;
use crate::group::{Built, Found, Group};
use crate::mapping::{Absence, Mapping, Role, Source, source};

const NATIVE_TYPE: &str = "aws_rds_cluster";

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
        "/multi_zone",
        "/values/db_cluster_instance_class",
        Absence::Default("false"),
    ),
    source(
        "/tls/required",
        "/values/db_cluster_parameter_group_name",
        Absence::Unknown,
    ),
    source("/backup/days", "/values/backup_retention_period", Absence::Default("1")),
    source(
        "/deletion_protection",
        "/values/deletion_protection",
        Absence::Default("false"),
    ),
    source(
        "/sign_in/identities",
        "/values/iam_database_authentication_enabled",
        Absence::Default("false"),
    ),
    source(
        "/audit/enabled",
        "/values/enabled_cloudwatch_logs_exports",
        Absence::Default("false"),
    ),
];

const KEYS: &[&str] = &[
    "id",
    "arn",
    "cluster_identifier",
    "engine",
    "engine_mode",
    "engine_version",
    "storage_encrypted",
    "kms_key_id",
    "db_cluster_instance_class",
    "db_cluster_parameter_group_name",
    "backup_retention_period",
    "deletion_protection",
    "iam_database_authentication_enabled",
    "domain",
    "enabled_cloudwatch_logs_exports",
    "snapshot_identifier",
    "replication_source_identifier",
    "restore_to_point_in_time",
    "s3_import",
];

pub(super) const CLUSTER: Mapping = Mapping {
    native_type: NATIVE_TYPE,
    kind: "database.sql",
    sources: SOURCES,
    read: |body| planned::read(body, KEYS),
    build,
    names: Some(|resource, native| join::whole(resource, native, &[&["id"], &["cluster_identifier"], &["arn"]])),
    ..WHOLE
};

pub(super) const INSTANCE: Mapping = Mapping {
    dialects: PLAN,
    native_type: "aws_rds_cluster_instance",
    kind: "database.sql",
    sources: &[
        source(
            "/network/public_endpoint",
            "/values/publicly_accessible",
            Absence::Default("false"),
        ),
        source("/multi_zone", "/values/availability_zone", Absence::Unknown),
    ],
    read: |body| {
        planned::read(
            body,
            &["cluster_identifier", "publicly_accessible", "availability_zone"],
        )
    },
    role: Role::Part {
        of: NATIVE_TYPE,
        names: |resource, native| join::part(resource, native, NATIVE_TYPE, &[&["cluster_identifier"]]),
    },
    ..Mapping::BASE
};

pub(super) const STREAM: Mapping = Mapping {
    native_type: "aws_rds_cluster_activity_stream",
    sources: &[],
    read: |body| planned::read(body, &["resource_arn"]),
    role: Role::Part {
        of: NATIVE_TYPE,
        names: |resource, native| join::part(resource, native, NATIVE_TYPE, &[&["resource_arn"]]),
    },
    ..INSTANCE
};

fn build(group: &Group<'_>) -> Built {
    let Found::Read(_, database) = group.native::<Planned>() else {
        return Built::unknown(Gap::with(Reason::NotRead, "values"));
    };
    let restored = aws_db::restored(database);
    let name = database.computed("/engine").text();
    let engine = match &name {
        Fact::Unknown(gap) => Fact::Unknown(gap.clone()),
        _ => rds::engine(name.value().map(String::as_str)),
    };
    // Of the first generation of serverless clusters it is on.
    let serverless = database.at("/engine_mode").text() == Fact::Known("serverless".to_owned());
    let encrypted = aws_db::or_default(
        database.computed("/storage_encrypted").flag(),
        serverless,
        restored.as_ref(),
    );
    let kept = database.computed("/backup_retention_period").integer();
    let kept = aws_db::or_default(kept, 1, restored.as_ref());
    let (public, multi_zone) = instances(group, database);
    let stream = group.parts(STREAM.native_type).next();
    let mut built = Built::new(&DatabaseSql {
        version: match database.computed("/engine_version").text() {
            Fact::Absent => Fact::Unknown(group.not_read("engine_version")),
            other => other,
        },
        encryption: aws_db::encryption(database, encrypted),
        network: rds::network(group, public, &[], None),
        tls: DatabaseTls {
            required: aws_db::tls(
                group,
                database,
                &engine,
                "db_cluster_parameter_group_name",
                &aws_db::CLUSTER_PARAMETERS,
            ),
            min_version: Fact::Absent,
        },
        backup: Backup {
            enabled: kept.clone().map(|days| days > 0),
            days: kept.map(days),
        },
        deletion_protection: database.at("/deletion_protection").flag().or_default(false),
        multi_zone,
        sign_in: aws_db::sign_in(database),
        audit: aws_db::audit(database, &engine, stream.is_some()),
        engine,
    });
    if let Some(piece) = stream {
        built.from("/audit/enabled", piece, "/values/resource_arn");
    }
    for piece in group.parts(INSTANCE.native_type) {
        built.from_part(piece);
    }
    built
}

/// Returns whether the cluster has a public endpoint, and whether it stands in more than one zone.
fn instances(group: &Group<'_>, database: &Planned) -> (Fact<bool>, Fact<bool>) {
    if let Fact::Known(_) = database.at("/db_cluster_instance_class").text() {
        return (Fact::Known(false), Fact::Known(true));
    }
    // A new cluster has just the instances of the plan.
    let unread = (!database.created).then(|| group.not_read(INSTANCE.native_type));
    let (mut public, mut open, mut zones, mut placed, mut count) = (false, unread.clone(), BTreeSet::new(), unread, 0);
    for piece in group.parts(INSTANCE.native_type) {
        count += 1;
        let part = match piece.get::<Planned>() {
            Found::Read(_, part) => part,
            Found::Failed(gap) => {
                (open, placed) = (Some(gap.clone()), Some(gap));
                continue;
            }
            Found::Missing => continue,
        };
        match part.computed("/publicly_accessible").flag() {
            Fact::Known(flag) => public |= flag,
            Fact::Unknown(gap) => open = Some(gap),
            _ => {}
        }
        match part.at("/availability_zone").text() {
            Fact::Known(zone) => drop(zones.insert(zone)),
            _ => placed = placed.or_else(|| Some(part.at("/availability_zone").after_apply())),
        }
    }
    let endpoint = match (public, open) {
        (true, _) => Fact::Known(true),
        (false, Some(gap)) => Fact::Unknown(gap),
        (false, None) => Fact::Known(false),
    };
    let multi_zone = match placed {
        _ if zones.len() > 1 => Fact::Known(true),
        Some(gap) if count > 1 || !database.created => Fact::Unknown(gap),
        _ => Fact::Known(false),
    };
    (endpoint, multi_zone)
}
