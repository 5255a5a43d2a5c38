//! `Microsoft.Sql/servers` with its firewall rules, administrator, auditing settings, TDE protector and databases →
//! `database.sql`.
//!
//! A logical server is as good as the worst of its databases: zones, retention of backups, and whether transparent data
//! encryption is on. That none is bad is known only where all of them were read. Limits: firewall rules and keys of one
//! database stand in that database alone. Source: Azure REST API reference `Servers - Get`, read 2026-11-25.

use nephoscope_model::kinds::{
    Backup, DatabaseSql, DatabaseTls, Encryption, Engine, KeyKind, Logging, SignIn, TlsVersion,
};
use nephoscope_model::{Fact, Gap, Reason};
use serde::Deserialize;

use super::sql_databases::Databases;
use super::sql_server_parts::{self as parts, Administrator, Auditing, Protector};
use super::{ARM, PROPERTIES, database_firewall_rules};
use crate::database::stated;
use crate::group::{Built, Found, Group, Piece};
use crate::json::Text;
use crate::mapping::{Absence, Mapping, Role, Source, source};

pub(crate) const NATIVE_TYPE: &str = "Microsoft.Sql/servers";

const SOURCES: &[Source] = &[
    source("/version", "/properties/version", Absence::Unknown),
    source("/encryption/key_kind", "/properties/keyId", Absence::Unknown),
    source("/encryption/key_id", "/properties/keyId", Absence::Unknown),
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
        "/network/open_to_internet",
        "/properties/isIPv6Enabled",
        Absence::Default("false"),
    ),
    source("/tls/required", "/properties/minimalTlsVersion", Absence::Unknown),
    source("/tls/min_version", "/properties/minimalTlsVersion", Absence::Unknown),
    source("/sign_in/identities", "/properties/administrators", Absence::Unknown),
    source(
        "/sign_in/passwords",
        "/properties/administrators/azureADOnlyAuthentication",
        Absence::Unknown,
    ),
];

pub(crate) const MAPPING: Mapping = Mapping {
    dialects: ARM,
    native_type: NATIVE_TYPE,
    kind: "database.sql",
    sources: SOURCES,
    read: |body| Ok(Box::new(body.section::<Server>(PROPERTIES)?)),
    build,
    role: Role::Whole,
    ..Mapping::BASE
};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Server {
    #[serde(default)]
    version: Option<String>,
    #[serde(default)]
    public_network_access: Option<String>,
    #[serde(default, rename = "isIPv6Enabled")]
    is_ipv6_enabled: Text,
    #[serde(default)]
    minimal_tls_version: Option<String>,
    #[serde(default)]
    key_id: Text,
    #[serde(default)]
    administrators: Option<Administrator>,
}

fn build(group: &Group<'_>) -> Built {
    // A row of Resource Graph holds only the columns that its query names.
    let Found::Read(_, Some(server)) = group.native::<Option<Server>>() else {
        return Built::unknown(Gap::with(Reason::NotRead, "properties"));
    };
    let ipv6 = (server.is_ipv6_enabled.0.as_deref()).is_some_and(|state| state.eq_ignore_ascii_case("Enabled"));
    let (network, notes) = database_firewall_rules::network(
        group,
        database_firewall_rules::OF_SQL,
        endpoint(server),
        perimeter(server).or_else(|| ipv6.then(|| group.not_read("Microsoft.Sql/servers/ipv6FirewallRules"))),
    );
    let (sign_in, administrator) = sign_in(group, server);
    let (audit, auditing) = audit(group);
    let databases = Databases::of(group);
    let (encryption, protector) = encryption(group, server, databases.encrypted.0);
    let mut built = Built::new(&DatabaseSql {
        engine: Fact::Known(Engine::SqlServer),
        version: stated(server.version.clone(), "version"),
        encryption,
        network,
        tls: tls(server),
        backup: Backup {
            // They cannot be turned off. Source: Azure SQL Database "Automated backups", read 2026-11-25.
            enabled: Fact::Known(true),
            days: databases.days.0,
        },
        deletion_protection: Fact::Absent,
        multi_zone: databases.multi_zone.0,
        sign_in,
        audit,
    });
    built.provenance = notes;
    let of_databases = [databases.multi_zone.1, databases.encrypted.1, databases.days.1];
    for piece in [administrator, auditing, protector]
        .into_iter()
        .chain(of_databases)
        .flatten()
    {
        built.from_part(piece);
    }
    built
}

/// `SecuredByPerimeter` leaves it to the rules of the perimeter, which is another document. Source: Azure REST API reference
/// `Servers - Get`, ServerPublicNetworkAccessFlag, read 2026-11-25.
fn perimeter(server: &Server) -> Option<Gap> {
    let access = server.public_network_access.as_deref()?;
    let perimeter = access.eq_ignore_ascii_case("SecuredByPerimeter");
    perimeter.then(|| Gap::with(Reason::NotRead, "Microsoft.Network/networkSecurityPerimeters"))
}

fn endpoint(server: &Server) -> Fact<bool> {
    if let Some(gap) = perimeter(server) {
        return Fact::Unknown(gap);
    }
    match server.public_network_access.as_deref() {
        Some(access) if access.eq_ignore_ascii_case("Enabled") => Fact::Known(true),
        Some(access) if access.eq_ignore_ascii_case("Disabled") => Fact::Known(false),
        Some(access) => Fact::Unknown(Gap::with(
            Reason::ParseError,
            format!("`{access}` is no state of publicNetworkAccess"),
        )),
        None => Fact::Unknown(Gap::with(Reason::NotRead, "publicNetworkAccess")),
    }
}

/// Where no version is set, connections without TLS are accepted. A server without a value may have been made when that
/// was the default or when it is 1.2. Source: Azure SQL "Connectivity settings", Azure SQL Blog "Azure SQL is deprecating
/// the No Minimum TLS configuration", read 2026-11-25.
fn tls(server: &Server) -> DatabaseTls {
    let version = match server.minimal_tls_version.as_deref() {
        None => {
            let gap = Gap::with(Reason::NotRead, "minimalTlsVersion");
            return DatabaseTls {
                required: Fact::Unknown(gap.clone()),
                min_version: Fact::Unknown(gap),
            };
        }
        Some("None" | "none") => {
            return DatabaseTls {
                required: Fact::Known(false),
                min_version: Fact::Absent,
            };
        }
        Some("1.0") => TlsVersion::Tls10,
        Some("1.1") => TlsVersion::Tls11,
        Some("1.2") => TlsVersion::Tls12,
        Some("1.3") => TlsVersion::Tls13,
        Some(other) => {
            let gap = Gap::with(Reason::ParseError, format!("`{other}` is no version of TLS"));
            return DatabaseTls {
                required: Fact::Unknown(gap.clone()),
                min_version: Fact::Unknown(gap),
            };
        }
    };
    DatabaseTls {
        required: Fact::Known(true),
        min_version: Fact::Known(version),
    }
}

/// The server itself holds its administrator only where the request asked to expand it.
fn sign_in<'a>(group: &Group<'a>, server: &Server) -> (SignIn, Option<&'a Piece>) {
    let known = |administrator: &Administrator| SignIn {
        identities: Fact::Known(true),
        passwords: administrator.passwords(),
    };
    let mut gap = (!group.parts_read_in_full(parts::ADMINISTRATORS)).then(|| group.not_read(parts::ADMINISTRATORS));
    for piece in group.parts(parts::ADMINISTRATORS) {
        match piece.get::<Option<Administrator>>() {
            Found::Read(piece, Some(administrator)) => return (known(administrator), Some(piece)),
            Found::Failed(why) => gap = Some(why),
            Found::Read(_, None) | Found::Missing => gap = Some(Gap::with(Reason::NotRead, &piece.resource.id)),
        }
    }
    let only = only_identities(group);
    let sign_in = match (&server.administrators, gap) {
        (Some(administrator), _) => known(administrator),
        (None, _) if only.is_some_and(|(only, _)| only) => SignIn {
            identities: Fact::Known(true),
            passwords: Fact::Known(false),
        },
        (None, Some(gap)) if only.is_some() => SignIn {
            identities: Fact::Unknown(gap),
            passwords: Fact::Known(true),
        },
        (None, Some(gap)) => SignIn {
            identities: Fact::Unknown(gap.clone()),
            passwords: Fact::Unknown(gap),
        },
        (None, None) => SignIn {
            identities: Fact::Known(false),
            passwords: Fact::Known(true),
        },
    };
    (sign_in, only.map(|(_, piece)| piece))
}

/// Returns whether only identities may sign in, which takes an administrator from Entra ID, where a document says so.
fn only_identities<'a>(group: &Group<'a>) -> Option<(bool, &'a Piece)> {
    group
        .parts(parts::ONLY_IDENTITIES)
        .find_map(|piece| match piece.get::<Option<Administrator>>() {
            Found::Read(piece, Some(stated)) => Some((stated.only()?, piece)),
            Found::Read(_, None) | Found::Missing | Found::Failed(_) => None,
        })
}

fn audit<'a>(group: &Group<'a>) -> (Logging, Option<&'a Piece>) {
    let gap = match group.parts(parts::AUDITING).next() {
        None => group.not_read(parts::AUDITING),
        Some(piece) => match piece.get::<Option<Auditing>>() {
            Found::Read(piece, Some(auditing)) => return (auditing.logging(), Some(piece)),
            Found::Failed(gap) => gap,
            Found::Read(_, None) | Found::Missing => Gap::with(Reason::NotRead, &piece.resource.id),
        },
    };
    let logging = Logging {
        enabled: Fact::Unknown(gap.clone()),
        target: Fact::Unknown(gap),
    };
    (logging, None)
}

/// Each database can turn transparent data encryption off; the key is one for all of them that do not bring their own.
fn encryption<'a>(group: &Group<'a>, server: &Server, enabled: Fact<bool>) -> (Encryption, Option<&'a Piece>) {
    let gap = match group.parts(parts::PROTECTOR).next() {
        None => group.not_read(parts::PROTECTOR),
        Some(piece) => match piece.get::<Option<Protector>>() {
            Found::Read(piece, Some(protector)) => return (protector.encryption(enabled), Some(piece)),
            Found::Failed(gap) => gap,
            Found::Read(_, None) | Found::Missing => Gap::with(Reason::NotRead, &piece.resource.id),
        },
    };
    let encryption = match server.key_id.clone().take() {
        Some(key) => Encryption {
            enabled,
            key_kind: Fact::Known(KeyKind::Customer),
            key_id: Fact::Known(key),
        },
        None => Encryption {
            enabled,
            key_kind: Fact::Unknown(gap.clone()),
            key_id: Fact::Unknown(gap),
        },
    };
    (encryption, None)
}
