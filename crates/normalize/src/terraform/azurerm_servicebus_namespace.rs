//! `azurerm_servicebus_namespace` with its key → `messaging.queue`.
//!
//! Source: Terraform AzureRM provider documentation of `azurerm_servicebus_namespace` and
//! `azurerm_servicebus_namespace_customer_managed_key`, versions 3 and 4, read 2026-11-25.

use nephoscope_model::kinds::{Encryption, KeyKind, Messaging, PublicGrants};
use nephoscope_model::{Fact, Gap, Reason};

use super::planned::{self, Planned};
use super::{PLAN, WHOLE, azurerm_network, join, keys};
use crate::group::{Built, Found, Group};
use crate::mapping::{Absence, Mapping, Role, Source, source};

const NATIVE_TYPE: &str = "azurerm_servicebus_namespace";

const SOURCES: &[Source] = &[
    source(
        "/encryption/key_kind",
        "/values/customer_managed_key",
        Absence::Default("provider"),
    ),
    source(
        "/encryption/key_id",
        "/values/customer_managed_key/0/key_vault_key_id",
        Absence::Absent,
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
    source("/shared_keys", "/values/local_auth_enabled", Absence::Default("true")),
];

const KEYS: &[&str] = &[
    "name",
    "customer_managed_key",
    "public_network_access_enabled",
    "network_rule_set",
    "local_auth_enabled",
];

pub(super) const NAMESPACE: Mapping = Mapping {
    native_type: NATIVE_TYPE,
    kind: "messaging.queue",
    sources: SOURCES,
    read: |body| planned::read(body, KEYS),
    build,
    names: Some(|resource, native| join::whole(resource, native, &[&["name"]])),
    ..WHOLE
};

pub(super) const CUSTOMER_KEY: Mapping = Mapping {
    dialects: PLAN,
    native_type: "azurerm_servicebus_namespace_customer_managed_key",
    kind: "messaging.queue",
    sources: &[source(
        "/encryption/key_id",
        "/values/key_vault_key_id",
        Absence::Unknown,
    )],
    read: |body| planned::read(body, &["namespace_id", "key_vault_key_id"]),
    role: Role::Part {
        of: NATIVE_TYPE,
        names: |resource, native| join::part(resource, native, NATIVE_TYPE, &[&["namespace_id"]]),
    },
    ..Mapping::BASE
};

fn build(group: &Group<'_>) -> Built {
    let Found::Read(_, namespace) = group.native::<Planned>() else {
        return Built::unknown(Gap::with(Reason::NotRead, "values"));
    };
    let mut built = Built::new(&Messaging {
        encryption: encryption(group, namespace),
        network: azurerm_network::scope(namespace, "/network_rule_set", |rules| rules.at("/ip_rules").texts()),
        shared_keys: namespace.at("/local_auth_enabled").flag().or_default(true),
        public_access: PublicGrants::default(),
    });
    for piece in &group.parts {
        built.from_part(piece);
    }
    built
}

fn encryption(group: &Group<'_>, namespace: &Planned) -> Encryption {
    let customer = |encryption: Encryption| Encryption {
        key_kind: Fact::Known(KeyKind::Customer),
        ..encryption
    };
    let lost = |gap: &Gap| Encryption {
        enabled: Fact::Known(true),
        ..keys::unknown(gap)
    };
    match group
        .parts(CUSTOMER_KEY.native_type)
        .next()
        .map(|piece| piece.get::<Planned>())
    {
        Some(Found::Read(_, part)) => return customer(keys::AZURE.encryption(&part.at("/key_vault_key_id"))),
        Some(Found::Failed(gap)) => return lost(&gap),
        Some(Found::Missing) | None => {}
    }
    match namespace.computed("/customer_managed_key").block() {
        Fact::Known(block) | Fact::Partial(block, _) => {
            customer(keys::AZURE.encryption(&block.at("/key_vault_key_id")))
        }
        Fact::Unknown(gap) => lost(&gap),
        Fact::Absent => Encryption {
            enabled: Fact::Known(true),
            key_kind: Fact::Known(KeyKind::Provider),
            key_id: Fact::Absent,
        },
    }
}
