//! `Microsoft.ServiceBus/namespaces` → `messaging.queue` and `Microsoft.EventGrid/topics` → `messaging.topic`.
//!
//! A namespace's list of networks is a document of its own, which is not read: it narrows a namespace that accepts
//! every network otherwise. Source: Azure REST API reference Service Bus `Namespaces - Get`, Event Grid `Topics - Get`, read
//! 2026-11-25.

use nephoscope_model::kinds::{Encryption, KeyKind, Messaging, NetworkScope, PublicGrants};
use nephoscope_model::{Fact, Gap, Reason};
use serde::Deserialize;

use super::{ARM, PROPERTIES};
use crate::group::{Built, Found, Group};
use crate::json;
use crate::mapping::{Absence, Mapping, Source, source};

const KEY: &str = "/properties/encryption/keyVaultProperties/0/keyName";

const NAMESPACE_SOURCES: &[Source] = &[
    source(
        "/encryption/key_kind",
        "/properties/encryption/keySource",
        Absence::Default("provider"),
    ),
    source("/encryption/key_id", KEY, Absence::Absent),
    source("/network", "/properties/publicNetworkAccess", Absence::Unknown),
    source("/shared_keys", "/properties/disableLocalAuth", Absence::Default("true")),
];

const TOPIC_SOURCES: &[Source] = &[
    source("/network", "/properties/publicNetworkAccess", Absence::Unknown),
    source("/shared_keys", "/properties/disableLocalAuth", Absence::Default("true")),
];

pub(crate) const NAMESPACE: Mapping = Mapping {
    dialects: ARM,
    native_type: "Microsoft.ServiceBus/namespaces",
    kind: "messaging.queue",
    sources: NAMESPACE_SOURCES,
    read: |body| Ok(Box::new(body.section::<Service>(PROPERTIES)?)),
    build: |group| build(group, namespace_encryption),
    ..Mapping::BASE
};

pub(crate) const TOPIC: Mapping = Mapping {
    dialects: ARM,
    native_type: "Microsoft.EventGrid/topics",
    kind: "messaging.topic",
    sources: TOPIC_SOURCES,
    read: |body| Ok(Box::new(body.section::<Service>(PROPERTIES)?)),
    // It takes no customer's key, so that nobody can be blamed for the provider's.
    build: |group| {
        build(group, |_| Encryption {
            enabled: Fact::Known(true),
            ..Encryption::default()
        })
    },
    ..Mapping::BASE
};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Service {
    #[serde(default)]
    public_network_access: Option<String>,
    #[serde(default, deserialize_with = "json::flag")]
    disable_local_auth: Option<bool>,
    #[serde(default)]
    encryption: Option<ServiceEncryption>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ServiceEncryption {
    #[serde(default)]
    key_source: Option<String>,
    #[serde(default, deserialize_with = "json::many")]
    key_vault_properties: Vec<KeyVaultProperties>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct KeyVaultProperties {
    #[serde(default)]
    key_name: Option<String>,
    #[serde(default)]
    key_vault_uri: Option<String>,
}

fn build(group: &Group<'_>, encryption: fn(&Service) -> Encryption) -> Built {
    // A row of Resource Graph holds only the columns that its query names.
    let Found::Read(_, Some(service)) = group.native::<Option<Service>>() else {
        return Built::unknown(Gap::with(Reason::NotRead, "properties"));
    };
    Built::new(&Messaging {
        encryption: encryption(service),
        network: network(service),
        // Source: the pages above, disableLocalAuth: the default is false.
        shared_keys: Fact::Known(!service.disable_local_auth.unwrap_or(false)),
        public_access: PublicGrants::default(),
    })
}

/// Rules that narrow public access are not read, so that it is known only where there is none.
fn network(service: &Service) -> Fact<NetworkScope> {
    match service.public_network_access.as_deref() {
        Some(access) if access.eq_ignore_ascii_case("Disabled") => Fact::Known(NetworkScope::Private),
        Some(access) if access.eq_ignore_ascii_case("SecuredByPerimeter") => Fact::Known(NetworkScope::Selected),
        _ => Fact::Unknown(Gap::with(Reason::NotRead, "network rules")),
    }
}

/// The section is there where a customer's key is. Source: Azure Service Bus "Configure customer-managed keys".
fn namespace_encryption(service: &Service) -> Encryption {
    let encryption = service.encryption.as_ref();
    let source = encryption.and_then(|encryption| encryption.key_source.as_deref());
    let customer = source.is_some_and(|source| source.eq_ignore_ascii_case("Microsoft.KeyVault"));
    let vault = encryption
        .filter(|_| customer)
        .and_then(|encryption| encryption.key_vault_properties.first());
    let key = vault.and_then(|vault| {
        let name = vault.key_name.as_deref()?;
        let uri = vault.key_vault_uri.as_deref().unwrap_or_default().trim_end_matches('/');
        Some(match uri {
            "" => name.to_owned(),
            uri => format!("{uri}/keys/{name}"),
        })
    });
    Encryption {
        enabled: Fact::Known(true),
        key_kind: Fact::Known(if customer { KeyKind::Customer } else { KeyKind::Provider }),
        key_id: key.into(),
    }
}
