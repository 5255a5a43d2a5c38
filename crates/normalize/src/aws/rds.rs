//! What RDS instances and clusters share: engines, sign-in, the audit log and keys.

use nephoscope_model::kinds::{DatabaseNetwork, Encryption, Engine, Logging, SignIn};
use nephoscope_model::{Fact, Gap, Reason};
use serde::Deserialize;

use super::{ec2_security_group, kms_key};
use crate::database::{not_read, stated};
use crate::group::Group;
use crate::json::Text;

/// A Windows domain or Kerberos realm that the database is joined to.
#[derive(Debug, Deserialize)]
pub(crate) struct DomainMembership {
    #[serde(default)]
    status: Text,
}

/// Returns whose database it is. Items of clusters are also those of Neptune and DocumentDB, which are none of these.
///
/// Source: RDS API Reference `CreateDBInstance` and `CreateDBCluster`, Engine, read 2026-11-25.
pub(crate) fn engine(name: Option<&str>) -> Fact<Engine> {
    let Some(name) = name else {
        return not_read("engine");
    };
    let lower = name.to_ascii_lowercase();
    let family = lower.strip_prefix("custom-").unwrap_or(&lower);
    Fact::Known(match family.split('-').next() {
        _ if family == "aurora-postgresql" => Engine::PostgreSql,
        Some("aurora" | "mysql") => Engine::MySql,
        Some("postgres") => Engine::PostgreSql,
        Some("mariadb") => Engine::MariaDb,
        Some("oracle") => Engine::Oracle,
        Some("sqlserver") => Engine::SqlServer,
        Some("db2") => Engine::Db2,
        _ => {
            return Fact::Unknown(Gap::with(
                Reason::ParseError,
                format!("`{name}` is no engine that is known"),
            ));
        }
    })
}

pub(crate) fn encryption(group: &Group<'_>, encrypted: Option<bool>, key: Option<&str>) -> Encryption {
    let key = key.filter(|key| !key.is_empty());
    match (encrypted, key) {
        (None, _) => Encryption {
            enabled: not_read("storageEncrypted"),
            key_kind: not_read("storageEncrypted"),
            key_id: not_read("storageEncrypted"),
        },
        (Some(false), _) => Encryption {
            enabled: Fact::Known(false),
            ..Encryption::default()
        },
        (Some(true), None) => Encryption {
            enabled: Fact::Known(true),
            key_kind: not_read("kmsKeyId"),
            key_id: not_read("kmsKeyId"),
        },
        (Some(true), Some(key)) => Encryption {
            enabled: Fact::Known(true),
            key_kind: kms_key::manager_of(group.context, key),
            key_id: Fact::Known(key.to_owned()),
        },
    }
}

/// Who gets in is for the security groups to say.
pub(crate) fn network(
    group: &Group<'_>,
    endpoint: Fact<bool>,
    groups: &[SecurityGroup],
    port: Option<i64>,
) -> DatabaseNetwork {
    let open_to_internet = match &endpoint {
        Fact::Known(false) | Fact::Absent => Fact::Known(false),
        Fact::Unknown(gap) | Fact::Partial(_, gap) => Fact::Unknown(gap.clone()),
        Fact::Known(true) => {
            let ids: Vec<&str> = groups.iter().filter_map(|group| group.id.0.as_deref()).collect();
            // 0 stands for none.
            let port = port.and_then(|port| u16::try_from(port).ok()).filter(|port| *port > 0);
            ec2_security_group::let_in(group.context, &group.main.resource, &ids, port)
        }
    };
    DatabaseNetwork {
        public_endpoint: endpoint,
        open_to_internet,
        networks: Fact::Absent,
        azure_services: Fact::Absent,
    }
}

#[derive(Debug, Deserialize)]
pub(crate) struct SecurityGroup {
    #[serde(default, rename = "vpcSecurityGroupId")]
    id: Text,
}

/// IAM database authentication, or a joined domain. Passwords of the database work beside either.
///
/// Source: Amazon RDS User Guide "Database authentication with Amazon RDS", read 2026-11-25.
pub(crate) fn sign_in(iam: Option<bool>, domains: &[DomainMembership]) -> SignIn {
    let joined = domains.iter().any(|domain| {
        let status = domain.status.0.as_deref().unwrap_or_default();
        ["joined", "kerberos-enabled"]
            .iter()
            .any(|state| status.eq_ignore_ascii_case(state))
    });
    SignIn {
        identities: match joined {
            true => Fact::Known(true),
            false => stated(iam, "iamDatabaseAuthenticationEnabled"),
        },
        passwords: Fact::Absent,
    }
}

/// What the log types that are exported to CloudWatch Logs say of the audit log.
///
/// MySQL, MariaDB, Oracle and Db2 have a log type for it. That of PostgreSQL holds what the extension pgaudit writes,
/// which is for the parameter group to say; SQL Server writes audits to a bucket, which the option group says. A
/// database activity stream is an audit log too. Source: Amazon RDS User Guide "Publishing database logs to Amazon
/// CloudWatch Logs", read 2026-11-25.
pub(crate) fn audit(engine: &Fact<Engine>, exports: Option<&[String]>, stream: bool) -> Logging {
    let exported = |name: &str| exports.map(|list| list.iter().any(|export| export.eq_ignore_ascii_case(name)));
    let missing = "enabledCloudwatchLogsExports";
    let enabled = match engine {
        _ if stream => Fact::Known(true),
        Fact::Known(Engine::MySql | Engine::MariaDb | Engine::Oracle) => stated(exported("audit"), missing),
        Fact::Known(Engine::PostgreSql) => match exported("postgresql") {
            Some(true) => not_read("the parameter group's pgaudit.log"),
            Some(false) => Fact::Known(false),
            None => not_read(missing),
        },
        Fact::Known(Engine::SqlServer) => not_read("the option group's SQLSERVER_AUDIT"),
        Fact::Known(Engine::Db2) => not_read("the option group's DB2_AUDIT"),
        Fact::Unknown(gap) | Fact::Partial(_, gap) => Fact::Unknown(gap.clone()),
        Fact::Absent => not_read("engine"),
    };
    Logging {
        target: match &enabled {
            Fact::Unknown(gap) => Fact::Unknown(gap.clone()),
            _ => Fact::Absent,
        },
        enabled,
    }
}
