//! The firewall rules of database servers: which addresses their public endpoints let in.
//!
//! Source: Azure REST API reference `Firewall Rules - Get` of SQL Database, Azure Database for PostgreSQL and for MySQL,
//! read 2026-11-25.

use nephoscope_model::kinds::DatabaseNetwork;
use nephoscope_model::{Fact, Gap, Provenance, Reason};
use serde::Deserialize;

use super::{ARM, PROPERTIES, flexible_server, sql_server, whole_before};
use crate::database::{self, Entry};
use crate::group::{Found, Group};
use crate::json::Text;
use crate::mapping::{Absence, Mapping, Role, Source, source};

pub(crate) const OF_SQL: &str = "Microsoft.Sql/servers/firewallRules";
pub(crate) const OF_POSTGRESQL: &str = "Microsoft.DBforPostgreSQL/flexibleServers/firewallRules";
pub(crate) const OF_MYSQL: &str = "Microsoft.DBforMySQL/flexibleServers/firewallRules";

const SOURCES: &[Source] = &[
    source("/network/networks", "/properties/startIpAddress", Absence::Unknown),
    source("/network/networks", "/properties/endIpAddress", Absence::Unknown),
    source(
        "/network/open_to_internet",
        "/properties/startIpAddress",
        Absence::Unknown,
    ),
    source(
        "/network/open_to_internet",
        "/properties/endIpAddress",
        Absence::Unknown,
    ),
    source(
        "/network/azure_services",
        "/properties/startIpAddress",
        Absence::Unknown,
    ),
    source("/network/azure_services", "/properties/endIpAddress", Absence::Unknown),
];

const RULES: Mapping = Mapping {
    dialects: ARM,
    kind: "database.sql",
    sources: SOURCES,
    read: |body| Ok(Box::new(body.section::<FirewallRule>(PROPERTIES)?)),
    ..Mapping::BASE
};

pub(crate) const SQL_MAPPING: Mapping = Mapping {
    native_type: OF_SQL,
    role: Role::Part {
        of: sql_server::NATIVE_TYPE,
        names: |resource, _| whole_before(&resource.id, "/firewallrules/"),
    },
    ..RULES
};

pub(crate) const POSTGRESQL_MAPPING: Mapping = Mapping {
    native_type: OF_POSTGRESQL,
    role: Role::Part {
        of: flexible_server::POSTGRESQL,
        names: |resource, _| whole_before(&resource.id, "/firewallrules/"),
    },
    ..RULES
};

pub(crate) const MYSQL_MAPPING: Mapping = Mapping {
    native_type: OF_MYSQL,
    role: Role::Part {
        of: flexible_server::MYSQL,
        names: |resource, _| whole_before(&resource.id, "/firewallrules/"),
    },
    ..RULES
};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct FirewallRule {
    #[serde(default)]
    start_ip_address: Text,
    #[serde(default)]
    end_ip_address: Text,
}

/// Returns whom a server's public endpoint lets in. `further` says why there may be more than its rules of this type.
pub(crate) fn network(
    group: &Group<'_>,
    native_type: &str,
    endpoint: Fact<bool>,
    further: Option<Gap>,
) -> (DatabaseNetwork, Vec<Provenance>) {
    let mut missing = further.or_else(|| (!group.parts_read_in_full(native_type)).then(|| group.not_read(native_type)));
    let mut entries = Vec::new();
    let mut services = None;
    for piece in group.parts(native_type) {
        let rule = match piece.get::<Option<FirewallRule>>() {
            Found::Read(_, Some(rule)) => rule,
            Found::Failed(gap) => {
                missing = Some(gap);
                continue;
            }
            Found::Read(_, None) | Found::Missing => {
                missing = Some(Gap::with(Reason::NotRead, &piece.resource.id));
                continue;
            }
        };
        let (first, last) = (rule.start_ip_address.0.as_deref(), rule.end_ip_address.0.as_deref());
        let (Some(first), Some(last)) = (first, last) else {
            missing = Some(Gap::with(Reason::NotRead, &piece.resource.id));
            continue;
        };
        // Source: Azure SQL Database "IP firewall rules", "Connections from inside Azure", read 2026-11-25.
        if first == "0.0.0.0" && last == "0.0.0.0" {
            services = services.or(Some(piece));
            continue;
        }
        let name = piece.resource.name.clone();
        entries.push(Entry::range(
            first,
            last,
            Some(name),
            piece.origin().cloned(),
            PROPERTIES.to_owned(),
        ));
    }
    let azure_services = match (&endpoint, services, &missing) {
        (Fact::Known(false), ..) => Fact::Known(false),
        (Fact::Unknown(gap) | Fact::Partial(_, gap), Some(_), _) => Fact::Unknown(gap.clone()),
        (_, Some(_), _) => Fact::Known(true),
        (_, None, None) => Fact::Known(false),
        (_, None, Some(gap)) => Fact::Unknown(gap.clone()),
    };
    let (mut network, mut notes) = database::network(endpoint, entries, missing);
    network.azure_services = azure_services;
    notes.extend(services.and_then(|piece| {
        Some(Provenance {
            path: "/attributes/network/azure_services".to_owned(),
            origin: piece.origin()?.clone(),
            pointer: PROPERTIES.to_owned(),
        })
    }));
    (network, notes)
}
