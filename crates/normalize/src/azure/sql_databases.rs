//! `Microsoft.Sql/servers/databases` with their transparent data encryption and short-term retention: what only the
//! databases of a server say.
//!
//! `master` is the service's own: it is left out. A database in an elastic pool is as zone redundant as the pool, which is
//! not read. Source: Azure REST API reference `Databases - Get`, `Transparent Data Encryptions - Get`, `Backup Short Term
//! Retention Policies - Get`; Azure SQL Database "Availability through redundancy"; recorded replies; read 2026-11-25.

use nephoscope_model::{Fact, Gap, Reason};
use serde::Deserialize;

use super::{ARM, PROPERTIES, sql_server, whole_before};
use crate::database::days;
use crate::group::{Found, Group, Piece};
use crate::json::{self, Text};
use crate::mapping::{Absence, Mapping, Role, Source, source};

const DATABASES: &str = "Microsoft.Sql/servers/databases";
const ENCRYPTION: &str = "Microsoft.Sql/servers/databases/transparentDataEncryption";
const RETENTION: &str = "Microsoft.Sql/servers/databases/backupShortTermRetentionPolicies";

const OF_SERVER: Role = Role::Part {
    of: sql_server::NATIVE_TYPE,
    names: |resource, _| whole_before(&resource.id, "/databases/"),
};

const DATABASE_SOURCES: &[Source] = &[
    source("/multi_zone", "/properties/zoneRedundant", Absence::Unknown),
    source("/multi_zone", "/properties/elasticPoolId", Absence::Absent),
];

pub(crate) const MAPPING: Mapping = Mapping {
    dialects: ARM,
    native_type: DATABASES,
    kind: "database.sql",
    sources: DATABASE_SOURCES,
    read: |body| Ok(Box::new(body.section::<Database>(PROPERTIES)?)),
    role: OF_SERVER,
    stands: true,
    ..Mapping::BASE
};

const ENCRYPTION_SOURCES: &[Source] = &[
    source("/encryption/enabled", "/properties/state", Absence::Unknown),
    // The name of the same field until 2020.
    source("/encryption/enabled", "/properties/status", Absence::Unknown),
];

pub(crate) const ENCRYPTION_MAPPING: Mapping = Mapping {
    dialects: ARM,
    native_type: ENCRYPTION,
    kind: "database.sql",
    sources: ENCRYPTION_SOURCES,
    read: |body| Ok(Box::new(body.section::<DataEncryption>(PROPERTIES)?)),
    role: OF_SERVER,
    ..Mapping::BASE
};

const RETENTION_SOURCES: &[Source] = &[source("/backup/days", "/properties/retentionDays", Absence::Unknown)];

pub(crate) const RETENTION_MAPPING: Mapping = Mapping {
    dialects: ARM,
    native_type: RETENTION,
    kind: "database.sql",
    sources: RETENTION_SOURCES,
    read: |body| Ok(Box::new(body.section::<Retention>(PROPERTIES)?)),
    role: OF_SERVER,
    ..Mapping::BASE
};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Database {
    #[serde(default, deserialize_with = "json::flag")]
    zone_redundant: Option<bool>,
    #[serde(default)]
    elastic_pool_id: Text,
}

#[derive(Debug, Deserialize)]
struct DataEncryption {
    #[serde(default)]
    state: Option<String>,
    #[serde(default)]
    status: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Retention {
    #[serde(default, deserialize_with = "json::integer")]
    retention_days: Option<i64>,
}

/// What the databases of a server say together, each with the document that decides it.
pub(super) struct Databases<'a> {
    /// Each is zone redundant; absent where there is no database.
    pub(super) multi_zone: (Fact<bool>, Option<&'a Piece>),
    /// Each is encrypted; absent where there is no database.
    pub(super) encrypted: (Fact<bool>, Option<&'a Piece>),
    /// For how long the backups of each are kept; absent where there is no database.
    pub(super) days: (Fact<u32>, Option<&'a Piece>),
}

impl<'a> Databases<'a> {
    pub(super) fn of(group: &Group<'a>) -> Self {
        let missing = (!group.parts_read_in_full(DATABASES)).then(|| group.not_read(DATABASES));
        let own = group
            .parts(DATABASES)
            .filter(|piece| !piece.resource.name.eq_ignore_ascii_case("master"));
        let own: Vec<&Piece> = own.collect();
        // What is said of a database is said of it alone, whether or not the database itself was read.
        let said = |native_type: &'static str| {
            let parts = group.parts(native_type);
            let named = parts.filter(|piece| !of_master(piece));
            named.collect::<Vec<&Piece>>()
        };
        let each = |native_type: &str, parts: &[&Piece]| {
            let unsaid = own.iter().find(|database| {
                let below = format!("{}/", database.resource.key.0);
                !parts.iter().any(|piece| piece.resource.key.0.starts_with(&below))
            });
            let unsaid = unsaid.map(|database| {
                let detail = format!("{native_type} of {}", database.resource.id);
                Gap::with(Reason::NotRead, detail)
            });
            missing.clone().or(unsaid)
        };
        let (encryption, retention) = (said(ENCRYPTION), said(RETENTION));
        Databases {
            multi_zone: all(own.iter().map(|piece| (*piece, zone_redundant(piece))), missing.clone()),
            encrypted: all(
                encryption.iter().map(|piece| (*piece, encrypted(piece))),
                each(ENCRYPTION, &encryption),
            ),
            days: least(
                retention.iter().map(|piece| (*piece, retained(piece))),
                each(RETENTION, &retention),
            ),
        }
    }
}

fn of_master(piece: &Piece) -> bool {
    piece.resource.key.0.contains("/databases/master/")
}

/// Returns whether all hold; one that does not is enough, and of all the first is named.
fn all<'a>(
    facts: impl Iterator<Item = (&'a Piece, Result<bool, Gap>)>,
    mut missing: Option<Gap>,
) -> (Fact<bool>, Option<&'a Piece>) {
    let mut first = None;
    for (piece, fact) in facts {
        match fact {
            Ok(false) => return (Fact::Known(false), Some(piece)),
            Ok(true) => first = first.or(Some(piece)),
            Err(gap) => missing = missing.or(Some(gap)),
        }
    }
    match (missing, first) {
        (Some(gap), _) => (Fact::Unknown(gap), None),
        (None, Some(piece)) => (Fact::Known(true), Some(piece)),
        (None, None) => (Fact::Absent, None),
    }
}

fn least<'a>(
    facts: impl Iterator<Item = (&'a Piece, Result<u32, Gap>)>,
    mut missing: Option<Gap>,
) -> (Fact<u32>, Option<&'a Piece>) {
    let mut least: Option<(u32, &Piece)> = None;
    for (piece, fact) in facts {
        match fact {
            Ok(days) if least.is_none_or(|(held, _)| days < held) => least = Some((days, piece)),
            Ok(_) => {}
            Err(gap) => missing = missing.or(Some(gap)),
        }
    }
    match (missing, least) {
        (Some(gap), _) => (Fact::Unknown(gap), None),
        (None, Some((days, piece))) => (Fact::Known(days), Some(piece)),
        (None, None) => (Fact::Absent, None),
    }
}

/// Returns what a document says of a field, and why it does not.
fn field<'a, T: 'static, V>(piece: &'a Piece, name: &str, value: impl Fn(&'a T) -> Option<V>) -> Result<V, Gap> {
    match piece.get::<Option<T>>() {
        Found::Read(_, Some(native)) => {
            value(native).ok_or_else(|| Gap::with(Reason::NotRead, format!("{name} of {}", piece.resource.id)))
        }
        Found::Failed(gap) => Err(gap),
        Found::Read(_, None) | Found::Missing => Err(Gap::with(Reason::NotRead, &piece.resource.id)),
    }
}

fn zone_redundant(piece: &Piece) -> Result<bool, Gap> {
    let redundant = field(piece, "zoneRedundant", |database: &Database| database.zone_redundant)?;
    let pool = field(piece, "elasticPoolId", |database: &Database| {
        Some(database.elastic_pool_id.0.as_deref())
    })?;
    match (redundant, pool.filter(|pool| !pool.is_empty())) {
        (false, Some(pool)) => Err(Gap::with(
            Reason::NotRead,
            format!("Microsoft.Sql/servers/elasticPools {pool}"),
        )),
        (redundant, _) => Ok(redundant),
    }
}

fn encrypted(piece: &Piece) -> Result<bool, Gap> {
    field(piece, "state", |native: &DataEncryption| {
        let state = native.state.as_deref().or(native.status.as_deref())?;
        Some(state.eq_ignore_ascii_case("Enabled"))
    })
}

fn retained(piece: &Piece) -> Result<u32, Gap> {
    field(piece, "retentionDays", |native: &Retention| {
        native.retention_days.map(days)
    })
}
