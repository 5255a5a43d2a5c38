//! `AWS::KMS::Key` → `crypto.key`.
//!
//! AWS Config records whether a key is rotated, not how often; the period is the customer's to choose, 90 to 2560 days.
//! Source: AWS Config resource schema `AWS::KMS::Key`; AWS KMS Developer Guide "Rotate AWS KMS keys", "Key states of AWS
//! KMS keys", read 2026-11-25.

use nephoscope_model::kinds::{CryptoKey, KeyKind, KeyRotation, KeyState, PublicAction, PublicPrincipal};
use nephoscope_model::{Fact, Gap, Reason, Resource};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::resource_policy::{PolicyGrant, Service};
use super::{CONFIG, CONFIGURATION, SUPPLEMENTARY, partition};
use crate::body::Body;
use crate::error::NormalizeError;
use crate::grants;
use crate::group::{Built, Context, Found, Group};
use crate::json::Wrapped;
use crate::mapping::{Absence, Mapping, Native, Source, source};
use crate::storage::unknown;

const NATIVE_TYPE: &str = "AWS::KMS::Key";
const POLICY: &str = "/supplementaryConfiguration/Policy";
const ROTATED: &str = "/supplementaryConfiguration/KeyRotationStatus";

const SOURCES: &[Source] = &[
    source("/manager", "/configuration/keyManager", Absence::Unknown),
    source("/state", "/configuration/keyState", Absence::Unknown),
    source("/rotation/supported", "/configuration/keyManager", Absence::Unknown),
    source("/rotation/supported", "/configuration/keySpec", Absence::Unknown),
    source("/rotation/supported", "/configuration/origin", Absence::Unknown),
    source("/rotation/enabled", ROTATED, Absence::Unknown),
    source("/rotation/period_days", ROTATED, Absence::Unknown),
    source("/public_access/grants", POLICY, Absence::Unknown),
];

pub(crate) const MAPPING: Mapping = Mapping {
    dialects: CONFIG,
    native_type: NATIVE_TYPE,
    kind: "crypto.key",
    sources: SOURCES,
    read,
    build,
    lends: Some("/manager"),
    key: Some(key),
    ..Mapping::BASE
};

/// Source: Service Authorization Reference "AWS Key Management Service"; KMS refuses unsigned requests. A grant
/// (`CreateGrant`) passes the key's use on, so it is as strong as changing the policy.
pub(crate) const SERVICE: Service = Service {
    prefix: "kms",
    what: "key policy",
    everyone: PublicPrincipal::AnyAuthenticated,
    narrowing: &["kms:calleraccount"],
    actions: &[
        ("PutKeyPolicy", PublicAction::Admin),
        ("CreateGrant", PublicAction::Admin),
        ("ScheduleKeyDeletion", PublicAction::Admin),
        ("DisableKey", PublicAction::Admin),
        ("DisableKeyRotation", PublicAction::Write),
        ("EnableKey", PublicAction::Write),
        ("EnableKeyRotation", PublicAction::Write),
        ("CancelKeyDeletion", PublicAction::Write),
        ("CreateAlias", PublicAction::Write),
        ("UpdateAlias", PublicAction::Write),
        ("DeleteAlias", PublicAction::Write),
        ("UpdateKeyDescription", PublicAction::Write),
        ("UpdatePrimaryRegion", PublicAction::Write),
        ("ReplicateKey", PublicAction::Write),
        ("RevokeGrant", PublicAction::Write),
        ("RetireGrant", PublicAction::Write),
        ("RotateKeyOnDemand", PublicAction::Write),
        ("ImportKeyMaterial", PublicAction::Write),
        ("DeleteImportedKeyMaterial", PublicAction::Write),
        ("TagResource", PublicAction::Write),
        ("UntagResource", PublicAction::Write),
        ("Encrypt", PublicAction::Use),
        ("Decrypt", PublicAction::Use),
        ("ReEncryptFrom", PublicAction::Use),
        ("ReEncryptTo", PublicAction::Use),
        ("GenerateDataKey", PublicAction::Use),
        ("GenerateDataKeyWithoutPlaintext", PublicAction::Use),
        ("GenerateDataKeyPair", PublicAction::Use),
        ("GenerateDataKeyPairWithoutPlaintext", PublicAction::Use),
        ("GenerateMac", PublicAction::Use),
        ("VerifyMac", PublicAction::Use),
        ("Sign", PublicAction::Use),
        ("DeriveSharedSecret", PublicAction::Use),
    ],
    names_resource: true,
};

struct KmsKey {
    configuration: Option<Configuration>,
    rotated: Option<bool>,
    /// `None` where the item holds no policy; every key has one.
    policy: Option<Result<Vec<PolicyGrant>, Gap>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Configuration {
    #[serde(default)]
    key_manager: Option<String>,
    #[serde(default)]
    key_state: Option<String>,
    #[serde(default)]
    key_spec: Option<String>,
    // The name of the same field until 2021.
    #[serde(default)]
    customer_master_key_spec: Option<String>,
    #[serde(default)]
    origin: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Supplementary {
    #[serde(default)]
    key_rotation_status: Wrapped<bool>,
    #[serde(default)]
    policy: Option<Box<RawValue>>,
}

fn read(body: &Body<'_>) -> Result<Native, NormalizeError> {
    let supplementary: Option<Supplementary> = body.section(SUPPLEMENTARY)?;
    let text = supplementary.as_ref().and_then(|all| all.policy.as_ref());
    Ok(Box::new(KmsKey {
        configuration: body.section(CONFIGURATION)?,
        rotated: supplementary.as_ref().and_then(|all| all.key_rotation_status.0),
        policy: text.map(|text| SERVICE.read(text.get(), &body.id)),
    }))
}

fn build(group: &Group<'_>) -> Built {
    let Found::Read(piece, key) = group.native::<KmsKey>() else {
        return Built::unknown(Gap::with(Reason::NotRead, "configuration"));
    };
    let (drafts, missing) = match &key.policy {
        Some(Ok(grants)) => (SERVICE.drafts(grants, piece, POLICY), None),
        Some(Err(gap)) => (Vec::new(), Some(gap.clone())),
        None => (Vec::new(), Some(Gap::with(Reason::NotRead, "Policy"))),
    };
    let (public_access, notes) = grants::settle(drafts, missing);
    let configuration = key.configuration.as_ref();
    let mut built = Built::new(&CryptoKey {
        manager: manager(configuration),
        state: state(configuration),
        rotation: KeyRotation {
            supported: supported(configuration),
            enabled: stated(key.rotated, "KeyRotationStatus"),
            period_days: match key.rotated {
                Some(false) => Fact::Absent,
                _ => unknown(&Gap::with(Reason::NotRead, "kms:GetKeyRotationStatus")),
            },
        },
        expires: Fact::Absent,
        public_access,
    });
    built.provenance = notes;
    built
}

/// Source: Service Authorization Reference "AWS Key Management Service", resource `key`.
fn key(resource: &Resource) -> Option<String> {
    let Resource {
        account, region, id, ..
    } = resource;
    let stated = !account.is_empty() && !region.is_empty() && !id.is_empty() && !id.starts_with("arn:");
    stated.then(|| format!("arn:{}:kms:{region}:{account}:key/{id}", partition(region)))
}

/// Returns who manages the key that a resource names by its ARN or alias: a key that AWS made in the account has an ARN
/// like any other, so only the key itself tells. Aliases that begin with `aws/` are those of AWS.
///
/// Source: AWS KMS Developer Guide "Aliases", "AWS managed keys"; KMS API Reference `KeyMetadata`, KeyManager.
pub(super) fn manager_of(context: &Context<'_>, key: &str) -> Fact<KeyKind> {
    if key.starts_with("alias/aws/") || key.contains(":alias/aws/") {
        return Fact::Known(KeyKind::Provider);
    }
    let lent = context.lending.of(NATIVE_TYPE, key);
    let manager = lent.and_then(|lent| lent.value());
    match manager.as_ref().and_then(|manager| manager.as_str()) {
        Some("customer") => Fact::Known(KeyKind::Customer),
        Some("provider") => Fact::Known(KeyKind::Provider),
        _ => Fact::Unknown(
            lent.and_then(|lent| lent.gap().cloned())
                .unwrap_or_else(|| Gap::with(Reason::NotRead, format!("{NATIVE_TYPE} {key}"))),
        ),
    }
}

/// Returns what an item states; one that lacks it tells nothing.
fn stated<T>(value: Option<T>, field: &str) -> Fact<T> {
    value.map_or_else(|| unknown(&Gap::with(Reason::NotRead, field)), Fact::Known)
}

fn manager(configuration: Option<&Configuration>) -> Fact<KeyKind> {
    let manager = configuration.and_then(|all| all.key_manager.as_deref());
    stated(manager, "keyManager").map(|name| match name.eq_ignore_ascii_case("CUSTOMER") {
        true => KeyKind::Customer,
        false => KeyKind::Provider,
    })
}

fn state(configuration: Option<&Configuration>) -> Fact<KeyState> {
    let Some(state) = configuration.and_then(|all| all.key_state.as_deref()) else {
        return stated(None, "keyState");
    };
    Fact::Known(match state.to_ascii_lowercase().as_str() {
        "enabled" | "updating" => KeyState::Enabled,
        "disabled" => KeyState::Disabled,
        "pendingdeletion" | "pendingreplicadeletion" => KeyState::PendingDeletion,
        "creating" | "pendingimport" | "unavailable" => KeyState::Unavailable,
        _ => {
            let detail = format!("`{state}` is no state of a key");
            return Fact::Unknown(Gap::with(Reason::ParseError, detail));
        }
    })
}

/// Symmetric keys of the customer, made by KMS and kept there. Source: "Rotate AWS KMS keys".
fn supported(configuration: Option<&Configuration>) -> Fact<bool> {
    let is = |value: Option<&str>, name: &str| value.map(|value| value.eq_ignore_ascii_case(name));
    let spec = configuration.and_then(|all| all.key_spec.as_deref().or(all.customer_master_key_spec.as_deref()));
    let wanted = [
        is(configuration.and_then(|all| all.key_manager.as_deref()), "CUSTOMER"),
        is(spec, "SYMMETRIC_DEFAULT"),
        is(configuration.and_then(|all| all.origin.as_deref()), "AWS_KMS"),
    ];
    match wanted {
        _ if wanted.contains(&Some(false)) => Fact::Known(false),
        _ if wanted.contains(&None) => unknown(&Gap::with(Reason::NotRead, "keyManager, keySpec and origin")),
        _ => Fact::Known(true),
    }
}
