//! `database.sql`: relational databases.

use schemars::JsonSchema;
use serde::Serialize;

use super::shapes::{Encryption, Logging, TlsVersion};
use crate::fact::Fact;

/// Attributes of `database.sql`: an RDS instance or cluster, a logical server of Azure SQL, a flexible server of Azure
/// Database for PostgreSQL or MySQL, a Cloud SQL instance.
#[derive(Debug, Clone, PartialEq, Default, Serialize, JsonSchema)]
#[schemars(default)]
pub struct DatabaseSql {
    /// Whose database it is, whatever the edition.
    pub engine: Fact<Engine>,
    /// The version as the provider writes it.
    pub version: Fact<String>,
    /// Encryption at rest.
    pub encryption: Encryption,
    /// From where it can be reached.
    pub network: DatabaseNetwork,
    /// Encryption in transit.
    pub tls: DatabaseTls,
    /// Automatic backups.
    pub backup: Backup,
    /// The provider refuses to delete it until this is turned off.
    #[schemars(extend("x-providers" = ["aws", "gcp"]))]
    pub deletion_protection: Fact<bool>,
    /// A standby in another zone takes over.
    pub multi_zone: Fact<bool>,
    /// How users prove who they are.
    pub sign_in: SignIn,
    /// The log of who did what in the database, sent out of it.
    pub audit: Logging,
}

/// Whose database it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Engine {
    /// IBM Db2.
    Db2,
    /// MariaDB.
    MariaDb,
    /// MySQL, also Aurora's.
    MySql,
    /// Oracle Database.
    Oracle,
    /// PostgreSQL, also Aurora's.
    PostgreSql,
    /// Microsoft SQL Server, also Azure SQL.
    SqlServer,
}

/// From where a database can be reached.
#[derive(Debug, Clone, PartialEq, Default, Serialize, JsonSchema)]
#[schemars(default)]
pub struct DatabaseNetwork {
    /// It has an endpoint outside of private networks, whoever is let in there.
    pub public_endpoint: Fact<bool>,
    /// That endpoint lets in at least a /4 of public IPv4 addresses, or a /12 of IPv6. Of RDS the security
    /// groups tell: unknown where the endpoint is on and one of them was not read.
    pub open_to_internet: Fact<bool>,
    /// The addresses that the endpoint lets in; none while it is off.
    #[schemars(extend("x-providers" = ["azure", "gcp"]))]
    pub networks: Fact<Vec<AllowedNetwork>>,
    /// The rule from 0.0.0.0 to 0.0.0.0 lets in every address of Azure, those of other customers too.
    #[schemars(extend("x-providers" = ["azure"]))]
    pub azure_services: Fact<bool>,
}

/// Addresses that are let in.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub struct AllowedNetwork {
    /// A network (`192.0.2.0/24`), or the first and the last address (`192.0.2.1-192.0.2.9`).
    pub addresses: String,
    /// The name given to the rule.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// Encryption in transit.
#[derive(Debug, Clone, PartialEq, Default, Serialize, JsonSchema)]
#[schemars(default)]
pub struct DatabaseTls {
    /// Connections without TLS are refused. Of RDS only the parameter group tells: unknown there.
    pub required: Fact<bool>,
    /// The oldest version accepted.
    #[schemars(extend("x-providers" = ["azure"]))]
    pub min_version: Fact<TlsVersion>,
}

/// Automatic backups.
#[derive(Debug, Clone, PartialEq, Default, Serialize, JsonSchema)]
#[schemars(default)]
pub struct Backup {
    /// On.
    pub enabled: Fact<bool>,
    /// For how many days they are kept.
    pub days: Fact<u32>,
}

/// How users prove who they are.
#[derive(Debug, Clone, PartialEq, Default, Serialize, JsonSchema)]
#[schemars(default)]
pub struct SignIn {
    /// Identities of the cloud (IAM, Entra ID) or of a joined directory can sign in.
    pub identities: Fact<bool>,
    /// Users with a password of the database can sign in.
    #[schemars(extend("x-providers" = ["azure"]))]
    pub passwords: Fact<bool>,
}
