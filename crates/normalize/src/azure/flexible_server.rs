//! `Microsoft.DBforPostgreSQL/flexibleServers` and `Microsoft.DBforMySQL/flexibleServers` with their firewall rules →
//! `database.sql`.
//!
//! Server parameters (`require_secure_transport`, `ssl_min_protocol_version`, `pgaudit.log`) are documents of their own
//! that are not read: unknown. Preview versions of MySQL's API (2020, 2021) have other names, which are read as well.
//! Source: Azure REST API reference `Servers - Get` of Azure Database for PostgreSQL and for MySQL, read 2026-11-25.

use nephoscope_model::kinds::{Backup, DatabaseSql, DatabaseTls, Encryption, Engine, KeyKind, Logging, SignIn};
use nephoscope_model::{Fact, Gap, Reason};
use serde::Deserialize;

use super::{ARM, PROPERTIES, database_firewall_rules};
use crate::database::{days, stated};
use crate::group::{Built, Found, Group};
use crate::json::{self, Text};
use crate::mapping::{Absence, Mapping, Role, Source, source};

pub(crate) const POSTGRESQL: &str = "Microsoft.DBforPostgreSQL/flexibleServers";
pub(crate) const MYSQL: &str = "Microsoft.DBforMySQL/flexibleServers";

const POSTGRESQL_SOURCES: &[Source] = &[
    source("/version", "/properties/version", Absence::Unknown),
    source(
        "/encryption/key_kind",
        "/properties/dataEncryption/type",
        Absence::Default("provider"),
    ),
    source(
        "/encryption/key_id",
        "/properties/dataEncryption/primaryKeyURI",
        Absence::Absent,
    ),
    source(
        "/network/public_endpoint",
        "/properties/network/publicNetworkAccess",
        Absence::Unknown,
    ),
    source(
        "/network/public_endpoint",
        "/properties/network/delegatedSubnetResourceId",
        Absence::Unknown,
    ),
    source(
        "/network/open_to_internet",
        "/properties/network/publicNetworkAccess",
        Absence::Unknown,
    ),
    source(
        "/network/open_to_internet",
        "/properties/network/delegatedSubnetResourceId",
        Absence::Unknown,
    ),
    source(
        "/backup/days",
        "/properties/backup/backupRetentionDays",
        Absence::Unknown,
    ),
    source("/multi_zone", "/properties/highAvailability/mode", Absence::Unknown),
    source(
        "/sign_in/identities",
        "/properties/authConfig/activeDirectoryAuth",
        Absence::Unknown,
    ),
    source(
        "/sign_in/passwords",
        "/properties/authConfig/passwordAuth",
        Absence::Unknown,
    ),
];

const MYSQL_SOURCES: &[Source] = &[
    source("/version", "/properties/version", Absence::Unknown),
    source(
        "/encryption/key_kind",
        "/properties/dataEncryption/type",
        Absence::Default("provider"),
    ),
    source(
        "/encryption/key_id",
        "/properties/dataEncryption/primaryKeyURI",
        Absence::Absent,
    ),
    source(
        "/network/public_endpoint",
        "/properties/network/publicNetworkAccess",
        Absence::Unknown,
    ),
    source(
        "/network/public_endpoint",
        "/properties/network/delegatedSubnetResourceId",
        Absence::Unknown,
    ),
    source(
        "/network/open_to_internet",
        "/properties/network/publicNetworkAccess",
        Absence::Unknown,
    ),
    source(
        "/network/open_to_internet",
        "/properties/network/delegatedSubnetResourceId",
        Absence::Unknown,
    ),
    source(
        "/backup/days",
        "/properties/backup/backupRetentionDays",
        Absence::Unknown,
    ),
    source("/multi_zone", "/properties/highAvailability/mode", Absence::Unknown),
    source(
        "/encryption/key_kind",
        "/properties/byokEnforcement",
        Absence::Default("provider"),
    ),
    source(
        "/network/public_endpoint",
        "/properties/publicNetworkAccess",
        Absence::Unknown,
    ),
    source(
        "/network/open_to_internet",
        "/properties/publicNetworkAccess",
        Absence::Unknown,
    ),
    source(
        "/backup/days",
        "/properties/storageProfile/backupRetentionDays",
        Absence::Unknown,
    ),
    source("/multi_zone", "/properties/haEnabled", Absence::Unknown),
];

pub(crate) const POSTGRESQL_MAPPING: Mapping = Mapping {
    dialects: ARM,
    native_type: POSTGRESQL,
    kind: "database.sql",
    sources: POSTGRESQL_SOURCES,
    read: |body| Ok(Box::new(body.section::<Server>(PROPERTIES)?)),
    build: |group| build(group, Engine::PostgreSql),
    role: Role::Whole,
    ..Mapping::BASE
};

pub(crate) const MYSQL_MAPPING: Mapping = Mapping {
    native_type: MYSQL,
    sources: MYSQL_SOURCES,
    build: |group| build(group, Engine::MySql),
    ..POSTGRESQL_MAPPING
};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Server {
    #[serde(default)]
    version: Option<String>,
    #[serde(default)]
    network: Option<Network>,
    #[serde(default)]
    backup: Option<BackupProfile>,
    #[serde(default)]
    high_availability: Option<HighAvailability>,
    #[serde(default)]
    data_encryption: Option<DataEncryption>,
    #[serde(default)]
    auth_config: Option<AuthConfig>,
    // What follows are the names of preview versions.
    #[serde(default)]
    public_network_access: Option<String>,
    #[serde(default)]
    storage_profile: Option<BackupProfile>,
    #[serde(default)]
    ha_enabled: Option<String>,
    #[serde(default)]
    byok_enforcement: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Network {
    #[serde(default)]
    public_network_access: Option<String>,
    #[serde(default)]
    delegated_subnet_resource_id: Text,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct BackupProfile {
    #[serde(default, deserialize_with = "json::integer")]
    backup_retention_days: Option<i64>,
}

#[derive(Debug, Deserialize)]
struct HighAvailability {
    #[serde(default)]
    mode: Option<String>,
}

#[derive(Debug, Deserialize)]
struct DataEncryption {
    #[serde(default, rename = "type")]
    kind: Option<String>,
    #[serde(default, rename = "primaryKeyURI", alias = "primaryKeyUri")]
    primary_key_uri: Text,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct AuthConfig {
    #[serde(default)]
    active_directory_auth: Option<String>,
    #[serde(default)]
    password_auth: Option<String>,
}

fn build(group: &Group<'_>, engine: Engine) -> Built {
    // A row of Resource Graph holds only the columns that its query names.
    let Found::Read(_, Some(server)) = group.native::<Option<Server>>() else {
        return Built::unknown(Gap::with(Reason::NotRead, "properties"));
    };
    let (rules, parameters) = match engine {
        Engine::MySql => (
            database_firewall_rules::OF_MYSQL,
            "Microsoft.DBforMySQL/flexibleServers/configurations",
        ),
        _ => (
            database_firewall_rules::OF_POSTGRESQL,
            "Microsoft.DBforPostgreSQL/flexibleServers/configurations",
        ),
    };
    let (network, notes) = database_firewall_rules::network(group, rules, endpoint(server), None);
    let parameters = group.not_read(parameters);
    let retention =
        (server.backup.as_ref().or(server.storage_profile.as_ref())).and_then(|all| all.backup_retention_days);
    let mut built = Built::new(&DatabaseSql {
        engine: Fact::Known(engine),
        version: stated(server.version.clone(), "version"),
        encryption: encryption(server),
        network,
        tls: DatabaseTls {
            required: Fact::Unknown(parameters.clone()),
            min_version: Fact::Unknown(parameters.clone()),
        },
        backup: Backup {
            // They cannot be turned off. Source: "Backup and restore" of either service, read 2026-11-25.
            enabled: Fact::Known(true),
            days: stated(retention.map(days), "backup.backupRetentionDays"),
        },
        deletion_protection: Fact::Absent,
        multi_zone: multi_zone(server),
        sign_in: sign_in(group, engine, server),
        audit: Logging {
            enabled: Fact::Unknown(parameters.clone()),
            target: Fact::Unknown(parameters),
        },
    });
    built.provenance = notes;
    built
}

fn is(value: Option<&str>, name: &str) -> bool {
    value.is_some_and(|value| value.eq_ignore_ascii_case(name))
}

/// A server in a subnet of its own has no public endpoint.
fn endpoint(server: &Server) -> Fact<bool> {
    let network = server.network.as_ref();
    if network.is_some_and(|all| all.delegated_subnet_resource_id.clone().take().is_some()) {
        return Fact::Known(false);
    }
    let access = network
        .and_then(|all| all.public_network_access.as_deref())
        .or(server.public_network_access.as_deref());
    stated(
        access.map(|access| is(Some(access), "Enabled")),
        "network.publicNetworkAccess",
    )
}

fn encryption(server: &Server) -> Encryption {
    let own = server.data_encryption.as_ref();
    let kind = own.and_then(|all| all.kind.as_deref());
    let customer = is(kind, "AzureKeyVault") || (kind.is_none() && is(server.byok_enforcement.as_deref(), "Enabled"));
    Encryption {
        // It cannot be turned off. Source: "Data encryption" of either service, read 2026-11-25.
        enabled: Fact::Known(true),
        key_kind: Fact::Known(match customer {
            true => KeyKind::Customer,
            false => KeyKind::Provider,
        }),
        key_id: (own
            .and_then(|all| all.primary_key_uri.clone().take())
            .filter(|_| customer))
        .into(),
    }
}

/// A standby in the same zone is none that outlives the zone.
fn multi_zone(server: &Server) -> Fact<bool> {
    let mode = server.high_availability.as_ref().and_then(|all| all.mode.as_deref());
    match (mode, server.ha_enabled.as_deref()) {
        (Some(mode), _) => Fact::Known(is(Some(mode), "ZoneRedundant")),
        (None, Some(enabled)) if is(Some(enabled), "Disabled") => Fact::Known(false),
        (None, _) => Fact::Unknown(Gap::with(Reason::NotRead, "highAvailability.mode")),
    }
}

/// MySQL's administrators from Entra ID are documents of their own.
fn sign_in(group: &Group<'_>, engine: Engine, server: &Server) -> SignIn {
    if engine == Engine::MySql {
        let gap = group.not_read("Microsoft.DBforMySQL/flexibleServers/administrators");
        return SignIn {
            identities: Fact::Unknown(gap.clone()),
            passwords: Fact::Unknown(gap),
        };
    }
    let own = server.auth_config.as_ref();
    let state = |value: Option<&str>, field| stated(value.map(|value| is(Some(value), "Enabled")), field);
    SignIn {
        identities: state(
            own.and_then(|all| all.active_directory_auth.as_deref()),
            "authConfig.activeDirectoryAuth",
        ),
        passwords: state(
            own.and_then(|all| all.password_auth.as_deref()),
            "authConfig.passwordAuth",
        ),
    }
}
