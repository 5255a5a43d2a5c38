//! `aws_secretsmanager_secret` with its rotation and policy → `secret.secret`.
//!
//! Source: Terraform AWS provider documentation of `aws_secretsmanager_secret`, `aws_secretsmanager_secret_rotation` and
//! `aws_secretsmanager_secret_policy`; Secrets Manager API `RotationRulesType`; Service Authorization Reference "AWS
//! Secrets Manager".

use nephoscope_model::kinds::{PublicAction, PublicPrincipal, SecretRotation, SecretSecret};
use nephoscope_model::{Fact, Gap, Reason};

use super::planned::{self, Planned, either};
use super::{PLAN, WHOLE, aws_policies, join};
use crate::aws::resource_policy::Service;
use crate::group::{Built, Found, Group};
use crate::mapping::{Absence, Mapping, Role, Source, source};
use crate::storage;

const NATIVE_TYPE: &str = "aws_secretsmanager_secret";

/// It refuses unsigned requests.
const SERVICE: Service = Service {
    prefix: "secretsmanager",
    what: "secret policy",
    everyone: PublicPrincipal::AnyAuthenticated,
    narrowing: &[],
    actions: &[
        ("PutResourcePolicy", PublicAction::Admin),
        ("DeleteResourcePolicy", PublicAction::Admin),
        ("DeleteSecret", PublicAction::Admin),
        ("PutSecretValue", PublicAction::Write),
        ("UpdateSecret", PublicAction::Write),
        ("UpdateSecretVersionStage", PublicAction::Write),
        ("RotateSecret", PublicAction::Write),
        ("CancelRotateSecret", PublicAction::Write),
        ("RestoreSecret", PublicAction::Write),
        ("ReplicateSecretToRegions", PublicAction::Write),
        ("RemoveRegionsFromReplication", PublicAction::Write),
        ("StopReplicationToReplica", PublicAction::Write),
        ("TagResource", PublicAction::Write),
        ("UntagResource", PublicAction::Write),
        ("GetSecretValue", PublicAction::Read),
        ("BatchGetSecretValue", PublicAction::Read),
    ],
    names_resource: true,
};

const SOURCES: &[Source] = &[source(
    "/public_access/grants",
    "/values/policy",
    Absence::Default("[]"),
)];

pub(super) const SECRET: Mapping = Mapping {
    native_type: NATIVE_TYPE,
    kind: "secret.secret",
    sources: SOURCES,
    read: |body| planned::read(body, &["id", "arn", "policy"]),
    build,
    names: Some(|resource, native| join::whole(resource, native, &[&["id"], &["arn"]])),
    ..WHOLE
};

const PART: Mapping = Mapping {
    dialects: PLAN,
    kind: "secret.secret",
    role: Role::Part {
        of: NATIVE_TYPE,
        names: |resource, native| join::part(resource, native, NATIVE_TYPE, &[&["secret_id"]]),
    },
    ..Mapping::BASE
};

pub(super) const POLICY: Mapping = Mapping {
    native_type: "aws_secretsmanager_secret_policy",
    sources: &[source("/public_access/grants", "/values/policy", Absence::Unknown)],
    read: |body| planned::read(body, &["secret_id", "policy"]),
    ..PART
};

pub(super) const ROTATION: Mapping = Mapping {
    native_type: "aws_secretsmanager_secret_rotation",
    sources: &[source(
        "/rotation/period_days",
        "/values/rotation_rules/0/automatically_after_days",
        Absence::Unknown,
    )],
    read: |body| planned::read(body, &["secret_id", "rotation_rules"]),
    ..PART
};

fn build(group: &Group<'_>) -> Built {
    let Found::Read(_, secret) = group.native::<Planned>() else {
        return Built::unknown(Gap::with(Reason::NotRead, "values"));
    };
    let (public_access, notes) = aws_policies::grants(group, secret, &SERVICE, POLICY.native_type, Some("/policy"));
    let mut built = Built::new(&SecretSecret {
        rotation: rotation(group, secret),
        expires: Fact::Absent,
        public_access,
    });
    built.provenance.extend(notes);
    if let Some(piece) = group.parts(ROTATION.native_type).next() {
        built.from_part(piece);
        built.from("/rotation/enabled", piece, "/values/rotation_rules");
    }
    built
}

fn rotation(group: &Group<'_>, secret: &Planned) -> SecretRotation {
    let gap = match group
        .parts(ROTATION.native_type)
        .next()
        .map(|piece| piece.get::<Planned>())
    {
        Some(Found::Read(_, rotation)) => {
            let rules = rotation.at("/rotation_rules/0");
            let days = rules.at("/automatically_after_days").integer();
            return SecretRotation {
                enabled: Fact::Known(true),
                // A schedule has a period too, which the service works out.
                period_days: either(days.map(storage::days), || {
                    Fact::Unknown(rules.at("/schedule_expression").after_apply())
                }),
            };
        }
        Some(Found::Failed(gap)) => gap,
        // A new secret is rotated only where something of the plan says so.
        None | Some(Found::Missing) if secret.created => {
            return SecretRotation {
                enabled: Fact::Known(false),
                period_days: Fact::Absent,
            };
        }
        None | Some(Found::Missing) => group.not_read(ROTATION.native_type),
    };
    SecretRotation {
        enabled: Fact::Unknown(gap.clone()),
        period_days: Fact::Unknown(gap),
    }
}
