//! `AWS::Lambda::Function` → `compute.function`.
//!
//! The policy of the function is supplementary and not always recorded: without it, nobody knows who may call. Whether
//! the function has a URL stands in another resource; a statement for requests without credentials counts as if it had.
//! Source: AWS Config resource schema `AWS::Lambda::Function`, AWS Lambda Developer Guide "Control access to Lambda
//! function URLs", "Viewing resource-based IAM policies in Lambda".

use nephoscope_model::kinds::{ComputeFunction, Encryption, Invocation, InvokeGrant, KeyKind, PublicPrincipal};
use nephoscope_model::{Fact, Gap, Reason};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::policy_document::{self, Statement};
use super::{CONFIG, CONFIGURATION, SUPPLEMENTARY};
use crate::body::Body;
use crate::error::NormalizeError;
use crate::function::{self, Draft};
use crate::group::{Built, Found, Group};
use crate::json;
use crate::mapping::{Absence, Mapping, Native, Source, source};

const POLICY: &str = "/supplementaryConfiguration/Policy";

const SOURCES: &[Source] = &[
    source("/runtime", "/configuration/runtime", Absence::Absent),
    source(
        "/encryption/key_kind",
        "/configuration/kmskeyArn",
        Absence::Default("provider"),
    ),
    source("/encryption/key_id", "/configuration/kmskeyArn", Absence::Absent),
    source("/invocation/grants", POLICY, Absence::Unknown),
];

pub(crate) const MAPPING: Mapping = Mapping {
    dialects: CONFIG,
    native_type: "AWS::Lambda::Function",
    kind: "compute.function",
    sources: SOURCES,
    read,
    build,
    ..Mapping::BASE
};

/// What is kept of an item: the policy only as what it means.
struct Lambda {
    configuration: Option<Configuration>,
    grants: Result<Vec<Grant>, Gap>,
}

#[derive(Debug, Deserialize)]
struct Configuration {
    #[serde(default)]
    runtime: Option<String>,
    // As items have it, and as the service's own API does.
    #[serde(
        default,
        rename = "kmskeyArn",
        alias = "kmsKeyArn",
        alias = "kMSKeyArn",
        alias = "KMSKeyArn"
    )]
    kms_key_arn: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Supplementary {
    #[serde(default)]
    policy: Option<Box<RawValue>>,
}

/// A policy may stand inside of the reply that it came in.
#[derive(Debug, Deserialize)]
struct Reply {
    #[serde(default, alias = "Policy")]
    policy: Option<Box<RawValue>>,
}

/// One statement that lets strangers call.
pub(crate) struct Grant {
    pub(crate) principal: PublicPrincipal,
    pub(crate) sid: Option<String>,
    pub(crate) admin: bool,
    index: usize,
}

fn read(body: &Body<'_>) -> Result<Native, NormalizeError> {
    let supplementary: Option<Supplementary> = body.section(SUPPLEMENTARY)?;
    let text = supplementary
        .and_then(|all| all.policy)
        .filter(|text| text.get() != "null");
    let grants = match text {
        Some(text) => grants(text.get()),
        None => Err(Gap::with(Reason::NotRead, format!("policy of {}", body.id))),
    };
    Ok(Box::new(Lambda {
        configuration: body.section(CONFIGURATION)?,
        grants,
    }))
}

/// Returns what the policy of a function grants to strangers.
///
/// # Errors
///
/// A gap with the reason `parse_error` when the text is no policy document.
pub(crate) fn grants(text: &str) -> Result<Vec<Grant>, Gap> {
    let reply: Option<Reply> = json::unwrapped(text).unwrap_or_default();
    let inner = reply.and_then(|reply| reply.policy);
    let text = inner.as_ref().map_or(text, |inner| inner.get());
    let statements = policy_document::statements(text, "function policy")?;
    Ok((statements.into_iter().enumerate())
        .filter_map(|(index, statement)| grant(statement, index))
        .collect())
}

/// Requests without credentials come by the function's URL, where the statement is for those; everything else that is
/// for everyone still asks for a signature of some account.
fn grant(statement: Statement, index: usize) -> Option<Grant> {
    if !statement.allows() || !statement.is_for_everyone() || statement.keeps_public_out(&[]) {
        return None;
    }
    let allowed = |action: &str| statement.is_about(action);
    let signed = statement.conditions().any(|(operator, key, values)| {
        operator.eq_ignore_ascii_case("StringEquals")
            && key.eq_ignore_ascii_case("lambda:FunctionUrlAuthType")
            && values.iter().all(|value| value.eq_ignore_ascii_case("AWS_IAM"))
    });
    let by_url = allowed("lambda:InvokeFunctionUrl");
    let admin = [
        "lambda:UpdateFunctionCode",
        "lambda:AddPermission",
        "lambda:UpdateFunctionConfiguration",
    ];
    let admin = admin.into_iter().any(allowed);
    (by_url || admin || allowed("lambda:InvokeFunction") || allowed("lambda:InvokeAsync")).then(|| Grant {
        principal: if by_url && !signed {
            PublicPrincipal::Everyone
        } else {
            PublicPrincipal::AnyAuthenticated
        },
        sid: statement.sid.clone().take(),
        admin,
        index,
    })
}

fn build(group: &Group<'_>) -> Built {
    let Found::Read(piece, native) = group.native::<Lambda>() else {
        return Built::unknown(Gap::with(Reason::NotRead, "configuration"));
    };
    let Some(configuration) = &native.configuration else {
        return Built::unknown(Gap::with(Reason::NotRead, "configuration"));
    };
    let drafts = (native.grants.iter().flatten())
        .map(|grant| Draft {
            grant: InvokeGrant {
                principal: grant.principal,
                name: grant.sid.clone(),
                admin: grant.admin,
                effective: Fact::Known(true),
            },
            origin: piece.origin().cloned(),
            pointer: format!("{POLICY}/Statement/{}", grant.index),
        })
        .collect();
    let key = configuration.kms_key_arn.clone().filter(|key| !key.is_empty());
    let function = ComputeFunction {
        runtime: configuration.runtime.clone().filter(|name| !name.is_empty()).into(),
        // Without a key of one's own it is one that Lambda owns. Source: "Securing Lambda environment variables".
        encryption: Encryption {
            enabled: Fact::Known(true),
            key_kind: Fact::Known(if key.is_some() {
                KeyKind::Customer
            } else {
                KeyKind::Provider
            }),
            key_id: key.into(),
        },
        invocation: Invocation::default(),
        ..ComputeFunction::default()
    };
    function::build(function, drafts, native.grants.as_ref().err().cloned())
}
