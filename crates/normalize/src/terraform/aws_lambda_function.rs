//! `aws_lambda_function` with its permissions and URLs → `compute.function`.
//!
//! A URL that asks for no credentials comes with a permission for everyone, which the provider adds itself. Source:
//! Terraform AWS provider documentation of `aws_lambda_function`, `aws_lambda_permission` and `aws_lambda_function_url`, and
//! its `internal/service/lambda/function_url.go`; AWS Lambda Developer Guide "Securing Lambda environment variables", read
//! 2026-11-25.

use std::collections::BTreeMap;

use nephoscope_model::kinds::{ComputeFunction, Invocation, InvokeGrant, PublicPrincipal};
use nephoscope_model::{Fact, Gap, Reason};
use serde_json::json;

use super::keys::{self, Keys};
use super::planned::{self, Planned};
use super::{PLAN, WHOLE, join};
use crate::aws::lambda_function;
use crate::function::{self, Draft};
use crate::group::{Built, Found, Group, Piece};
use crate::mapping::{Absence, Mapping, Role, Source, source};

const NATIVE_TYPE: &str = "aws_lambda_function";

const KEYS: Keys = Keys {
    made_by: keys::OF_KMS,
    managed: None,
    told_by: None,
};

const SOURCES: &[Source] = &[
    source("/runtime", "/values/runtime", Absence::Absent),
    source(
        "/encryption/key_kind",
        "/values/kms_key_arn",
        Absence::Default("provider"),
    ),
    source("/encryption/key_id", "/values/kms_key_arn", Absence::Absent),
];

pub(super) const FUNCTION: Mapping = Mapping {
    native_type: NATIVE_TYPE,
    kind: "compute.function",
    sources: SOURCES,
    read: |body| planned::read(body, &["function_name", "arn", "runtime", "kms_key_arn"]),
    build,
    names: Some(|resource, native| join::whole(resource, native, &[&["function_name"], &["arn"]])),
    ..WHOLE
};

const PART: Mapping = Mapping {
    dialects: PLAN,
    kind: "compute.function",
    role: Role::Part {
        of: NATIVE_TYPE,
        names: |resource, native| join::part(resource, native, NATIVE_TYPE, &[&["function_name"]]),
    },
    ..Mapping::BASE
};

/// Arguments of a permission that are conditions of its statement.
const CONDITIONS: &[(&str, &str, &str)] = &[
    ("/source_account", "StringEquals", "AWS:SourceAccount"),
    ("/principal_org_id", "StringEquals", "aws:PrincipalOrgID"),
    ("/function_url_auth_type", "StringEquals", "lambda:FunctionUrlAuthType"),
    ("/source_arn", "ArnLike", "AWS:SourceArn"),
];

pub(super) const PERMISSION: Mapping = Mapping {
    native_type: "aws_lambda_permission",
    sources: &[
        source("/invocation/grants", "/values/principal", Absence::Unknown),
        source("/invocation/grants", "/values/action", Absence::Unknown),
        source("/invocation/grants", "/values/source_account", Absence::Absent),
        source("/invocation/grants", "/values/source_arn", Absence::Absent),
        source("/invocation/grants", "/values/principal_org_id", Absence::Absent),
        source("/invocation/grants", "/values/function_url_auth_type", Absence::Absent),
    ],
    read: |body| {
        planned::read(
            body,
            &[
                "function_name",
                "statement_id",
                "principal",
                "action",
                "source_account",
                "source_arn",
                "principal_org_id",
                "function_url_auth_type",
            ],
        )
    },
    ..PART
};

pub(super) const URL: Mapping = Mapping {
    native_type: "aws_lambda_function_url",
    sources: &[source(
        "/invocation/grants",
        "/values/authorization_type",
        Absence::Unknown,
    )],
    read: |body| planned::read(body, &["function_name", "authorization_type"]),
    ..PART
};

fn build(group: &Group<'_>) -> Built {
    let Found::Read(_, native) = group.native::<Planned>() else {
        return Built::unknown(Gap::with(Reason::NotRead, "values"));
    };
    // A new function may be called by nobody whom the plan does not name.
    let mut missing = (!native.created).then(|| group.not_read(PERMISSION.native_type));
    let mut drafts = Vec::new();
    for piece in &group.parts {
        match piece.get::<Planned>() {
            Found::Read(piece, part) => {
                let found = if piece.mapping.native_type == URL.native_type {
                    url(piece, part)
                } else {
                    permission(piece, part)
                };
                match found {
                    Ok(found) => drafts.extend(found),
                    Err(gap) => missing = Some(gap),
                }
            }
            Found::Failed(gap) => missing = Some(gap),
            Found::Missing => {}
        }
    }
    let attributes = ComputeFunction {
        runtime: native.at("/runtime").text(),
        // Without a key of one's own it is one that Lambda owns.
        encryption: KEYS.encryption(&native.at("/kms_key_arn")),
        invocation: Invocation::default(),
        ..ComputeFunction::default()
    };
    function::build(attributes, drafts, missing)
}

fn url(piece: &Piece, part: &Planned) -> Result<Vec<Draft>, Gap> {
    let spot = part.at("/authorization_type");
    match spot.text() {
        Fact::Known(kind) | Fact::Partial(kind, _) if kind == "NONE" => Ok(vec![Draft {
            grant: InvokeGrant {
                principal: PublicPrincipal::Everyone,
                name: Some("FunctionURLAllowPublicAccess".to_owned()),
                admin: false,
                effective: Fact::Known(true),
            },
            origin: piece.origin().cloned(),
            pointer: spot.native(),
        }]),
        Fact::Unknown(gap) => Err(gap),
        _ => Ok(Vec::new()),
    }
}

/// Reads a permission as the statement that Lambda makes of it.
fn permission(piece: &Piece, part: &Planned) -> Result<Vec<Draft>, Gap> {
    let spot = part.at("/principal");
    match spot.text() {
        Fact::Known(principal) if principal == "*" => {}
        Fact::Unknown(gap) => return Err(gap),
        _ => return Ok(Vec::new()),
    }
    let action = match part.at("/action").text() {
        Fact::Unknown(gap) => return Err(gap),
        other => other.value().cloned().unwrap_or_default(),
    };
    let mut conditions: BTreeMap<&str, BTreeMap<&str, String>> = BTreeMap::new();
    let mut open = None;
    for (at, operator, key) in CONDITIONS {
        match part.at(*at).text() {
            Fact::Known(value) | Fact::Partial(value, _) => {
                conditions.entry(operator).or_default().insert(key, value);
            }
            Fact::Unknown(gap) => open = Some(gap),
            Fact::Absent => {}
        }
    }
    let sid = part.at("/statement_id").text().value().cloned();
    let policy = json!({"Statement": [{
        "Sid": sid.unwrap_or_default(),
        "Effect": "Allow",
        "Principal": "*",
        "Action": action,
        "Resource": "*",
        "Condition": conditions,
    }]});
    let grants = lambda_function::grants(&policy.to_string())?;
    let drafts = grants.into_iter().map(|grant| Draft {
        grant: InvokeGrant {
            principal: grant.principal,
            name: grant.sid,
            admin: grant.admin,
            // A condition that is not known yet may keep the public out.
            effective: open.clone().map_or(Fact::Known(true), Fact::Unknown),
        },
        origin: piece.origin().cloned(),
        pointer: spot.native(),
    });
    Ok(drafts.collect())
}
