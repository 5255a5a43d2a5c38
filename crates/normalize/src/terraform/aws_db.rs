//! What planned RDS instances and clusters share: keys, sign-in, logs, and parameter groups, which decide on TLS.
//!
//! Source: Terraform AWS provider documentation of `aws_db_parameter_group` and `aws_rds_cluster_parameter_group`; Amazon RDS
//! User Guide "Requiring SSL/TLS for all connections to a MySQL DB instance" (off unless set), "Requiring an SSL connection
//! to a PostgreSQL DB instance" (on since version 15), "Forcing connections to your DB instance to use SSL" (SQL Server, off
//! unless set).

use nephoscope_model::kinds::{Encryption, Engine, Logging, SignIn};
use nephoscope_model::{Fact, Gap, Reason, Resource};
use serde_json::{Map, Value};

use super::keys::{self, Keys};
use super::planned::{self, Planned};
use super::{WHOLE, join};
use crate::aws::rds;
use crate::database::not_read;
use crate::group::{Built, Found, Group, Piece};
use crate::mapping::Mapping;

const KEYS: Keys = Keys {
    made_by: keys::OF_KMS,
    managed: Some("alias/aws/rds"),
    told_by: Some("aws_kms_key"),
};

const GROUP: Mapping = Mapping {
    kind: "other",
    read: |body| planned::read(body, &["name", "parameter"]),
    build: |_| Built {
        attributes: Value::Object(Map::new()),
        ..Built::default()
    },
    ..WHOLE
};

pub(super) const PARAMETERS: Mapping = Mapping {
    native_type: "aws_db_parameter_group",
    ..GROUP
};

pub(super) const CLUSTER_PARAMETERS: Mapping = Mapping {
    native_type: "aws_rds_cluster_parameter_group",
    ..GROUP
};

/// Returns the gap for what comes with a snapshot or another database that this one is made from.
pub(super) fn restored(database: &Planned) -> Option<Gap> {
    let made_from = [
        "/snapshot_identifier",
        "/replicate_source_db",
        "/replication_source_identifier",
        "/restore_to_point_in_time",
        "/s3_import",
    ];
    made_from
        .into_iter()
        .filter(|_| database.created)
        .map(|at| database.computed(at))
        .find(|spot| match spot.value() {
            Fact::Known(Value::Array(list)) => !list.is_empty(),
            Fact::Known(Value::String(text)) => !text.is_empty(),
            Fact::Absent => false,
            _ => true,
        })
        .map(|spot| Gap::with(Reason::NotRead, format!("what {} names", spot.native())))
}

/// Returns `default` where the plan leaves it out and nothing else says it.
pub(super) fn or_default<T>(fact: Fact<T>, default: T, restored: Option<&Gap>) -> Fact<T> {
    match (fact, restored) {
        (Fact::Absent, Some(gap)) => Fact::Unknown(gap.clone()),
        (fact, _) => fact.or_default(default),
    }
}

pub(super) fn encryption(database: &Planned, encrypted: Fact<bool>) -> Encryption {
    match encrypted {
        Fact::Known(true) => KEYS.encryption(&database.computed("/kms_key_id")),
        Fact::Known(false) | Fact::Absent => keys::off(),
        Fact::Unknown(gap) | Fact::Partial(_, gap) => keys::unknown(&gap),
    }
}

/// IAM database authentication, or a domain that it joins.
pub(super) fn sign_in(database: &Planned) -> SignIn {
    let iam = database
        .at("/iam_database_authentication_enabled")
        .flag()
        .or_default(false);
    let domain = ["/domain", "/domain_fqdn"].map(|at| database.at(at).text());
    let joined = domain.iter().any(|domain| matches!(domain, Fact::Known(_)));
    SignIn {
        identities: match (joined, domain.iter().find_map(Fact::gap)) {
            (true, _) => Fact::Known(true),
            (_, Some(gap)) if iam != Fact::Known(true) => Fact::Unknown(gap.clone()),
            _ => iam,
        },
        passwords: Fact::Absent,
    }
}

pub(super) fn audit(database: &Planned, engine: &Fact<Engine>, stream: bool) -> Logging {
    let exports = database.at("/enabled_cloudwatch_logs_exports").texts();
    let logging = rds::audit(engine, Some(exports.value().map_or(&[], Vec::as_slice)), stream);
    match exports.gap() {
        // What is not known yet may be the log.
        Some(gap) if logging.enabled == Fact::Known(false) => Logging {
            enabled: Fact::Unknown(gap.clone()),
            target: Fact::Unknown(gap.clone()),
        },
        _ => logging,
    }
}

/// Returns whether plain connections are refused. `named` is the argument with the name of the parameter group.
pub(super) fn tls(
    group: &Group<'_>,
    database: &Planned,
    engine: &Fact<Engine>,
    named: &str,
    row: &Mapping,
) -> Fact<bool> {
    let parameter = match engine {
        Fact::Known(Engine::MySql | Engine::MariaDb) => "require_secure_transport",
        Fact::Known(Engine::PostgreSql | Engine::SqlServer) => "rds.force_ssl",
        Fact::Known(_) => return not_read(&format!("options of {}", group.main.resource.id)),
        Fact::Unknown(gap) | Fact::Partial(_, gap) => return Fact::Unknown(gap.clone()),
        Fact::Absent => return not_read("engine"),
    };
    let spot = database.computed(format!("/{named}"));
    let name = spot.text();
    if let Some(piece) = parameters(group, database, named, &name, row) {
        return match piece.get::<Planned>() {
            Found::Read(_, parameters) => match stated(parameters, parameter) {
                Fact::Absent => default(database, engine, row),
                other => other,
            },
            Found::Failed(gap) => Fact::Unknown(gap),
            Found::Missing => not_read(row.native_type),
        };
    }
    match name {
        Fact::Absent if database.created => default(database, engine, row),
        Fact::Known(name) if name.starts_with("default.") => default(database, engine, row),
        Fact::Known(name) | Fact::Partial(name, _) => not_read(&format!("{} {name}", row.native_type)),
        Fact::Absent => Fact::Unknown(group.not_read(row.native_type)),
        Fact::Unknown(gap) => Fact::Unknown(gap),
    }
}

/// Returns the parameter group of the same plan that the database names.
fn parameters<'a>(
    group: &Group<'a>,
    database: &Planned,
    named: &str,
    name: &Fact<String>,
    row: &Mapping,
) -> Option<&'a Piece> {
    let file = |resource: &Resource| resource.origins.first().map(|origin| origin.file.clone());
    let here = file(&group.main.resource);
    let address = join::referred(database, named, row.native_type);
    (group.context.planned(row.native_type).iter().copied())
        .filter(|piece| file(&piece.resource) == here)
        .find(|piece| match (piece.get::<Planned>(), name) {
            (Found::Read(_, other), Fact::Known(name)) => other.at("/name").text() == Fact::Known(name.clone()),
            (Found::Read(_, other), _) => Some(other.address.as_str()) == address,
            _ => false,
        })
}

fn stated(parameters: &Planned, parameter: &str) -> Fact<bool> {
    let blocks = match parameters.computed("/parameter").items() {
        Fact::Known(blocks) | Fact::Partial(blocks, _) => blocks,
        Fact::Absent => return Fact::Absent,
        Fact::Unknown(gap) => return Fact::Unknown(gap),
    };
    for block in blocks {
        if block.at("/name").text() == Fact::Known(parameter.to_owned()) {
            let on = |value: String| value == "1" || value.eq_ignore_ascii_case("on");
            return block.at("/value").text().map(on);
        }
    }
    Fact::Absent
}

/// What RDS sets without a group of one's own; that of Aurora and of MariaDB changes with the version.
fn default(database: &Planned, engine: &Fact<Engine>, row: &Mapping) -> Fact<bool> {
    let of_instance = row.native_type == PARAMETERS.native_type;
    let version = database.computed("/engine_version").text();
    let major = version
        .value()
        .and_then(|text| text.split('.').next()?.parse::<u32>().ok());
    match (engine, major) {
        (Fact::Known(Engine::MySql | Engine::SqlServer), _) if of_instance => Fact::Known(false),
        (Fact::Known(Engine::PostgreSql), Some(major)) if of_instance => Fact::Known(major >= 15),
        _ => match version {
            Fact::Unknown(gap) => Fact::Unknown(gap),
            _ => not_read(&format!("default parameter group of {}", database.address)),
        },
    }
}
