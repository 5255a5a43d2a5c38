//! `sqladmin.googleapis.com/Instance` → `database.sql`.
//!
//! An authorized network with an expiration time counts as one without. Organization policies that forbid public addresses
//! or authorized networks are not in the asset: what it says was let through. Source: Cloud SQL Admin API `instances`,
//! "IAM authentication", "Configure database flags", "About Cloud SQL backups", read 2026-11-25.

use nephoscope_model::kinds::{
    Backup, DatabaseNetwork, DatabaseSql, DatabaseTls, Encryption, Engine, KeyKind, Logging, SignIn,
};
use nephoscope_model::{Fact, Gap, Provenance, Reason};
use serde::Deserialize;

use super::{CAI, DATA};
use crate::database::{self, Entry, days, not_read, stated};
use crate::group::{Built, Found, Group, Piece};
use crate::json::{self, Text};
use crate::mapping::{Absence, Mapping, Source, source};

const FLAGS: &str = "/resource/data/settings/databaseFlags";
const NETWORKS: &str = "/resource/data/settings/ipConfiguration/authorizedNetworks";
const CONNECTORS: &str = "/resource/data/settings/connectorEnforcement";
const PUBLIC: &str = "/resource/data/settings/ipConfiguration/ipv4Enabled";

const SOURCES: &[Source] = &[
    source("/engine", "/resource/data/databaseVersion", Absence::Unknown),
    source("/version", "/resource/data/databaseVersion", Absence::Unknown),
    source(
        "/encryption/key_kind",
        "/resource/data/diskEncryptionConfiguration/kmsKeyName",
        Absence::Default("provider"),
    ),
    source(
        "/encryption/key_id",
        "/resource/data/diskEncryptionConfiguration/kmsKeyName",
        Absence::Absent,
    ),
    source("/network/public_endpoint", PUBLIC, Absence::Unknown),
    source("/network/open_to_internet", PUBLIC, Absence::Unknown),
    source("/network/open_to_internet", NETWORKS, Absence::Default("false")),
    source("/network/open_to_internet", CONNECTORS, Absence::Default("false")),
    source("/network/networks", NETWORKS, Absence::Default("[]")),
    source("/network/networks", CONNECTORS, Absence::Default("[]")),
    source("/tls/required", CONNECTORS, Absence::Default("false")),
    source(
        "/tls/required",
        "/resource/data/settings/ipConfiguration/sslMode",
        Absence::Default("false"),
    ),
    source(
        "/tls/required",
        "/resource/data/settings/ipConfiguration/requireSsl",
        Absence::Default("false"),
    ),
    source(
        "/backup/enabled",
        "/resource/data/settings/backupConfiguration/enabled",
        Absence::Default("false"),
    ),
    source(
        "/backup/days",
        "/resource/data/settings/backupConfiguration/backupRetentionSettings/retainedBackups",
        Absence::Unknown,
    ),
    source(
        "/deletion_protection",
        "/resource/data/settings/deletionProtectionEnabled",
        Absence::Default("false"),
    ),
    source(
        "/multi_zone",
        "/resource/data/settings/availabilityType",
        Absence::Default("false"),
    ),
    source("/sign_in/identities", FLAGS, Absence::Default("false")),
    source(
        "/sign_in/identities",
        "/resource/data/settings/activeDirectoryConfig/domain",
        Absence::Default("false"),
    ),
    source("/audit/enabled", FLAGS, Absence::Default("false")),
    source(
        "/audit/enabled",
        "/resource/data/settings/sqlServerAuditConfig/bucket",
        Absence::Default("false"),
    ),
    source(
        "/audit/target",
        "/resource/data/settings/sqlServerAuditConfig/bucket",
        Absence::Absent,
    ),
];

pub(crate) const MAPPING: Mapping = Mapping {
    dialects: CAI,
    native_type: "sqladmin.googleapis.com/Instance",
    kind: "database.sql",
    sources: SOURCES,
    read: |body| Ok(Box::new(body.section::<Instance>(DATA)?)),
    build,
    ..Mapping::BASE
};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Instance {
    #[serde(default)]
    database_version: Option<String>,
    #[serde(default)]
    disk_encryption_configuration: Option<DiskEncryption>,
    #[serde(default)]
    settings: Option<Settings>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct DiskEncryption {
    #[serde(default)]
    kms_key_name: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Settings {
    #[serde(default)]
    ip_configuration: Option<IpConfiguration>,
    #[serde(default)]
    backup_configuration: Option<BackupConfiguration>,
    #[serde(default, deserialize_with = "json::flag")]
    deletion_protection_enabled: Option<bool>,
    #[serde(default)]
    availability_type: Option<String>,
    #[serde(default)]
    connector_enforcement: Option<String>,
    #[serde(default, deserialize_with = "json::many")]
    database_flags: Vec<Flag>,
    #[serde(default)]
    active_directory_config: Option<ActiveDirectory>,
    #[serde(default)]
    sql_server_audit_config: Option<AuditConfig>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct IpConfiguration {
    #[serde(default, deserialize_with = "json::flag")]
    ipv4_enabled: Option<bool>,
    #[serde(default, deserialize_with = "json::many")]
    authorized_networks: Vec<AclEntry>,
    #[serde(default)]
    ssl_mode: Option<String>,
    #[serde(default, deserialize_with = "json::flag")]
    require_ssl: Option<bool>,
}

#[derive(Debug, Deserialize)]
struct AclEntry {
    #[serde(default)]
    name: Text,
    #[serde(default)]
    value: Text,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct BackupConfiguration {
    #[serde(default, deserialize_with = "json::flag")]
    enabled: Option<bool>,
    #[serde(default)]
    backup_retention_settings: Option<Retention>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Retention {
    #[serde(default, deserialize_with = "json::integer")]
    retained_backups: Option<i64>,
}

#[derive(Debug, Deserialize)]
struct Flag {
    #[serde(default)]
    name: Text,
    #[serde(default)]
    value: Text,
}

#[derive(Debug, Deserialize)]
struct ActiveDirectory {
    #[serde(default)]
    domain: Text,
}

#[derive(Debug, Deserialize)]
struct AuditConfig {
    #[serde(default)]
    bucket: Text,
}

fn build(group: &Group<'_>) -> Built {
    let Found::Read(piece, Some(native)) = group.native::<Option<Instance>>() else {
        return Built::unknown(Gap::with(Reason::NotRead, "resource.data"));
    };
    let Some(settings) = &native.settings else {
        return Built::unknown(Gap::with(Reason::NotRead, "resource.data.settings"));
    };
    let engine = engine(native.database_version.as_deref());
    let (network, notes) = network(piece, settings);
    let mut built = Built::new(&DatabaseSql {
        version: stated(native.database_version.clone(), "databaseVersion"),
        encryption: encryption(native),
        network,
        tls: DatabaseTls {
            required: Fact::Known(requires_tls(settings)),
            min_version: Fact::Absent,
        },
        backup: backup(settings),
        deletion_protection: Fact::Known(settings.deletion_protection_enabled.unwrap_or(false)),
        multi_zone: Fact::Known(
            (settings.availability_type.as_deref()).is_some_and(|kind| kind.eq_ignore_ascii_case("REGIONAL")),
        ),
        sign_in: SignIn {
            identities: identities(&engine, settings),
            passwords: Fact::Absent,
        },
        audit: audit(&engine, settings),
        engine,
    });
    built.provenance = notes;
    built
}

pub(crate) fn engine(version: Option<&str>) -> Fact<Engine> {
    let Some(version) = version else {
        return not_read("databaseVersion");
    };
    Fact::Known(match version.split('_').next() {
        Some("MYSQL") => Engine::MySql,
        Some("POSTGRES") => Engine::PostgreSql,
        Some("SQLSERVER") => Engine::SqlServer,
        _ => {
            return Fact::Unknown(Gap::with(
                Reason::ParseError,
                format!("`{version}` is no engine that is known"),
            ));
        }
    })
}

fn encryption(native: &Instance) -> Encryption {
    let key = (native.disk_encryption_configuration.as_ref())
        .and_then(|all| all.kms_key_name.clone())
        .filter(|key| !key.is_empty());
    Encryption {
        // It cannot be turned off. Source: Cloud SQL "About customer-managed encryption keys (CMEK)".
        enabled: Fact::Known(true),
        key_kind: Fact::Known(match key {
            Some(_) => KeyKind::Customer,
            None => KeyKind::Provider,
        }),
        key_id: key.into(),
    }
}

fn network(piece: &Piece, settings: &Settings) -> (DatabaseNetwork, Vec<Provenance>) {
    let own = settings.ip_configuration.as_ref();
    let entries = own
        .map(|all| all.authorized_networks.as_slice())
        .filter(|_| !requires_connectors(settings))
        .unwrap_or_default();
    let entries = entries.iter().enumerate().map(|(index, entry)| {
        let text = entry.value.0.as_deref().unwrap_or_default();
        Entry::network(
            text,
            entry.name.clone().take(),
            piece.origin().cloned(),
            format!("{NETWORKS}/{index}"),
        )
    });
    let endpoint = stated(
        own.and_then(|all| all.ipv4_enabled),
        "settings.ipConfiguration.ipv4Enabled",
    );
    database::network(endpoint, entries.collect(), None)
}

/// Connections by way of the Auth Proxy or a connector, which have TLS and are authorized by IAM, are then the only ones:
/// authorized networks are disabled. Source: Cloud SQL Admin API `instances`, Settings, connectorEnforcement, read
/// 2026-11-25.
fn requires_connectors(settings: &Settings) -> bool {
    settings.connector_enforcement.as_deref() == Some("REQUIRED")
}

/// `sslMode` wins over `requireSsl`; where neither is said, both kinds of connection are accepted.
/// Source: Cloud SQL Admin API `instances`, IpConfiguration.
fn requires_tls(settings: &Settings) -> bool {
    if requires_connectors(settings) {
        return true;
    }
    let Some(own) = &settings.ip_configuration else {
        return false;
    };
    match own.ssl_mode.as_deref() {
        Some("ENCRYPTED_ONLY" | "TRUSTED_CLIENT_CERTIFICATE_REQUIRED") => true,
        Some("ALLOW_UNENCRYPTED_AND_ENCRYPTED") => false,
        _ => own.require_ssl.unwrap_or(false),
    }
}

/// One automatic backup a day is made, and so many are kept.
fn backup(settings: &Settings) -> Backup {
    let own = settings.backup_configuration.as_ref();
    let enabled = own.and_then(|all| all.enabled).unwrap_or(false);
    let kept = own.and_then(|all| all.backup_retention_settings.as_ref()?.retained_backups);
    Backup {
        enabled: Fact::Known(enabled),
        days: match enabled {
            true => stated(
                kept.map(days),
                "settings.backupConfiguration.backupRetentionSettings.retainedBackups",
            ),
            false => Fact::Absent,
        },
    }
}

fn flag<'s>(settings: &'s Settings, name: &str) -> Option<&'s str> {
    let found = settings
        .database_flags
        .iter()
        .find(|flag| flag.name.0.as_deref() == Some(name))?;
    found.value.0.as_deref()
}

fn is_on(settings: &Settings, name: &str) -> bool {
    flag(settings, name).is_some_and(|value| ["on", "1", "true"].iter().any(|on| value.eq_ignore_ascii_case(on)))
}

/// The extension logs the classes of statements that `pgaudit.log` names, by default none; where the instance does not
/// set it, a database or a role may. Source: Cloud SQL for PostgreSQL "Audit for PostgreSQL using pgAudit", read 2026-11-25.
fn pgaudit(settings: &Settings) -> Fact<bool> {
    match (
        is_on(settings, "cloudsql.enable_pgaudit"),
        flag(settings, "pgaudit.log"),
    ) {
        (false, _) => Fact::Known(false),
        (true, Some(classes)) => Fact::Known(!classes.trim().eq_ignore_ascii_case("none")),
        (true, None) => not_read("pgaudit.log of its databases and roles"),
    }
}

fn identities(engine: &Fact<Engine>, settings: &Settings) -> Fact<bool> {
    match engine {
        Fact::Known(Engine::SqlServer) => {
            let domain = settings.active_directory_config.as_ref();
            Fact::Known(domain.and_then(|all| all.domain.clone().take()).is_some())
        }
        Fact::Known(Engine::MySql) => Fact::Known(is_on(settings, "cloudsql_iam_authentication")),
        Fact::Known(_) => Fact::Known(is_on(settings, "cloudsql.iam_authentication")),
        other => other.clone().map(|_| false),
    }
}

/// Flags turn the audit extensions on, which write to Cloud Logging; SQL Server's audit goes to a bucket.
fn audit(engine: &Fact<Engine>, settings: &Settings) -> Logging {
    let bucket = (settings.sql_server_audit_config.as_ref()).and_then(|all| all.bucket.clone().take());
    match engine {
        Fact::Known(Engine::SqlServer) => Logging {
            enabled: Fact::Known(bucket.is_some()),
            target: bucket.into(),
        },
        Fact::Known(Engine::MySql) => Logging {
            enabled: Fact::Known(is_on(settings, "cloudsql_mysql_audit")),
            target: Fact::Absent,
        },
        Fact::Known(_) => Logging {
            enabled: pgaudit(settings),
            target: Fact::Absent,
        },
        other => Logging {
            enabled: other.clone().map(|_| false),
            target: other.clone().map(|_| String::new()),
        },
    }
}
