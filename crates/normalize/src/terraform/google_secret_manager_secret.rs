//! `google_secret_manager_secret` with its IAM resources → `secret.secret`.
//!
//! Source: Terraform Google provider documentation of `google_secret_manager_secret`, read 2026-11-25.

use nephoscope_model::kinds::{PublicAction, SecretRotation, SecretSecret};
use nephoscope_model::{Fact, Gap, Reason, Resource};

use super::google_grants::Iam;
use super::planned::{self, Planned};
use super::{WHOLE, join};
use crate::gcp::{secret, whole_days};
use crate::group::{Built, Found, Group};
use crate::mapping::{Absence, Mapping, Native, Source, source};

const NATIVE_TYPE: &str = "google_secret_manager_secret";

const IAM: Iam = Iam {
    member: "google_secret_manager_secret_iam_member",
    binding: "google_secret_manager_secret_iam_binding",
    policy: "google_secret_manager_secret_iam_policy",
    roles: secret::ROLES,
    other: PublicAction::Read,
};

const PERIOD: &str = "/values/rotation/0/rotation_period";

const SOURCES: &[Source] = &[
    source("/rotation/enabled", PERIOD, Absence::Default("false")),
    source("/rotation/period_days", PERIOD, Absence::Absent),
];

pub(super) const SECRET: Mapping = Mapping {
    native_type: NATIVE_TYPE,
    kind: "secret.secret",
    sources: SOURCES,
    read: |body| planned::read(body, &["secret_id", "rotation"]),
    build,
    names: Some(|resource, native| join::whole(resource, native, &[&["secret_id"]])),
    ..WHOLE
};

pub(super) const MEMBER: Mapping = IAM.member("secret.secret", NATIVE_TYPE, names);
pub(super) const BINDING: Mapping = IAM.binding("secret.secret", NATIVE_TYPE, names);
pub(super) const POLICY: Mapping = IAM.policy("secret.secret", NATIVE_TYPE, names);

fn names(resource: &Resource, native: Option<&Native>) -> Vec<String> {
    join::part(resource, native, NATIVE_TYPE, &[&["secret_id"]])
}

fn build(group: &Group<'_>) -> Built {
    let Found::Read(_, secret) = group.native::<Planned>() else {
        return Built::unknown(Gap::with(Reason::NotRead, "values"));
    };
    let (public_access, notes) = IAM.grants(group, secret);
    // Without a period the next rotation, if there is one, is the last.
    let period = secret.at("/rotation/0/rotation_period").text();
    let mut built = Built::new(&SecretSecret {
        rotation: SecretRotation {
            enabled: period.clone().map(|_| true).or_default(false),
            period_days: period.and_then(|text| whole_days(&text)),
        },
        expires: Fact::Absent,
        public_access,
    });
    built.provenance.extend(notes);
    built
}
