//! `azurerm_container_registry` → `container.registry`.
//!
//! Source: Terraform AzureRM provider documentation of `azurerm_container_registry`, versions 3 and 4, read 2026-11-25.

use nephoscope_model::kinds::{
    ContainerRegistry, Encryption, KeyKind, NetworkScope, PublicAction, PublicGrant, PublicPrincipal, PublicVia,
};
use nephoscope_model::{Fact, Gap, Reason};

use super::planned::{self, Planned, Spot};
use super::{WHOLE, azurerm_network, keys};
use crate::grants::{self, Draft};
use crate::group::{Built, Found, Group};
use crate::mapping::{Absence, Mapping, Source, source};

const SOURCES: &[Source] = &[
    source(
        "/encryption/key_kind",
        "/values/encryption",
        Absence::Default("provider"),
    ),
    source(
        "/encryption/key_id",
        "/values/encryption/0/key_vault_key_id",
        Absence::Absent,
    ),
    source(
        "/public_access/grants",
        "/values/anonymous_pull_enabled",
        Absence::Default("[]"),
    ),
    source(
        "/network",
        "/values/public_network_access_enabled",
        Absence::Default("any"),
    ),
    source(
        "/network",
        "/values/network_rule_set/0/default_action",
        Absence::Default("any"),
    ),
    source("/network", "/values/network_rule_set/0/ip_rule", Absence::Absent),
    source("/admin_user", "/values/admin_enabled", Absence::Default("false")),
];

const KEYS: &[&str] = &[
    "encryption",
    "anonymous_pull_enabled",
    "public_network_access_enabled",
    "network_rule_set",
    "admin_enabled",
];

pub(super) const REGISTRY: Mapping = Mapping {
    native_type: "azurerm_container_registry",
    kind: "container.registry",
    sources: SOURCES,
    read: |body| planned::read(body, KEYS),
    build,
    ..WHOLE
};

fn build(group: &Group<'_>) -> Built {
    let Found::Read(piece, registry) = group.native::<Planned>() else {
        return Built::unknown(Gap::with(Reason::NotRead, "values"));
    };
    let network = azurerm_network::scope(registry, "/network_rule_set", addresses);
    let anybody = registry.computed("/anonymous_pull_enabled");
    let pulls = anybody.flag().or_default(false);
    let mut drafts = Vec::new();
    if pulls == Fact::Known(true) {
        drafts.push(Draft {
            grant: PublicGrant {
                principal: PublicPrincipal::Everyone,
                access: PublicAction::Read,
                via: PublicVia::Switch,
                name: Some("anonymousPullEnabled".to_owned()),
                effective: network.clone().map(|network| network == NetworkScope::Any),
            },
            origin: piece.origin().cloned(),
            pointer: anybody.native(),
        });
    }
    // Where everyone is kept out, what is not known changes nothing.
    let shut = matches!(network, Fact::Known(NetworkScope::Private | NetworkScope::Selected));
    let (public_access, notes) = grants::settle(drafts, pulls.gap().filter(|_| !shut).cloned());
    let mut built = Built::new(&ContainerRegistry {
        encryption: encryption(registry),
        public_access,
        network,
        immutable_tags: Fact::Absent,
        scan_on_push: Fact::Absent,
        admin_user: registry.at("/admin_enabled").flag().or_default(false),
    });
    built.provenance.extend(notes);
    built
}

fn addresses(rules: &Spot<'_>) -> Fact<Vec<String>> {
    let blocks = match rules.at("/ip_rule").items() {
        Fact::Known(blocks) | Fact::Partial(blocks, _) => blocks,
        Fact::Absent => return Fact::Absent,
        Fact::Unknown(gap) => return Fact::Unknown(gap),
    };
    let (mut found, mut missing) = (Vec::new(), None);
    for block in blocks {
        match block.at("/ip_range").text() {
            Fact::Known(text) | Fact::Partial(text, _) => found.push(text),
            Fact::Unknown(gap) => missing = Some(gap),
            Fact::Absent => {}
        }
    }
    match missing {
        None => Fact::Known(found),
        Some(gap) => Fact::Partial(found, gap),
    }
}

/// It cannot be turned off; the block is there for a customer's key.
fn encryption(registry: &Planned) -> Encryption {
    match registry.computed("/encryption").block() {
        Fact::Known(block) | Fact::Partial(block, _) if block.at("/enabled").flag() != Fact::Known(false) => {
            Encryption {
                key_kind: Fact::Known(KeyKind::Customer),
                ..keys::AZURE.encryption(&block.at("/key_vault_key_id"))
            }
        }
        Fact::Unknown(gap) => Encryption {
            enabled: Fact::Known(true),
            ..keys::unknown(&gap)
        },
        _ => Encryption {
            enabled: Fact::Known(true),
            key_kind: Fact::Known(KeyKind::Provider),
            key_id: Fact::Absent,
        },
    }
}
