//! `cloudfunctions.googleapis.com/CloudFunction` and `cloudfunctions.googleapis.com/Function`, resource and IAM policy →
//! `compute.function`.
//!
//! A function of the second generation is a Cloud Run service, and the policy of that service says who may call it: it
//! is an asset of its own and judged by itself. Source: Cloud Functions API v1 `projects.locations.functions`, v2
//! `projects.locations.functions`.

use nephoscope_model::Fact;
use nephoscope_model::kinds::{ComputeFunction, Encryption, Invocation, KeyKind, NetworkScope};
use serde::Deserialize;

use super::iam_policy::Line;
use super::{CAI, DATA, IAM_POLICY, invokers};
use crate::function;
use crate::group::{Built, Found, Group};
use crate::mapping::{Absence, Mapping, Role, Source, source};

const SECOND_GENERATION: &str = "cloudfunctions.googleapis.com/Function";

const SOURCES: &[Source] = &[
    source("/runtime", "/resource/data/runtime", Absence::Unknown),
    source(
        "/encryption/key_kind",
        "/resource/data/kmsKeyName",
        Absence::Default("provider"),
    ),
    source("/encryption/key_id", "/resource/data/kmsKeyName", Absence::Absent),
    source(
        "/invocation/network",
        "/resource/data/ingressSettings",
        Absence::Default("any"),
    ),
    source("/invocation/grants", "/iam_policy/bindings", Absence::Unknown),
];

const SECOND_SOURCES: &[Source] = &[
    source("/runtime", "/resource/data/buildConfig/runtime", Absence::Unknown),
    source(
        "/encryption/key_kind",
        "/resource/data/kmsKeyName",
        Absence::Default("provider"),
    ),
    source("/encryption/key_id", "/resource/data/kmsKeyName", Absence::Absent),
    source(
        "/invocation/network",
        "/resource/data/serviceConfig/ingressSettings",
        Absence::Default("any"),
    ),
    source("/invocation/grants", "/iam_policy/bindings", Absence::Unknown),
];

pub(crate) const MAPPING: Mapping = Mapping {
    dialects: CAI,
    native_type: "cloudfunctions.googleapis.com/CloudFunction",
    kind: "compute.function",
    sources: SOURCES,
    read: |body| Ok(Box::new(Line::<FunctionData>::read(body)?)),
    build,
    role: Role::Whole,
    facets: &[DATA, IAM_POLICY],
    ..Mapping::BASE
};

pub(crate) const SECOND_MAPPING: Mapping = Mapping {
    native_type: SECOND_GENERATION,
    sources: SECOND_SOURCES,
    ..MAPPING
};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct FunctionData {
    #[serde(default)]
    runtime: Option<String>,
    #[serde(default)]
    kms_key_name: Option<String>,
    #[serde(default)]
    ingress_settings: Option<String>,
    #[serde(default)]
    build_config: Option<BuildConfig>,
    #[serde(default)]
    service_config: Option<ServiceConfig>,
}

#[derive(Debug, Deserialize)]
struct BuildConfig {
    #[serde(default)]
    runtime: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ServiceConfig {
    #[serde(default)]
    ingress_settings: Option<String>,
}

fn build(group: &Group<'_>) -> Built {
    let data = match group.native::<Line<FunctionData>>() {
        Found::Read(_, Line { data: Some(data), .. }) => Some(data),
        _ => None,
    };
    let gap = group.not_read("resource");
    let unknown = || Fact::Unknown(gap.clone());
    let function = match data {
        Some(data) => attributes(data, group),
        None => ComputeFunction {
            runtime: unknown(),
            encryption: Encryption {
                enabled: Fact::Known(true),
                key_kind: Fact::Unknown(gap.clone()),
                key_id: unknown(),
            },
            invocation: Invocation {
                network: Fact::Unknown(gap.clone()),
                grants: Fact::Absent,
            },
            ..ComputeFunction::default()
        },
    };
    let mut drafts = Vec::new();
    let mut missing = invokers::add::<FunctionData>(group, &function.invocation.network, &mut drafts);
    if group.main.mapping.native_type == SECOND_GENERATION {
        missing = missing.or_else(|| Some(group.not_read("run.googleapis.com/Service")));
    }
    function::build(function, drafts, missing)
}

fn attributes(data: &FunctionData, group: &Group<'_>) -> ComputeFunction {
    let build = data.build_config.as_ref().and_then(|build| build.runtime.clone());
    let runtime = (data.runtime.clone()).or(build).filter(|name| !name.is_empty());
    let service = (data.service_config.as_ref()).and_then(|service| service.ingress_settings.as_deref());
    let key = data.kms_key_name.clone().filter(|key| !key.is_empty());
    ComputeFunction {
        runtime: match runtime {
            Some(name) => Fact::Known(name),
            None => Fact::Unknown(group.not_read("runtime")),
        },
        encryption: Encryption {
            enabled: Fact::Known(true),
            key_kind: Fact::Known(if key.is_some() {
                KeyKind::Customer
            } else {
                KeyKind::Provider
            }),
            key_id: key.into(),
        },
        invocation: Invocation {
            network: Fact::Known(network(data.ingress_settings.as_deref().or(service))),
            grants: Fact::Absent,
        },
        ..ComputeFunction::default()
    }
}

/// Where nothing is said, every network may call. Source: `IngressSettings`.
fn network(settings: Option<&str>) -> NetworkScope {
    match settings {
        Some("ALLOW_INTERNAL_ONLY") => NetworkScope::Private,
        Some("ALLOW_INTERNAL_AND_GCLB") => NetworkScope::Selected,
        _ => NetworkScope::Any,
    }
}
