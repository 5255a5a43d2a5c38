//! `Microsoft.Sql/servers/{administrators,azureADOnlyAuthentications,auditingSettings,encryptionProtector}`: sign-in, audit
//! log and key of a server.
//!
//! Source: Azure REST API reference `Server Azure AD Administrators - Get`, `Server Azure AD Only Authentications - Get`,
//! `Server Blob Auditing Policies - Get`, `Encryption Protectors - Get`, read 2026-11-25.

use nephoscope_model::Fact;
use nephoscope_model::kinds::{Encryption, KeyKind, Logging};
use serde::Deserialize;

use super::{ARM, PROPERTIES, sql_server, whole_before};
use crate::database::stated;
use crate::json::{self, Text};
use crate::mapping::{Absence, Mapping, Role, Source, source};

pub(crate) const ADMINISTRATORS: &str = "Microsoft.Sql/servers/administrators";
pub(crate) const ONLY_IDENTITIES: &str = "Microsoft.Sql/servers/azureADOnlyAuthentications";
pub(crate) const AUDITING: &str = "Microsoft.Sql/servers/auditingSettings";
pub(crate) const PROTECTOR: &str = "Microsoft.Sql/servers/encryptionProtector";

const ADMINISTRATOR_SOURCES: &[Source] = &[
    source("/sign_in/identities", "/properties", Absence::Unknown),
    source(
        "/sign_in/passwords",
        "/properties/azureADOnlyAuthentication",
        Absence::Unknown,
    ),
];

pub(crate) const ADMINISTRATOR_MAPPING: Mapping = Mapping {
    dialects: ARM,
    native_type: ADMINISTRATORS,
    kind: "database.sql",
    sources: ADMINISTRATOR_SOURCES,
    read: |body| Ok(Box::new(body.section::<Administrator>(PROPERTIES)?)),
    role: Role::Part {
        of: sql_server::NATIVE_TYPE,
        names: |resource, _| whole_before(&resource.id, "/administrators/"),
    },
    ..Mapping::BASE
};

const ONLY_IDENTITIES_SOURCES: &[Source] = &[
    source(
        "/sign_in/identities",
        "/properties/azureADOnlyAuthentication",
        Absence::Unknown,
    ),
    source(
        "/sign_in/passwords",
        "/properties/azureADOnlyAuthentication",
        Absence::Unknown,
    ),
];

pub(crate) const ONLY_IDENTITIES_MAPPING: Mapping = Mapping {
    native_type: ONLY_IDENTITIES,
    sources: ONLY_IDENTITIES_SOURCES,
    role: Role::Part {
        of: sql_server::NATIVE_TYPE,
        names: |resource, _| whole_before(&resource.id, "/azureadonlyauthentications/"),
    },
    ..ADMINISTRATOR_MAPPING
};

/// The administrator from Entra ID, in a document of its own or within the server; or the switch alone.
#[derive(Debug, Deserialize)]
pub(crate) struct Administrator {
    #[serde(default, rename = "azureADOnlyAuthentication", deserialize_with = "json::flag")]
    only: Option<bool>,
}

impl Administrator {
    pub(crate) fn only(&self) -> Option<bool> {
        self.only
    }

    pub(crate) fn passwords(&self) -> Fact<bool> {
        stated(self.only.map(|only| !only), "azureADOnlyAuthentication")
    }
}

const AUDITING_SOURCES: &[Source] = &[
    source("/audit/enabled", "/properties/state", Absence::Unknown),
    source("/audit/target", "/properties/storageEndpoint", Absence::Absent),
];

pub(crate) const AUDITING_MAPPING: Mapping = Mapping {
    dialects: ARM,
    native_type: AUDITING,
    kind: "database.sql",
    sources: AUDITING_SOURCES,
    read: |body| Ok(Box::new(body.section::<Auditing>(PROPERTIES)?)),
    role: Role::Part {
        of: sql_server::NATIVE_TYPE,
        names: |resource, _| whole_before(&resource.id, "/auditingsettings/"),
    },
    ..Mapping::BASE
};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Auditing {
    #[serde(default)]
    state: Option<String>,
    #[serde(default)]
    storage_endpoint: Text,
}

impl Auditing {
    pub(crate) fn logging(&self) -> Logging {
        let enabled = (self.state.as_deref()).map(|state| state.eq_ignore_ascii_case("Enabled"));
        Logging {
            enabled: stated(enabled, "state"),
            target: (self.storage_endpoint.clone().take().filter(|_| enabled == Some(true))).into(),
        }
    }
}

const PROTECTOR_SOURCES: &[Source] = &[
    source("/encryption/key_kind", "/properties/serverKeyType", Absence::Unknown),
    source("/encryption/key_id", "/properties/uri", Absence::Absent),
];

pub(crate) const PROTECTOR_MAPPING: Mapping = Mapping {
    dialects: ARM,
    native_type: PROTECTOR,
    kind: "database.sql",
    sources: PROTECTOR_SOURCES,
    read: |body| Ok(Box::new(body.section::<Protector>(PROPERTIES)?)),
    role: Role::Part {
        of: sql_server::NATIVE_TYPE,
        names: |resource, _| whole_before(&resource.id, "/encryptionprotector/"),
    },
    ..Mapping::BASE
};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Protector {
    #[serde(default)]
    server_key_type: Option<String>,
    #[serde(default)]
    uri: Text,
}

impl Protector {
    /// Returns who manages the key; whether each database is encrypted is left as it is.
    pub(crate) fn encryption(&self, enabled: Fact<bool>) -> Encryption {
        let customer = (self.server_key_type.as_deref()).map(|kind| kind.eq_ignore_ascii_case("AzureKeyVault"));
        Encryption {
            enabled,
            key_kind: stated(
                customer.map(|customer| if customer { KeyKind::Customer } else { KeyKind::Provider }),
                "serverKeyType",
            ),
            key_id: (self.uri.clone().take().filter(|_| customer == Some(true))).into(),
        }
    }
}
