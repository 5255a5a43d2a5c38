//! `google_sql_database_instance` → `database.sql`.
//!
//! Its argument `deletion_protection` keeps Terraform from deleting, not anybody else. Source: Terraform Google provider
//! documentation of `google_sql_database_instance` and its `resource_sql_database_instance.go` (`ipv4_enabled`: true
//! unless set); Cloud SQL Admin API `instances`, IpConfiguration, read 2026-11-25.

use nephoscope_model::kinds::{Backup, DatabaseNetwork, DatabaseSql, DatabaseTls, Engine, Logging, SignIn};
use nephoscope_model::{Fact, Gap, Provenance, Reason};

use super::planned::{self, Planned, Spot};
use super::{WHOLE, keys};
use crate::database::{self, Entry, days};
use crate::gcp::sql_instance;
use crate::group::{Built, Found, Group, Piece};
use crate::mapping::{Absence, Mapping, Source, source};

const IP: &str = "/settings/0/ip_configuration/0";
const BACKUP: &str = "/settings/0/backup_configuration/0";

const SOURCES: &[Source] = &[
    source("/engine", "/values/database_version", Absence::Unknown),
    source("/version", "/values/database_version", Absence::Unknown),
    source(
        "/encryption/key_kind",
        "/values/encryption_key_name",
        Absence::Default("provider"),
    ),
    source("/encryption/key_id", "/values/encryption_key_name", Absence::Absent),
    source(
        "/network/public_endpoint",
        "/values/settings/0/ip_configuration/0/ipv4_enabled",
        Absence::Default("true"),
    ),
    source(
        "/network/networks",
        "/values/settings/0/ip_configuration/0/authorized_networks",
        Absence::Default("[]"),
    ),
    source(
        "/network/open_to_internet",
        "/values/settings/0/ip_configuration/0/authorized_networks",
        Absence::Default("false"),
    ),
    source(
        "/tls/required",
        "/values/settings/0/ip_configuration/0/ssl_mode",
        Absence::Default("false"),
    ),
    source(
        "/tls/required",
        "/values/settings/0/ip_configuration/0/require_ssl",
        Absence::Default("false"),
    ),
    source(
        "/backup/enabled",
        "/values/settings/0/backup_configuration/0/enabled",
        Absence::Default("false"),
    ),
    source(
        "/backup/days",
        "/values/settings/0/backup_configuration/0/backup_retention_settings/0/retained_backups",
        Absence::Unknown,
    ),
    source(
        "/deletion_protection",
        "/values/settings/0/deletion_protection_enabled",
        Absence::Default("false"),
    ),
    source(
        "/multi_zone",
        "/values/settings/0/availability_type",
        Absence::Default("false"),
    ),
    source(
        "/sign_in/identities",
        "/values/settings/0/database_flags",
        Absence::Default("false"),
    ),
    source(
        "/sign_in/identities",
        "/values/settings/0/active_directory_config/0/domain",
        Absence::Default("false"),
    ),
    source(
        "/audit/enabled",
        "/values/settings/0/database_flags",
        Absence::Default("false"),
    ),
    source(
        "/audit/target",
        "/values/settings/0/sql_server_audit_config/0/bucket",
        Absence::Absent,
    ),
];

pub(super) const INSTANCE: Mapping = Mapping {
    native_type: "google_sql_database_instance",
    kind: "database.sql",
    sources: SOURCES,
    read: |body| planned::read(body, &["name", "database_version", "encryption_key_name", "settings"]),
    build,
    ..WHOLE
};

fn build(group: &Group<'_>) -> Built {
    let Found::Read(piece, instance) = group.native::<Planned>() else {
        return Built::unknown(Gap::with(Reason::NotRead, "values"));
    };
    let version = instance.at("/database_version").text();
    let engine = match &version {
        Fact::Unknown(gap) => Fact::Unknown(gap.clone()),
        _ => sql_instance::engine(version.value().map(String::as_str)),
    };
    let (network, notes) = network(piece, instance);
    let at = |place: &str| instance.computed_inside(format!("/settings/0{place}"));
    let mut built = Built::new(&DatabaseSql {
        version: match version {
            Fact::Absent => Fact::Unknown(group.not_read("database_version")),
            other => other,
        },
        // It cannot be turned off. Source: Cloud SQL "About customer-managed encryption keys (CMEK)".
        encryption: keys::GOOGLE.encryption(&instance.computed("/encryption_key_name")),
        network,
        tls: DatabaseTls {
            required: requires_tls(instance),
            min_version: Fact::Absent,
        },
        backup: backup(group, instance),
        deletion_protection: at("/deletion_protection_enabled").flag().or_default(false),
        multi_zone: at("/availability_type")
            .text()
            .map(|kind| kind.eq_ignore_ascii_case("REGIONAL"))
            .or_default(false),
        sign_in: SignIn {
            identities: match &engine {
                Fact::Known(Engine::SqlServer) => at("/active_directory_config/0/domain")
                    .text()
                    .map(|_| true)
                    .or_default(false),
                Fact::Known(Engine::MySql) => flag(instance, "cloudsql_iam_authentication"),
                Fact::Known(_) => flag(instance, "cloudsql.iam_authentication"),
                other => other.clone().map(|_| false),
            },
            passwords: Fact::Absent,
        },
        audit: audit(instance, &engine),
        engine,
    });
    built.provenance.extend(notes);
    built
}

fn network(piece: &Piece, instance: &Planned) -> (DatabaseNetwork, Vec<Provenance>) {
    let ip = |name: &str| instance.computed_inside(format!("{IP}/{name}"));
    let mut missing = None;
    let mut entries = Vec::new();
    let blocks = ip("authorized_networks").items();
    missing = missing.or_else(|| blocks.gap().cloned());
    for block in blocks.value().into_iter().flatten() {
        match block.at("/value").text() {
            Fact::Known(text) | Fact::Partial(text, _) => {
                let name = block.at("/name").text().value().cloned();
                entries.push(Entry::network(&text, name, piece.origin().cloned(), block.native()));
            }
            Fact::Unknown(gap) => missing = Some(gap),
            Fact::Absent => {}
        }
    }
    database::network(ip("ipv4_enabled").flag().or_default(true), entries, missing)
}

/// `ssl_mode` wins over `require_ssl`; where neither is said, both kinds of connection are accepted.
fn requires_tls(instance: &Planned) -> Fact<bool> {
    let ip = |name: &str| instance.computed_inside(format!("{IP}/{name}"));
    match ip("ssl_mode").text() {
        Fact::Known(mode) if ["ENCRYPTED_ONLY", "TRUSTED_CLIENT_CERTIFICATE_REQUIRED"].contains(&mode.as_str()) => {
            Fact::Known(true)
        }
        Fact::Known(mode) if mode == "ALLOW_UNENCRYPTED_AND_ENCRYPTED" => Fact::Known(false),
        Fact::Unknown(gap) => Fact::Unknown(gap),
        _ => ip("require_ssl").flag().or_default(false),
    }
}

/// One automatic backup a day is made, and so many are kept.
fn backup(group: &Group<'_>, instance: &Planned) -> Backup {
    let at = |name: &str| instance.computed_inside(format!("{BACKUP}/{name}"));
    let enabled = at("enabled").flag().or_default(false);
    Backup {
        days: match &enabled {
            Fact::Known(false) => Fact::Absent,
            _ => match at("backup_retention_settings/0/retained_backups").integer() {
                Fact::Absent => Fact::Unknown(group.not_read("retained_backups")),
                kept => kept.map(days),
            },
        },
        enabled,
    }
}

/// Returns whether a flag of the database is set to on.
fn flag(instance: &Planned, name: &str) -> Fact<bool> {
    let blocks = instance.computed_inside("/settings/0/database_flags").items();
    let on = |block: &Spot<'_>| {
        let value = block.at("/value").text();
        value.map(|value| ["on", "1", "true"].iter().any(|on| value.eq_ignore_ascii_case(on)))
    };
    let named = |block: &&Spot<'_>| block.at("/name").text() == Fact::Known(name.to_owned());
    match blocks {
        Fact::Known(blocks) | Fact::Partial(blocks, _) => match blocks.iter().find(named) {
            Some(block) => on(block).or_default(false),
            None => match blocks.iter().find_map(|block| block.at("/name").text().gap().cloned()) {
                Some(gap) => Fact::Unknown(gap),
                None => Fact::Known(false),
            },
        },
        Fact::Absent => Fact::Known(false),
        Fact::Unknown(gap) => Fact::Unknown(gap),
    }
}

/// Flags turn the audit extensions on, which write to Cloud Logging; SQL Server's audit goes to a bucket.
fn audit(instance: &Planned, engine: &Fact<Engine>) -> Logging {
    match engine {
        Fact::Known(Engine::SqlServer) => {
            let bucket = instance
                .computed_inside("/settings/0/sql_server_audit_config/0/bucket")
                .text();
            Logging {
                enabled: bucket.clone().map(|_| true).or_default(false),
                target: bucket,
            }
        }
        Fact::Known(Engine::MySql) => Logging {
            enabled: flag(instance, "cloudsql_mysql_audit"),
            target: Fact::Absent,
        },
        Fact::Known(_) => Logging {
            enabled: flag(instance, "cloudsql.enable_pgaudit"),
            target: Fact::Absent,
        },
        other => Logging {
            enabled: other.clone().map(|_| false),
            target: other.clone().map(|_| String::new()),
        },
    }
}
