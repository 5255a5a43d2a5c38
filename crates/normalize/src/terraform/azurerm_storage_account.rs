//! `azurerm_storage_account` with its containers, key, network rules and diagnostic settings → `storage.bucket`.
//!
//! Source: Terraform AzureRM provider documentation of these resources, versions 2 to 4.

use nephoscope_model::kinds::{
    Encryption, Grant, GrantAccess, GrantVia, Guard, KeyKind, NetworkScope, PublicAccess, PublicPrincipal, Retention,
    SoftDelete, StorageBucket, Tls, TlsVersion, Versioning,
};
use nephoscope_model::{Fact, Gap, Reason};

use super::azurerm_monitor_diagnostic_setting as diagnostics;
use super::planned::{self, Planned, either};
use super::{PLAN, join};
use crate::group::{Built, Found, Group, Piece};
use crate::mapping::{Absence, Mapping, Role, Source, source};
use crate::storage::{self, Draft, unknown};

const NATIVE_TYPE: &str = "azurerm_storage_account";

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
        "/versioning/enabled",
        "/values/blob_properties/0/versioning_enabled",
        Absence::Default("false"),
    ),
    source(
        "/soft_delete/enabled",
        "/values/blob_properties/0/delete_retention_policy",
        Absence::Default("false"),
    ),
    source(
        "/soft_delete/days",
        "/values/blob_properties/0/delete_retention_policy/0/days",
        Absence::Default("7"),
    ),
    source(
        "/public_access/guard",
        "/values/allow_nested_items_to_be_public",
        Absence::Default("off"),
    ),
    source(
        "/public_access/network",
        "/values/public_network_access_enabled",
        Absence::Default("any"),
    ),
    source(
        "/public_access/network",
        "/values/network_rules/0/default_action",
        Absence::Default("any"),
    ),
    source(
        "/tls/required",
        "/values/https_traffic_only_enabled",
        Absence::Default("true"),
    ),
    source(
        "/tls/min_version",
        "/values/min_tls_version",
        Absence::Default("TLS1_0"),
    ),
    source(
        "/retention/enabled",
        "/values/immutability_policy",
        Absence::Default("false"),
    ),
    source(
        "/retention/locked",
        "/values/immutability_policy/0/state",
        Absence::Default("false"),
    ),
    source(
        "/retention/days",
        "/values/immutability_policy/0/period_since_creation_in_days",
        Absence::Absent,
    ),
    source(
        "/shared_keys",
        "/values/shared_access_key_enabled",
        Absence::Default("true"),
    ),
];

const KEYS: &[&str] = &[
    "name",
    "account_kind",
    "allow_nested_items_to_be_public",
    "allow_blob_public_access",
    "https_traffic_only_enabled",
    "enable_https_traffic_only",
    "min_tls_version",
    "shared_access_key_enabled",
    "public_network_access_enabled",
    "network_rules",
    "blob_properties",
    "customer_managed_key",
    "immutability_policy",
];

pub(super) const ACCOUNT: Mapping = Mapping {
    dialects: PLAN,
    native_type: NATIVE_TYPE,
    kind: "storage.bucket",
    sources: SOURCES,
    read: |body| planned::read(body, KEYS),
    build,
    role: Role::Whole,
    names: Some(|resource, native| join::whole(resource, native, &[&["name"]])),
    ..Mapping::BASE
};

const PART: Mapping = Mapping {
    dialects: PLAN,
    kind: "storage.bucket",
    role: Role::Part {
        of: NATIVE_TYPE,
        names: |resource, native| {
            join::part(
                resource,
                native,
                NATIVE_TYPE,
                &[&["storage_account_id"], &["storage_account_name"]],
            )
        },
    },
    ..Mapping::BASE
};

pub(super) const CONTAINER: Mapping = Mapping {
    native_type: "azurerm_storage_container",
    sources: &[source(
        "/public_access/grants",
        "/values/container_access_type",
        Absence::Default("[]"),
    )],
    read: |body| {
        planned::read(
            body,
            &[
                "storage_account_id",
                "storage_account_name",
                "name",
                "container_access_type",
            ],
        )
    },
    ..PART
};

pub(super) const CUSTOMER_KEY: Mapping = Mapping {
    native_type: "azurerm_storage_account_customer_managed_key",
    sources: &[source("/encryption/key_id", "/values/key_name", Absence::Absent)],
    read: |body| {
        planned::read(
            body,
            &["storage_account_id", "key_vault_uri", "key_name", "managed_hsm_key_id"],
        )
    },
    ..PART
};

pub(super) const NETWORK_RULES: Mapping = Mapping {
    native_type: "azurerm_storage_account_network_rules",
    sources: &[source(
        "/public_access/network",
        "/values/default_action",
        Absence::Default("any"),
    )],
    read: |body| planned::read(body, &["storage_account_id", "storage_account_name", "default_action"]),
    ..PART
};

fn build(group: &Group<'_>) -> Built {
    let Found::Read(_, account) = group.native::<Planned>() else {
        return Built::unknown(Gap::with(Reason::NotRead, "values"));
    };
    let flag = |now: &'static str, before: &'static str| {
        either(account.computed(now).flag(), || account.computed(before).flag())
    };
    // Both names have a default of the provider's own, so that a plan states one of them; Azure's is to allow.
    let guard = flag("/allow_nested_items_to_be_public", "/allow_blob_public_access")
        .or_default(true)
        .map(|allowed| if allowed { Guard::Off } else { Guard::On });
    let (versioning, soft_delete) = blob_properties(group, account);
    let (logging, log) = diagnostics::logging(group, account);
    let network = network(group, account);
    let (drafts, missing) = grants(group, account, &guard, &network);
    let bucket = StorageBucket {
        encryption: encryption(group, account),
        versioning,
        soft_delete,
        public_access: PublicAccess {
            guard,
            network,
            grants: Fact::Absent,
        },
        logging,
        tls: Tls {
            required: flag("/https_traffic_only_enabled", "/enable_https_traffic_only").or_default(true),
            min_version: min_version(account.computed("/min_tls_version").text()),
        },
        retention: retention(account),
        shared_keys: account.computed("/shared_access_key_enabled").flag().or_default(true),
    };
    let mut built = storage::build(bucket, drafts, missing);
    for piece in (group.parts.iter())
        .filter(|piece| ![CONTAINER.native_type, diagnostics::NATIVE_TYPE].contains(&piece.mapping.native_type))
    {
        built.from_part(piece);
    }
    if let Some(piece) = log {
        diagnostics::note(&mut built, piece);
    }
    built
}

/// A container's public access level is a grant; whether it takes effect is the account's to say.
fn grants(
    group: &Group<'_>,
    account: &Planned,
    guard: &Fact<Guard>,
    network: &Fact<NetworkScope>,
) -> (Vec<Draft>, Option<Gap>) {
    let mut drafts = Vec::new();
    // A new account has just the containers of the plan.
    let mut missing = (!account.created).then(|| group.not_read(CONTAINER.native_type));
    for piece in group.parts(CONTAINER.native_type) {
        let spot = match piece.get::<Planned>() {
            Found::Read(_, container) => container.at("/container_access_type"),
            Found::Failed(gap) => {
                missing = Some(gap);
                continue;
            }
            Found::Missing => continue,
        };
        match spot.text() {
            Fact::Known(level) if level != "private" => drafts.push(Draft {
                grant: Grant {
                    principal: PublicPrincipal::Everyone,
                    access: GrantAccess::Read,
                    via: GrantVia::Container,
                    name: Some(piece.resource.name.clone()),
                    effective: effective(guard, network),
                },
                origin: piece.origin().cloned(),
                pointer: spot.native(),
            }),
            Fact::Unknown(gap) => missing = Some(gap),
            _ => {}
        }
    }
    // Nothing public can take effect, so that what was not read changes nothing.
    (drafts, missing.filter(|_| *guard != Fact::Known(Guard::On)))
}

/// Where only listed networks or private endpoints get in, everyone does not; what shuts goes before what is unknown.
/// Source: Azure Storage "Azure Storage firewall and virtual network rules", read 2026-11-23.
fn effective(guard: &Fact<Guard>, network: &Fact<NetworkScope>) -> Fact<bool> {
    let guard = guard.clone().map(|guard| guard == Guard::Off);
    let network = network.clone().map(|network| network == NetworkScope::Any);
    match (guard, network) {
        (Fact::Known(false), _) | (_, Fact::Known(false)) => Fact::Known(false),
        (Fact::Known(true), other) | (other, _) => other,
    }
}

fn blob_properties(group: &Group<'_>, account: &Planned) -> (Versioning, SoftDelete) {
    let block = match account.computed("/blob_properties").block() {
        Fact::Known(block) | Fact::Partial(block, _) => block,
        // Source: Azure REST API reference `Blob Services - Set Service Properties`: nothing is kept unless asked for.
        Fact::Absent if account.created => {
            let versioning = Versioning {
                enabled: Fact::Known(false),
                mfa_delete: Fact::Absent,
            };
            return (
                versioning,
                SoftDelete {
                    enabled: Fact::Known(false),
                    days: Fact::Absent,
                },
            );
        }
        Fact::Absent => return unread(&group.not_read("blob_properties")),
        Fact::Unknown(gap) => return unread(&gap),
    };
    let policy = block.at("/delete_retention_policy").block();
    let soft_delete = match policy {
        Fact::Known(policy) | Fact::Partial(policy, _) => SoftDelete {
            enabled: Fact::Known(true),
            // Source: documentation of `azurerm_storage_account`, `delete_retention_policy`: 7 unless said otherwise.
            days: policy.at("/days").integer().or_default(7).map(storage::days),
        },
        Fact::Absent => SoftDelete {
            enabled: Fact::Known(false),
            days: Fact::Absent,
        },
        Fact::Unknown(gap) => SoftDelete {
            enabled: unknown(&gap),
            days: unknown(&gap),
        },
    };
    let enabled = block.at("/versioning_enabled").flag().or_default(false);
    (
        Versioning {
            enabled,
            mfa_delete: Fact::Absent,
        },
        soft_delete,
    )
}

fn unread(gap: &Gap) -> (Versioning, SoftDelete) {
    let versioning = Versioning {
        enabled: unknown(gap),
        mfa_delete: Fact::Absent,
    };
    (
        versioning,
        SoftDelete {
            enabled: unknown(gap),
            days: unknown(gap),
        },
    )
}

fn encryption(group: &Group<'_>, account: &Planned) -> Encryption {
    // It cannot be turned off. Source: Azure Storage "Azure Storage encryption for data at rest".
    let customer = |key_id| Encryption {
        enabled: Fact::Known(true),
        key_kind: Fact::Known(KeyKind::Customer),
        key_id,
    };
    let lost = |gap: &Gap| Encryption {
        enabled: Fact::Known(true),
        key_kind: unknown(gap),
        key_id: unknown(gap),
    };
    if let Some(piece) = group.parts(CUSTOMER_KEY.native_type).next() {
        return match piece.get::<Planned>() {
            Found::Read(_, key) => customer(key_of_part(key)),
            Found::Failed(gap) => lost(&gap),
            Found::Missing => lost(&group.not_read(CUSTOMER_KEY.native_type)),
        };
    }
    // Without it the account goes back to Microsoft's keys, although its state still shows the block.
    // Source: Terraform AzureRM provider documentation of `azurerm_storage_account_customer_managed_key`.
    if ends(group, account, CUSTOMER_KEY.native_type, "/customer_managed_key") {
        return Encryption {
            enabled: Fact::Known(true),
            key_kind: Fact::Known(KeyKind::Provider),
            key_id: Fact::Absent,
        };
    }
    match account.computed("/customer_managed_key").block() {
        Fact::Known(block) | Fact::Partial(block, _) => {
            let id = either(block.at("/key_vault_key_id").text(), || {
                block.at("/managed_hsm_key_id").text()
            });
            customer(id.map(|id| without_version(&id)))
        }
        Fact::Absent => Encryption {
            enabled: Fact::Known(true),
            key_kind: Fact::Known(KeyKind::Provider),
            key_id: Fact::Absent,
        },
        Fact::Unknown(gap) => lost(&gap),
    }
}

fn key_of_part(key: &Planned) -> Fact<String> {
    if let Fact::Known(id) = key.computed("/managed_hsm_key_id").text() {
        return Fact::Known(without_version(&id));
    }
    let name = key.at("/key_name").text();
    match (key.at("/key_vault_uri").text(), name) {
        (Fact::Known(vault), Fact::Known(name)) => Fact::Known(format!("{}/keys/{name}", vault.trim_end_matches('/'))),
        (_, Fact::Unknown(gap)) | (Fact::Unknown(gap), _) => Fact::Unknown(gap),
        (_, name) => name,
    }
}

/// Returns the key as the account names it: `https://vault/keys/name` of `https://vault/keys/name/version`.
fn without_version(id: &str) -> String {
    match id.split_once("/keys/") {
        Some((vault, rest)) => format!("{vault}/keys/{}", rest.split('/').next().unwrap_or(rest)),
        None => id.to_owned(),
    }
}

/// Returns whether the plan deletes the part and puts nothing in its place, so that the account's argument of the same
/// content only shows what was.
fn ends(group: &Group<'_>, account: &Planned, part: &str, own: &str) -> bool {
    !account.created
        && account.unchanged(own)
        && group.parts(part).next().is_none()
        && group.gone(part).next().is_some()
}

fn network(group: &Group<'_>, account: &Planned) -> Fact<NetworkScope> {
    let public = account
        .computed("/public_network_access_enabled")
        .flag()
        .or_default(true);
    let apart: Option<&Piece> = group.parts(NETWORK_RULES.native_type).next();
    let action = match apart.map(Piece::get::<Planned>) {
        Some(Found::Read(_, rules)) => rules.at("/default_action").text(),
        Some(Found::Failed(gap)) => Fact::Unknown(gap),
        // The provider puts Azure's default in place of the rules that it deletes: every network is let in.
        _ if ends(group, account, NETWORK_RULES.native_type, "/network_rules") => Fact::Absent,
        Some(Found::Missing) | None => {
            let rules = account.computed("/network_rules").block();
            rules.and_then(|rules| rules.at("/default_action").text())
        }
    };
    match (public, action) {
        (Fact::Known(false), _) => Fact::Known(NetworkScope::Private),
        (Fact::Unknown(gap), _) | (_, Fact::Unknown(gap)) => Fact::Unknown(gap),
        (_, Fact::Known(action)) if action.eq_ignore_ascii_case("deny") => Fact::Known(NetworkScope::Selected),
        _ => Fact::Known(NetworkScope::Any),
    }
}

fn min_version(text: Fact<String>) -> Fact<TlsVersion> {
    // A provider that does not know the argument leaves Azure's default, TLS 1.0.
    text.or_default("TLS1_0".to_owned())
        .and_then(|text| match text.as_str() {
            "TLS1_0" => Fact::Known(TlsVersion::Tls10),
            "TLS1_1" => Fact::Known(TlsVersion::Tls11),
            "TLS1_2" => Fact::Known(TlsVersion::Tls12),
            "TLS1_3" => Fact::Known(TlsVersion::Tls13),
            other => Fact::Unknown(Gap::with(Reason::ParseError, format!("`{other}` is no version of TLS"))),
        })
}

fn retention(account: &Planned) -> Retention {
    match account.computed("/immutability_policy").block() {
        Fact::Known(policy) | Fact::Partial(policy, _) => Retention {
            enabled: Fact::Known(true),
            locked: policy
                .at("/state")
                .text()
                .map(|state| state.eq_ignore_ascii_case("locked"))
                .or_default(false),
            days: policy.at("/period_since_creation_in_days").integer().map(storage::days),
        },
        Fact::Absent => Retention {
            enabled: Fact::Known(false),
            locked: Fact::Known(false),
            days: Fact::Absent,
        },
        Fact::Unknown(gap) => Retention {
            enabled: unknown(&gap),
            locked: unknown(&gap),
            days: unknown(&gap),
        },
    }
}
