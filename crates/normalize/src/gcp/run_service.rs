//! `run.googleapis.com/Service`, resource and IAM policy → `compute.function`.
//!
//! Assets are in the form of the API v1, whose settings are annotations; that of v2 is read as well. A service runs an
//! image, so it has no runtime that the provider names. Source: Cloud Run Admin API v1 `namespaces.services`, v2
//! `projects.locations.services`, "Disable IAM check for Cloud Run services".

use std::collections::BTreeMap;

use nephoscope_model::Fact;
use nephoscope_model::kinds::{
    ComputeFunction, Encryption, Invocation, InvokeGrant, KeyKind, NetworkScope, PublicPrincipal,
};
use serde::Deserialize;

use super::iam_policy::Line;
use super::{CAI, DATA, IAM_POLICY, invokers};
use crate::function::{self, Draft};
use crate::group::{Built, Found, Group};
use crate::json::{self, Text};
use crate::mapping::{Absence, Mapping, Role, Source, source};

const INGRESS: &str = "run.googleapis.com/ingress";
const NO_CHECK: &str = "run.googleapis.com/invoker-iam-disabled";
const KEY: &str = "run.googleapis.com/encryption-key";

const SOURCES: &[Source] = &[
    source(
        "/encryption/key_kind",
        "/resource/data/spec/template/metadata/annotations",
        Absence::Default("provider"),
    ),
    source(
        "/encryption/key_id",
        "/resource/data/spec/template/metadata/annotations",
        Absence::Absent,
    ),
    source(
        "/encryption/key_id",
        "/resource/data/template/encryptionKey",
        Absence::Absent,
    ),
    source(
        "/invocation/network",
        "/resource/data/metadata/annotations",
        Absence::Default("any"),
    ),
    source("/invocation/network", "/resource/data/ingress", Absence::Default("any")),
    source("/invocation/grants", "/iam_policy/bindings", Absence::Unknown),
    source(
        "/invocation/grants",
        "/resource/data/metadata/annotations",
        Absence::Default("[]"),
    ),
    source(
        "/invocation/grants",
        "/resource/data/invokerIamDisabled",
        Absence::Default("[]"),
    ),
];

pub(crate) const MAPPING: Mapping = Mapping {
    dialects: CAI,
    native_type: "run.googleapis.com/Service",
    kind: "compute.function",
    sources: SOURCES,
    read: |body| Ok(Box::new(Line::<Service>::read(body)?)),
    build,
    role: Role::Whole,
    facets: &[DATA, IAM_POLICY],
    ..Mapping::BASE
};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Service {
    #[serde(default)]
    metadata: Option<Metadata>,
    #[serde(default)]
    spec: Option<Spec>,
    #[serde(default)]
    ingress: Option<String>,
    #[serde(default, deserialize_with = "json::flag")]
    invoker_iam_disabled: Option<bool>,
    #[serde(default)]
    template: Option<Template>,
}

#[derive(Debug, Deserialize)]
struct Spec {
    #[serde(default)]
    template: Option<Template>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Template {
    #[serde(default)]
    metadata: Option<Metadata>,
    #[serde(default)]
    encryption_key: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Metadata {
    #[serde(default)]
    annotations: Option<BTreeMap<String, Text>>,
}

impl Metadata {
    fn get(&self, name: &str) -> Option<&str> {
        self.annotations.as_ref()?.get(name)?.0.as_deref()
    }
}

impl Service {
    fn annotation(&self, name: &str) -> Option<&str> {
        self.metadata.as_ref()?.get(name)
    }

    fn key(&self) -> Option<&str> {
        let old = (self.spec.as_ref()).and_then(|spec| spec.template.as_ref()?.metadata.as_ref()?.get(KEY));
        let new = || self.template.as_ref()?.encryption_key.as_deref();
        old.or_else(new).filter(|key| !key.is_empty())
    }

    /// Where nothing is said, every network may call. Source: "Restrict network ingress for Cloud Run".
    fn network(&self) -> NetworkScope {
        match self.annotation(INGRESS).or(self.ingress.as_deref()) {
            Some("internal" | "INGRESS_TRAFFIC_INTERNAL_ONLY" | "none" | "INGRESS_TRAFFIC_NONE") => {
                NetworkScope::Private
            }
            Some("internal-and-cloud-load-balancing" | "INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER") => {
                NetworkScope::Selected
            }
            _ => NetworkScope::Any,
        }
    }

    /// Where IAM is not asked, and where that stands.
    fn unchecked(&self) -> Option<&'static str> {
        let annotated = self
            .annotation(NO_CHECK)
            .is_some_and(|text| text.eq_ignore_ascii_case("true"));
        if annotated {
            return Some("/resource/data/metadata/annotations/run.googleapis.com~1invoker-iam-disabled");
        }
        (self.invoker_iam_disabled == Some(true)).then_some("/resource/data/invokerIamDisabled")
    }
}

fn build(group: &Group<'_>) -> Built {
    let mut drafts = Vec::new();
    let gap = group.not_read("resource");
    let mut function = ComputeFunction::default();
    function.encryption.enabled = Fact::Known(true);
    match group.native::<Line<Service>>() {
        Found::Read(
            piece,
            Line {
                data: Some(service), ..
            },
        ) => {
            let key = service.key();
            function.encryption = Encryption {
                enabled: Fact::Known(true),
                key_kind: Fact::Known(if key.is_some() {
                    KeyKind::Customer
                } else {
                    KeyKind::Provider
                }),
                key_id: key.map(str::to_owned).into(),
            };
            function.invocation = Invocation {
                network: Fact::Known(service.network()),
                grants: Fact::Absent,
            };
            drafts.extend(service.unchecked().map(|pointer| Draft {
                grant: InvokeGrant {
                    principal: PublicPrincipal::Everyone,
                    name: None,
                    admin: false,
                    effective: invokers::effective(&function.invocation.network),
                },
                origin: piece.origin().cloned(),
                pointer: pointer.to_owned(),
            }));
        }
        _ => {
            function.encryption.key_kind = Fact::Unknown(gap.clone());
            function.encryption.key_id = Fact::Unknown(gap.clone());
            function.invocation.network = Fact::Unknown(gap.clone());
        }
    }
    let mut missing = invokers::add::<Service>(group, &function.invocation.network, &mut drafts);
    // A service whose resource was not read may leave IAM unasked.
    if function.invocation.network.value().is_none() {
        missing = missing.or(Some(gap));
    }
    function::build(function, drafts, missing)
}
