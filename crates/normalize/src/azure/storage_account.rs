//! `Microsoft.Storage/storageAccounts` with its blob service, containers and diagnostic settings → `storage.bucket`.
//!
//! Source: Azure REST API reference `Storage Accounts - Get Properties`, `Blob Services - Get Service Properties`,
//! `Blob Containers - List`, `Diagnostic Settings - Get`, read 2026-11-23.

use nephoscope_model::kinds::{
    Encryption, Grant, GrantAccess, GrantVia, Guard, KeyKind, Logging, NetworkScope, PublicAccess, PublicPrincipal,
    Retention, SoftDelete, StorageBucket, Tls, TlsVersion, Versioning,
};
use nephoscope_model::{Fact, Gap, Reason};
use serde::Deserialize;

use super::blob_containers::{self, Container};
use super::blob_services::{self, BlobService};
use super::diagnostic_settings::{self, DiagnosticSetting};
use super::{ARM, PROPERTIES};
use crate::group::{Built, Found, Group, Piece};
use crate::json;
use crate::mapping::{Absence, Mapping, Role, Source, source};
use crate::storage::{self, Draft, unknown};

pub(crate) const NATIVE_TYPE: &str = "Microsoft.Storage/storageAccounts";

const SOURCES: &[Source] = &[
    source("/encryption/enabled", "/properties", Absence::Unknown),
    source(
        "/encryption/key_kind",
        "/properties/encryption/keySource",
        Absence::Default("provider"),
    ),
    source(
        "/encryption/key_id",
        "/properties/encryption/keyvaultproperties/keyname",
        Absence::Absent,
    ),
    source(
        "/public_access/guard",
        "/properties/allowBlobPublicAccess",
        Absence::Default("off"),
    ),
    source(
        "/public_access/network",
        "/properties/publicNetworkAccess",
        Absence::Default("any"),
    ),
    source(
        "/public_access/network",
        "/properties/networkAcls/defaultAction",
        Absence::Default("any"),
    ),
    source(
        "/tls/required",
        "/properties/supportsHttpsTrafficOnly",
        Absence::Unknown,
    ),
    source(
        "/tls/min_version",
        "/properties/minimumTlsVersion",
        Absence::Default("TLS1_0"),
    ),
    source(
        "/retention/enabled",
        "/properties/immutableStorageWithVersioning/enabled",
        Absence::Default("false"),
    ),
    source(
        "/retention/locked",
        "/properties/immutableStorageWithVersioning/immutabilityPolicy/state",
        Absence::Default("false"),
    ),
    source(
        "/retention/days",
        "/properties/immutableStorageWithVersioning/immutabilityPolicy/immutabilityPeriodSinceCreationInDays",
        Absence::Absent,
    ),
    source(
        "/shared_keys",
        "/properties/allowSharedKeyAccess",
        Absence::Default("true"),
    ),
];

pub(crate) const MAPPING: Mapping = Mapping {
    dialects: ARM,
    native_type: NATIVE_TYPE,
    kind: "storage.bucket",
    sources: SOURCES,
    read: |body| Ok(Box::new(body.section::<StorageAccount>(PROPERTIES)?)),
    build,
    role: Role::Whole,
    ..Mapping::BASE
};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct StorageAccount {
    #[serde(default, deserialize_with = "json::flag")]
    allow_blob_public_access: Option<bool>,
    #[serde(default)]
    public_network_access: Option<String>,
    #[serde(default)]
    network_acls: Option<NetworkAcls>,
    #[serde(default, deserialize_with = "json::flag")]
    supports_https_traffic_only: Option<bool>,
    #[serde(default)]
    minimum_tls_version: Option<String>,
    #[serde(default, deserialize_with = "json::flag")]
    allow_shared_key_access: Option<bool>,
    #[serde(default)]
    encryption: Option<AccountEncryption>,
    #[serde(default)]
    immutable_storage_with_versioning: Option<ImmutableStorage>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct NetworkAcls {
    #[serde(default)]
    default_action: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct AccountEncryption {
    #[serde(default)]
    key_source: Option<String>,
    #[serde(default, rename = "keyvaultproperties", alias = "keyVaultProperties")]
    key_vault_properties: Option<KeyVaultProperties>,
}

#[derive(Debug, Deserialize)]
struct KeyVaultProperties {
    #[serde(default, rename = "keyname", alias = "keyName")]
    key_name: Option<String>,
    #[serde(default, rename = "keyvaulturi", alias = "keyVaultUri")]
    key_vault_uri: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ImmutableStorage {
    #[serde(default, deserialize_with = "json::flag")]
    enabled: Option<bool>,
    #[serde(default)]
    immutability_policy: Option<ImmutabilityPolicy>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ImmutabilityPolicy {
    #[serde(default)]
    state: Option<String>,
    #[serde(default, deserialize_with = "json::integer")]
    immutability_period_since_creation_in_days: Option<i64>,
}

fn build(group: &Group<'_>) -> Built {
    // A row of Resource Graph holds only the columns that its query names.
    let Found::Read(_, Some(account)) = group.native::<Option<StorageAccount>>() else {
        return Built::unknown(Gap::with(Reason::NotRead, "properties"));
    };
    // Where nothing is said, anonymous access is allowed: the switch came in 2019, and accounts made before have null.
    // Source: Azure Storage "Remediate anonymous read access to blob data", read 2026-11-23.
    let guard = match account.allow_blob_public_access {
        Some(false) => Guard::On,
        Some(true) | None => Guard::Off,
    };
    let blob_services = group.parts(blob_services::NATIVE_TYPE).next();
    let (versioning, soft_delete) = blob_service(group, blob_services);
    let (logging, log) = logging(group);
    let bucket = StorageBucket {
        encryption: encryption(account),
        versioning,
        soft_delete,
        public_access: PublicAccess {
            guard: Fact::Known(guard),
            network: Fact::Known(network(account)),
            grants: Fact::Absent,
        },
        logging,
        tls: Tls {
            required: required(account),
            min_version: min_version(account),
        },
        retention: retention(account),
        // Null is the same as true. Source: `Storage Accounts - Get Properties`, allowSharedKeyAccess.
        shared_keys: Fact::Known(account.allow_shared_key_access.unwrap_or(true)),
    };
    let (drafts, missing) = grants(group, guard, network(account));
    let mut built = storage::build(bucket, drafts, missing);
    if let Some(piece) = blob_services {
        built.from_part(piece);
    }
    if let Some((piece, target)) = log {
        built.from("/logging/enabled", piece, "/properties/logs");
        built.from("/logging/target", piece, target);
    }
    built
}

/// A container's public access level is a grant; whether it takes effect is the account's to say.
///
/// Where only listed networks or private endpoints get in, everyone does not. Source: Azure Storage "Azure Storage
/// firewall and virtual network rules", read 2026-11-23.
fn grants(group: &Group<'_>, guard: Guard, network: NetworkScope) -> (Vec<Draft>, Option<Gap>) {
    let mut drafts = Vec::new();
    let mut failed = None;
    for piece in group.parts(blob_containers::NATIVE_TYPE) {
        match piece.get::<Option<Container>>() {
            Found::Read(piece, Some(container)) if container.is_public() => drafts.push(Draft {
                grant: Grant {
                    principal: PublicPrincipal::Everyone,
                    // `Container` lists the blobs as well.
                    access: GrantAccess::Read,
                    via: GrantVia::Container,
                    name: Some(piece.resource.name.clone()),
                    effective: Fact::Known(guard == Guard::Off && network == NetworkScope::Any),
                },
                origin: piece.origin().cloned(),
                pointer: "/properties/publicAccess".to_owned(),
            }),
            Found::Read(_, Some(_)) => {}
            Found::Read(_, None) | Found::Missing => failed = Some(Gap::with(Reason::NotRead, &piece.resource.id)),
            Found::Failed(gap) => failed = Some(gap),
        }
    }
    // Nothing public can take effect, so that what was not read changes nothing.
    let complete = guard == Guard::On || group.parts_read_in_full(blob_containers::NATIVE_TYPE);
    let missing = if guard == Guard::On { None } else { failed };
    (
        drafts,
        missing.or_else(|| (!complete).then(|| group.not_read(blob_containers::NATIVE_TYPE))),
    )
}

fn blob_service(group: &Group<'_>, piece: Option<&Piece>) -> (Versioning, SoftDelete) {
    let gap = match piece.map(Piece::get::<Option<BlobService>>) {
        Some(Found::Read(_, Some(service))) => {
            return (
                Versioning {
                    enabled: Fact::Known(service.versioning()),
                    mfa_delete: Fact::Absent,
                },
                service.soft_delete(),
            );
        }
        Some(Found::Failed(gap)) => gap,
        Some(Found::Read(_, None) | Found::Missing) | None => group.not_read(blob_services::NATIVE_TYPE),
    };
    (
        Versioning {
            enabled: unknown(&gap),
            mfa_delete: Fact::Absent,
        },
        SoftDelete {
            enabled: unknown(&gap),
            days: unknown(&gap),
        },
    )
}

/// One setting that logs is enough; that none does is known only where all those of the blob service were read, which are
/// not those of the account. With it comes the
/// document that says so, and where in it the target stands.
fn logging<'a>(group: &Group<'a>) -> (Logging, Option<(&'a Piece, &'static str)>) {
    let blobs = format!("{}/blobservices/default", group.main.resource.key.0);
    let mut gap = (!group.extensions_read_in_full(&blobs, diagnostic_settings::NATIVE_TYPE))
        .then(|| group.not_read(diagnostic_settings::NATIVE_TYPE));
    for piece in group.parts(diagnostic_settings::NATIVE_TYPE) {
        match piece.get::<Option<DiagnosticSetting>>() {
            Found::Read(piece, Some(setting)) if setting.logs() => {
                let (target, pointer) = setting.target().unzip();
                let logging = Logging {
                    enabled: Fact::Known(true),
                    target: target.into(),
                };
                return (logging, Some((piece, pointer.unwrap_or(PROPERTIES))));
            }
            Found::Failed(why) => gap = Some(why),
            _ => {}
        }
    }
    let logging = match gap {
        Some(gap) => Logging {
            enabled: unknown(&gap),
            target: unknown(&gap),
        },
        None => Logging {
            enabled: Fact::Known(false),
            target: Fact::Absent,
        },
    };
    (logging, None)
}

fn encryption(account: &StorageAccount) -> Encryption {
    let encryption = account.encryption.as_ref();
    let source = encryption
        .and_then(|encryption| encryption.key_source.as_deref())
        .unwrap_or_default();
    let customer = source.eq_ignore_ascii_case("Microsoft.Keyvault");
    let vault = encryption
        .and_then(|encryption| encryption.key_vault_properties.as_ref())
        .filter(|_| customer);
    let key = vault.and_then(|vault| {
        let name = vault.key_name.as_deref()?;
        let uri = vault.key_vault_uri.as_deref().unwrap_or_default().trim_end_matches('/');
        Some(if uri.is_empty() {
            name.to_owned()
        } else {
            format!("{uri}/keys/{name}")
        })
    });
    Encryption {
        // It cannot be turned off. Source: Azure Storage "Azure Storage encryption for data at rest", read 2026-11-23.
        enabled: Fact::Known(true),
        key_kind: Fact::Known(if customer { KeyKind::Customer } else { KeyKind::Provider }),
        key_id: key.into(),
    }
}

fn network(account: &StorageAccount) -> NetworkScope {
    let is = |value: Option<&str>, name: &str| value.is_some_and(|value| value.eq_ignore_ascii_case(name));
    let public = account.public_network_access.as_deref();
    let action = account
        .network_acls
        .as_ref()
        .and_then(|acls| acls.default_action.as_deref());
    if is(public, "Disabled") {
        NetworkScope::Private
    } else if is(public, "SecuredByPerimeter") || is(action, "Deny") {
        NetworkScope::Selected
    } else {
        NetworkScope::Any
    }
}

fn required(account: &StorageAccount) -> Fact<bool> {
    match account.supports_https_traffic_only {
        Some(only) => Fact::Known(only),
        // The default is true since API version 2019-04-01 and was false before, and a document does not say by which
        // version its account was made. Source: `Storage Accounts - Create`, supportsHttpsTrafficOnly.
        None => Fact::Unknown(Gap::with(Reason::NotRead, "supportsHttpsTrafficOnly")),
    }
}

fn min_version(account: &StorageAccount) -> Fact<TlsVersion> {
    // The default interpretation is TLS 1.0. Source: `Storage Accounts - Get Properties`, minimumTlsVersion.
    Fact::Known(match account.minimum_tls_version.as_deref() {
        None | Some("TLS1_0") => TlsVersion::Tls10,
        Some("TLS1_1") => TlsVersion::Tls11,
        Some("TLS1_2") => TlsVersion::Tls12,
        Some("TLS1_3") => TlsVersion::Tls13,
        Some(other) => {
            return Fact::Unknown(Gap::with(Reason::ParseError, format!("`{other}` is no version of TLS")));
        }
    })
}

fn retention(account: &StorageAccount) -> Retention {
    let storage = account.immutable_storage_with_versioning.as_ref();
    let policy = storage.and_then(|storage| storage.immutability_policy.as_ref());
    let state = policy.and_then(|policy| policy.state.as_deref());
    let days = policy.and_then(|policy| policy.immutability_period_since_creation_in_days);
    Retention {
        enabled: Fact::Known(storage.and_then(|storage| storage.enabled).unwrap_or(false)),
        locked: Fact::Known(state.is_some_and(|state| state.eq_ignore_ascii_case("Locked"))),
        days: days.map(storage::days).into(),
    }
}
