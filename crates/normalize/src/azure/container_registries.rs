//! `Microsoft.ContainerRegistry/registries` → `container.registry`.
//!
//! Whether anybody may pull, whether a customer's key is used and which networks get in came with later API versions, and
//! a document does not say of which it is: what it lacks is not known. Source: Azure REST API reference `Registries - Get`,
//! Azure Container Registry "Make your container registry content publicly available", read 2026-11-25.

use nephoscope_model::kinds::{
    ContainerRegistry, Encryption, KeyKind, NetworkScope, PublicAction, PublicGrant, PublicPrincipal, PublicVia,
};
use nephoscope_model::{Fact, Gap, Reason};
use serde::Deserialize;

use super::network_rules::{self, NetworkRules};
use super::{ARM, PROPERTIES};
use crate::grants::{self, Draft};
use crate::group::{Built, Found, Group};
use crate::json;
use crate::mapping::{Absence, Mapping, Source, source};
use crate::storage::unknown;

const ANYBODY: &str = "/properties/anonymousPullEnabled";

const SOURCES: &[Source] = &[
    source(
        "/encryption/key_kind",
        "/properties/encryption/status",
        Absence::Unknown,
    ),
    source(
        "/encryption/key_id",
        "/properties/encryption/keyVaultProperties/keyIdentifier",
        Absence::Absent,
    ),
    source("/public_access/grants", ANYBODY, Absence::Unknown),
    source("/network", "/properties/publicNetworkAccess", Absence::Unknown),
    source(
        "/network",
        "/properties/networkRuleSet/defaultAction",
        Absence::Default("any"),
    ),
    source("/admin_user", "/properties/adminUserEnabled", Absence::Default("false")),
];

pub(crate) const MAPPING: Mapping = Mapping {
    dialects: ARM,
    native_type: "Microsoft.ContainerRegistry/registries",
    kind: "container.registry",
    sources: SOURCES,
    read: |body| Ok(Box::new(body.section::<Registry>(PROPERTIES)?)),
    build,
    ..Mapping::BASE
};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Registry {
    #[serde(default, deserialize_with = "json::flag")]
    admin_user_enabled: Option<bool>,
    #[serde(default, deserialize_with = "json::flag")]
    anonymous_pull_enabled: Option<bool>,
    #[serde(default)]
    public_network_access: Option<String>,
    #[serde(default)]
    network_rule_set: Option<NetworkRules>,
    #[serde(default)]
    encryption: Option<RegistryEncryption>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct RegistryEncryption {
    #[serde(default)]
    status: Option<String>,
    #[serde(default)]
    key_vault_properties: Option<KeyVaultProperties>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct KeyVaultProperties {
    #[serde(default)]
    key_identifier: Option<String>,
}

fn build(group: &Group<'_>) -> Built {
    // A row of Resource Graph holds only the columns that its query names.
    let Found::Read(piece, Some(registry)) = group.native::<Option<Registry>>() else {
        return Built::unknown(Gap::with(Reason::NotRead, "properties"));
    };
    let network = network(registry);
    let mut drafts = Vec::new();
    if registry.anonymous_pull_enabled == Some(true) {
        drafts.push(Draft {
            grant: PublicGrant {
                principal: PublicPrincipal::Everyone,
                access: PublicAction::Read,
                via: PublicVia::Switch,
                name: Some("anonymousPullEnabled".to_owned()),
                effective: network.clone().map(|network| network == NetworkScope::Any),
            },
            origin: piece.origin().cloned(),
            pointer: ANYBODY.to_owned(),
        });
    }
    let missing = (registry.anonymous_pull_enabled.is_none())
        // Where everyone is kept out, what was not read changes nothing.
        .then(|| Gap::with(Reason::NotRead, "anonymousPullEnabled"))
        .filter(|_| !matches!(network, Fact::Known(NetworkScope::Private | NetworkScope::Selected)));
    let (public_access, notes) = grants::settle(drafts, missing);
    let mut built = Built::new(&ContainerRegistry {
        encryption: encryption(registry.encryption.as_ref()),
        public_access,
        network,
        immutable_tags: Fact::Absent,
        scan_on_push: Fact::Absent,
        // The switch is in every version, and off unless turned on.
        admin_user: Fact::Known(registry.admin_user_enabled.unwrap_or(false)),
    });
    built.provenance = notes;
    built
}

fn network(registry: &Registry) -> Fact<NetworkScope> {
    let (public, rules) = (
        registry.public_network_access.as_deref(),
        registry.network_rule_set.as_ref(),
    );
    match (public, rules) {
        (None, None) => Fact::Unknown(Gap::with(Reason::NotRead, "publicNetworkAccess")),
        _ => Fact::Known(network_rules::scope(public, rules)),
    }
}

/// It cannot be turned off; the status is of the customer's key alone. Source: Azure Container Registry "Customer-managed
/// keys".
fn encryption(encryption: Option<&RegistryEncryption>) -> Encryption {
    let Some(status) = encryption.and_then(|encryption| encryption.status.as_deref()) else {
        let gap = Gap::with(Reason::NotRead, "encryption");
        return Encryption {
            enabled: Fact::Known(true),
            key_kind: unknown(&gap),
            key_id: unknown(&gap),
        };
    };
    let customer = status.eq_ignore_ascii_case("enabled");
    let key = encryption
        .filter(|_| customer)
        .and_then(|encryption| encryption.key_vault_properties.as_ref()?.key_identifier.clone());
    Encryption {
        enabled: Fact::Known(true),
        key_kind: Fact::Known(if customer { KeyKind::Customer } else { KeyKind::Provider }),
        key_id: key.into(),
    }
}
