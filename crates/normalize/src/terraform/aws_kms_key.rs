//! `aws_kms_key` with its policy → `crypto.key`.
//!
//! A key that is rotated without a period of its own is rotated every year. Source: Terraform AWS provider documentation of
//! `aws_kms_key` and `aws_kms_key_policy`; AWS KMS Developer Guide "Rotate AWS KMS keys", "Default key policy".

use nephoscope_model::kinds::{CryptoKey, KeyKind, KeyRotation, KeyState};
use nephoscope_model::{Fact, Gap, Reason};

use super::planned::{self, Planned};
use super::{PLAN, WHOLE, aws_policies, join};
use crate::aws::kms_key::SERVICE;
use crate::group::{Built, Found, Group};
use crate::mapping::{Absence, Mapping, Role, Source, source};
use crate::storage;

const NATIVE_TYPE: &str = "aws_kms_key";

const SOURCES: &[Source] = &[
    source("/state", "/values/is_enabled", Absence::Default("enabled")),
    source(
        "/rotation/supported",
        "/values/customer_master_key_spec",
        Absence::Default("true"),
    ),
    source(
        "/rotation/supported",
        "/values/custom_key_store_id",
        Absence::Default("true"),
    ),
    source(
        "/rotation/enabled",
        "/values/enable_key_rotation",
        Absence::Default("false"),
    ),
    source(
        "/rotation/period_days",
        "/values/rotation_period_in_days",
        Absence::Default("365"),
    ),
    source("/public_access/grants", "/values/policy", Absence::Default("[]")),
];

const KEYS: &[&str] = &[
    "key_id",
    "arn",
    "is_enabled",
    "customer_master_key_spec",
    "custom_key_store_id",
    "enable_key_rotation",
    "rotation_period_in_days",
    "policy",
];

pub(super) const KEY: Mapping = Mapping {
    native_type: NATIVE_TYPE,
    kind: "crypto.key",
    sources: SOURCES,
    read: |body| planned::read(body, KEYS),
    build,
    names: Some(|resource, native| join::whole(resource, native, &[&["key_id"]])),
    ..WHOLE
};

pub(super) const POLICY: Mapping = Mapping {
    dialects: PLAN,
    native_type: "aws_kms_key_policy",
    kind: "crypto.key",
    sources: &[source("/public_access/grants", "/values/policy", Absence::Unknown)],
    read: |body| planned::read(body, &["key_id", "policy"]),
    role: Role::Part {
        of: NATIVE_TYPE,
        names: |resource, native| join::part(resource, native, NATIVE_TYPE, &[&["key_id"]]),
    },
    ..Mapping::BASE
};

fn build(group: &Group<'_>) -> Built {
    let Found::Read(_, key) = group.native::<Planned>() else {
        return Built::unknown(Gap::with(Reason::NotRead, "values"));
    };
    let (public_access, notes) = aws_policies::grants(group, key, &SERVICE, POLICY.native_type, Some("/policy"));
    let enabled = key.at("/is_enabled").flag().or_default(true);
    let rotated = key.at("/enable_key_rotation").flag().or_default(false);
    let mut built = Built::new(&CryptoKey {
        manager: Fact::Known(KeyKind::Customer),
        state: enabled.map(|enabled| if enabled { KeyState::Enabled } else { KeyState::Disabled }),
        rotation: KeyRotation {
            supported: supported(key),
            period_days: match &rotated {
                Fact::Known(false) => Fact::Absent,
                _ => (key.computed("/rotation_period_in_days").integer())
                    .or_default(365)
                    .map(storage::days),
            },
            enabled: rotated,
        },
        expires: Fact::Absent,
        public_access,
    });
    built.provenance.extend(notes);
    built
}

/// Symmetric keys that KMS made and keeps itself. Source: "Rotate AWS KMS keys".
fn supported(key: &Planned) -> Fact<bool> {
    let symmetric = key
        .at("/customer_master_key_spec")
        .text()
        .map(|spec| spec.eq_ignore_ascii_case("SYMMETRIC_DEFAULT"))
        .or_default(true);
    let elsewhere = key.at("/custom_key_store_id").text().map(|_| true).or_default(false);
    match (symmetric, elsewhere) {
        (Fact::Known(false), _) | (_, Fact::Known(true)) => Fact::Known(false),
        (Fact::Unknown(gap), _) | (_, Fact::Unknown(gap)) => Fact::Unknown(gap),
        _ => Fact::Known(true),
    }
}
