//! `AWS::IAM::Policy`, a customer managed policy → `identity.policy`.
//!
//! Only the default version is in effect. Source: IAM API Reference `ManagedPolicyDetail`, `PolicyVersion`, AWS Config
//! resource schema, read 2026-11-25.

use nephoscope_model::kinds::{IdentityPolicy, RightsVia};
use nephoscope_model::{Fact, Gap, Reason};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::iam_rights::{self, Draft};
use super::{CONFIG, CONFIGURATION};
use crate::group::{Built, Found, Group};
use crate::json::{self, Text};
use crate::mapping::{Absence, Mapping, Source, source};

const SOURCES: &[Source] = &[
    source("/grants", "/configuration/policyVersionList", Absence::Unknown),
    source("/grants", "/configuration/defaultVersionId", Absence::Unknown),
];

pub(crate) const MAPPING: Mapping = Mapping {
    dialects: CONFIG,
    native_type: "AWS::IAM::Policy",
    kind: "identity.policy",
    sources: SOURCES,
    read: |body| Ok(Box::new(body.section::<IamPolicy>(CONFIGURATION)?)),
    build,
    ..Mapping::BASE
};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct IamPolicy {
    #[serde(default)]
    policy_name: Text,
    #[serde(default)]
    default_version_id: Text,
    #[serde(default, deserialize_with = "json::many")]
    policy_version_list: Vec<Version>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Version {
    #[serde(default)]
    version_id: Text,
    #[serde(default, deserialize_with = "json::flag")]
    is_default_version: Option<bool>,
    #[serde(default)]
    document: Option<Box<RawValue>>,
}

fn build(group: &Group<'_>) -> Built {
    let Found::Read(piece, Some(native)) = group.native::<Option<IamPolicy>>() else {
        return Built::unknown(Gap::with(Reason::NotRead, "configuration"));
    };
    let name = (native.policy_name.clone().take()).unwrap_or_else(|| group.main.resource.name.clone());
    let default = native.default_version_id.clone().take();
    // The policy's own word goes before that of its versions.
    let version = native
        .policy_version_list
        .iter()
        .enumerate()
        .find(|(_, version)| match &default {
            Some(id) => version.version_id.0.as_ref() == Some(id),
            None => version.is_default_version == Some(true),
        });
    let (full, pointer) = match version {
        Some((
            index,
            Version {
                document: Some(raw), ..
            },
        )) => (
            iam_rights::full_admin(raw, &format!("policy {name}")),
            format!("/configuration/policyVersionList/{index}/document"),
        ),
        _ => {
            let detail = format!("document of {}", group.main.resource.id);
            let gap = Gap::with(Reason::NotRead, detail);
            (Fact::Unknown(gap), "/configuration".to_owned())
        }
    };
    let mut drafts = vec![Draft {
        grant: iam_rights::grant(name, RightsVia::Itself, full),
        pointer,
    }];
    let grants = iam_rights::listed(&mut drafts, None);
    iam_rights::noted(Built::new(&IdentityPolicy { grants }), &drafts, piece)
}
