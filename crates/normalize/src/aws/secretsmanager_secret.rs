//! `AWS::SecretsManager::Secret` → `secret.secret`.
//!
//! An item never holds the resource policy. One with `supplementaryConfiguration`, even empty, is whole; the answer of
//! SelectResourceConfig has none, and tells nothing of what it lacks. Source: AWS Config resource schema
//! `AWS::SecretsManager::Secret`; Secrets Manager API `DescribeSecret`, `RotationRulesType`, read 2026-11-25.

use nephoscope_model::kinds::{PublicGrants, SecretRotation, SecretSecret};
use nephoscope_model::{Fact, Gap, Reason};
use serde::Deserialize;

use super::{CONFIG, CONFIGURATION, SUPPLEMENTARY};
use crate::group::{Built, Found, Group};
use crate::json;
use crate::mapping::{Absence, Mapping, Source, source};
use crate::storage::{self, unknown};

const SOURCES: &[Source] = &[
    source(
        "/rotation/enabled",
        "/configuration/RotationEnabled",
        Absence::Default("false"),
    ),
    source(
        "/rotation/period_days",
        "/configuration/RotationRules/AutomaticallyAfterDays",
        Absence::Unknown,
    ),
];

pub(crate) const MAPPING: Mapping = Mapping {
    dialects: CONFIG,
    native_type: "AWS::SecretsManager::Secret",
    kind: "secret.secret",
    sources: SOURCES,
    read: |body| {
        Ok(Box::new(Secret {
            configuration: body.section(CONFIGURATION)?,
            whole: body.holds(SUPPLEMENTARY),
        }))
    },
    build,
    ..Mapping::BASE
};

struct Secret {
    configuration: Option<Configuration>,
    whole: bool,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Configuration {
    #[serde(default, deserialize_with = "json::flag")]
    rotation_enabled: Option<bool>,
    #[serde(default)]
    rotation_rules: Option<RotationRules>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct RotationRules {
    #[serde(default, deserialize_with = "json::integer")]
    automatically_after_days: Option<i64>,
}

fn build(group: &Group<'_>) -> Built {
    let Found::Read(
        _,
        Secret {
            configuration: Some(configuration),
            whole,
        },
    ) = group.native::<Secret>()
    else {
        return Built::unknown(Gap::with(Reason::NotRead, "configuration"));
    };
    // The service leaves it out of a secret that was never rotated.
    let enabled = configuration.rotation_enabled.or(whole.then_some(false));
    // It computes the days from a schedule expression too, after the first rotation.
    let days = configuration
        .rotation_rules
        .as_ref()
        .and_then(|rules| rules.automatically_after_days);
    let gap = |field: &str| Gap::with(Reason::NotRead, field);
    Built::new(&SecretSecret {
        rotation: SecretRotation {
            enabled: enabled.map_or_else(|| unknown(&gap("RotationEnabled")), Fact::Known),
            period_days: match (enabled, days) {
                (Some(false), _) => Fact::Absent,
                (_, Some(days)) => Fact::Known(storage::days(days)),
                (_, None) => unknown(&gap("AutomaticallyAfterDays")),
            },
        },
        expires: Fact::Absent,
        public_access: PublicGrants {
            grants: Fact::Partial(Vec::new(), gap("secretsmanager:GetResourcePolicy")),
        },
    })
}
