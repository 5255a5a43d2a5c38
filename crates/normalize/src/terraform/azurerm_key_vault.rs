//! `azurerm_key_vault` → `secret.store`.
//!
//! Every new vault keeps what is deleted. Source: Terraform AzureRM provider documentation of `azurerm_key_vault`, versions 2
//! to 5; Azure Key Vault "Soft-delete will be enabled on all key vaults", read 2026-11-25.

use nephoscope_model::kinds::SecretStore;
use nephoscope_model::{Fact, Gap, Reason};

use super::planned::{self, Planned, either};
use super::{WHOLE, azurerm_network};
use crate::group::{Built, Found, Group};
use crate::mapping::{Absence, Mapping, Source, source};

const SOURCES: &[Source] = &[
    source(
        "/purge_protection",
        "/values/purge_protection_enabled",
        Absence::Default("false"),
    ),
    source("/soft_delete", "/values/soft_delete_enabled", Absence::Default("true")),
    source("/rbac", "/values/rbac_authorization_enabled", Absence::Default("false")),
    source("/rbac", "/values/enable_rbac_authorization", Absence::Default("false")),
    source(
        "/network",
        "/values/public_network_access_enabled",
        Absence::Default("any"),
    ),
    source(
        "/network",
        "/values/network_acls/0/default_action",
        Absence::Default("any"),
    ),
    source("/network", "/values/network_acls/0/ip_rules", Absence::Absent),
];

const KEYS: &[&str] = &[
    "purge_protection_enabled",
    "soft_delete_enabled",
    "rbac_authorization_enabled",
    "enable_rbac_authorization",
    "public_network_access_enabled",
    "network_acls",
];

pub(super) const VAULT: Mapping = Mapping {
    native_type: "azurerm_key_vault",
    kind: "secret.store",
    sources: SOURCES,
    read: |body| planned::read(body, KEYS),
    build,
    ..WHOLE
};

fn build(group: &Group<'_>) -> Built {
    let Found::Read(_, vault) = group.native::<Planned>() else {
        return Built::unknown(Gap::with(Reason::NotRead, "values"));
    };
    let rbac = either(vault.computed("/rbac_authorization_enabled").flag(), || {
        vault.computed("/enable_rbac_authorization").flag()
    });
    Built::new(&SecretStore {
        purge_protection: vault.at("/purge_protection_enabled").flag().or_default(false),
        soft_delete: match vault.computed("/soft_delete_enabled").flag() {
            // Versions of the provider since 3 have no such argument.
            Fact::Absent => Fact::Known(true),
            other => other,
        },
        rbac: rbac.or_default(false),
        network: azurerm_network::scope(vault, "/network_acls", |rules| rules.at("/ip_rules").texts()),
    })
}
