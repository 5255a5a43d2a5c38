//! `Microsoft.KeyVault/vaults` → `secret.store`.
//!
//! Source: Azure REST API reference `Vaults - Get`, Azure Key Vault "Soft-delete overview", "Azure role-based access control
//! (Azure RBAC) vs. access policies", read 2026-11-25.

use nephoscope_model::kinds::SecretStore;
use nephoscope_model::{Fact, Gap, Reason};
use serde::Deserialize;

use super::network_rules::{self, NetworkRules};
use super::{ARM, PROPERTIES};
use crate::group::{Built, Found, Group};
use crate::json;
use crate::mapping::{Absence, Mapping, Source, source};

const SOURCES: &[Source] = &[
    source(
        "/purge_protection",
        "/properties/enablePurgeProtection",
        Absence::Default("false"),
    ),
    source("/soft_delete", "/properties/enableSoftDelete", Absence::Unknown),
    source(
        "/rbac",
        "/properties/enableRbacAuthorization",
        Absence::Default("false"),
    ),
    source("/network", "/properties/publicNetworkAccess", Absence::Default("any")),
    source(
        "/network",
        "/properties/networkAcls/defaultAction",
        Absence::Default("any"),
    ),
];

pub(crate) const MAPPING: Mapping = Mapping {
    dialects: ARM,
    native_type: "Microsoft.KeyVault/vaults",
    kind: "secret.store",
    sources: SOURCES,
    read: |body| Ok(Box::new(body.section::<Vault>(PROPERTIES)?)),
    build,
    ..Mapping::BASE
};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Vault {
    #[serde(default, deserialize_with = "json::flag")]
    enable_purge_protection: Option<bool>,
    #[serde(default, deserialize_with = "json::flag")]
    enable_soft_delete: Option<bool>,
    #[serde(default, deserialize_with = "json::flag")]
    enable_rbac_authorization: Option<bool>,
    #[serde(default)]
    public_network_access: Option<String>,
    #[serde(default)]
    network_acls: Option<NetworkRules>,
}

fn build(group: &Group<'_>) -> Built {
    // A row of Resource Graph holds only the columns that its query names.
    let Found::Read(_, Some(vault)) = group.native::<Option<Vault>>() else {
        return Built::unknown(Gap::with(Reason::NotRead, "properties"));
    };
    Built::new(&SecretStore {
        // It can be set to true only, and is null where it was not.
        purge_protection: Fact::Known(vault.enable_purge_protection.unwrap_or(false)),
        soft_delete: match vault.enable_soft_delete {
            Some(enabled) => Fact::Known(enabled),
            // On for new vaults since 2020; an older vault with null may have been converted or not.
            None => Fact::Unknown(Gap::with(Reason::NotRead, "enableSoftDelete")),
        },
        // Null stands for access policies.
        rbac: Fact::Known(vault.enable_rbac_authorization.unwrap_or(false)),
        network: Fact::Known(network_rules::scope(
            vault.public_network_access.as_deref(),
            vault.network_acls.as_ref(),
        )),
    })
}
