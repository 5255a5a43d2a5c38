//! Policy documents of AWS: statements, whom they are for, and what their conditions keep out.
//!
//! Source: IAM User Guide "IAM JSON policy elements reference", Amazon S3 User Guide "Blocking public access: The meaning
//! of 'public'", read 2026-11-23.

use std::collections::BTreeMap;

use ipnet::IpNet;
use nephoscope_model::{Gap, Reason};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::firewall;
use crate::json::{self, Text};
use crate::wildcard::matches;

/// Condition keys that, bound to fixed values, keep the public out. Source: the page above, and IAM User Guide "AWS
/// global condition context keys" for the principal's account and organizational unit, the name of a service, and the owner
/// of a VPC endpoint.
const NARROWING: &[&str] = &[
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:principalservicename",
    "aws:principalservicenameslist",
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:sourceorgid",
    "aws:sourceorgpaths",
    "aws:sourceowner",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:userid",
    "aws:username",
    "aws:vpceaccount",
    "aws:vpceorgid",
    "aws:vpceorgpaths",
];

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Document {
    #[serde(default)]
    statement: Option<Statements>,
}

#[derive(Debug, Deserialize)]
#[serde(transparent)]
struct Statements(#[serde(deserialize_with = "json::many")] Vec<Statement>);

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Statement {
    #[serde(default)]
    pub(crate) sid: Text,
    pub(crate) effect: String,
    #[serde(default)]
    pub(crate) principal: Option<Principal>,
    #[serde(default)]
    pub(crate) not_principal: Option<Principal>,
    #[serde(default, deserialize_with = "json::many")]
    pub(crate) action: Vec<String>,
    #[serde(default)]
    pub(crate) not_action: Option<OneOrMany>,
    #[serde(default, deserialize_with = "json::many")]
    pub(crate) resource: Vec<String>,
    #[serde(default)]
    pub(crate) not_resource: Option<OneOrMany>,
    #[serde(default)]
    pub(crate) condition: Option<BTreeMap<String, BTreeMap<String, Values>>>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged, expecting = "expected `*` or a map of principals")]
pub(crate) enum Principal {
    Text(String),
    Map(BTreeMap<String, OneOrMany>),
}

#[derive(Debug, Deserialize)]
#[serde(transparent)]
pub(crate) struct OneOrMany(#[serde(deserialize_with = "json::many")] pub(crate) Vec<String>);

#[derive(Debug, Deserialize)]
#[serde(transparent)]
pub(crate) struct Values(#[serde(deserialize_with = "values")] pub(crate) Vec<String>);

/// Reads a condition's values; booleans and numbers stand for their text.
fn values<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Value {
        One(Scalar),
        Many(Vec<Scalar>),
    }
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Scalar {
        Text(String),
        Bool(bool),
        Number(serde_json::Number),
    }
    let text = |scalar| match scalar {
        Scalar::Text(text) => text,
        Scalar::Bool(value) => value.to_string(),
        Scalar::Number(value) => value.to_string(),
    };
    Ok(match Value::deserialize(deserializer)? {
        Value::One(scalar) => vec![text(scalar)],
        Value::Many(list) => list.into_iter().map(text).collect(),
    })
}

/// Returns the statements of a policy text, `what` of messages ("bucket policy"); no text is no policy, and has none.
///
/// The text may be JSON, or JSON inside of a string.
///
/// # Errors
///
/// A gap with the reason `parse_error` when the text is no policy document.
pub(crate) fn statements(text: &str, what: &str) -> Result<Vec<Statement>, Gap> {
    let document: Option<Document> = json::unwrapped(text).map_err(|fault| {
        let detail = format!("{what}: `{}`: {}", fault.path, fault.detail);
        Gap::with(Reason::ParseError, detail)
    })?;
    let Some(document) = document else {
        return Ok(Vec::new());
    };
    // No service takes a policy without statements, so that this is something else, or spelled as none writes it.
    match document.statement {
        Some(Statements(statements)) if !statements.is_empty() => Ok(statements),
        _ => Err(Gap::with(Reason::ParseError, format!("{what}: no `Statement`"))),
    }
}

/// Returns the statements of a policy as AWS Config writes it: an object, the same in a list of one, or a text, URL-encoded
/// (as the API of IAM has it) or not.
///
/// # Errors
///
/// A gap with the reason `parse_error` when it is no policy document.
pub(crate) fn document(raw: &RawValue, what: &str) -> Result<Vec<Statement>, Gap> {
    let text = raw.get().trim();
    if text.starts_with('[') {
        return match serde_json::from_str::<Vec<Box<RawValue>>>(text).as_deref() {
            Ok([only]) => statements(only.get(), what),
            _ => Err(Gap::with(Reason::ParseError, format!("{what}: not one document"))),
        };
    }
    match serde_json::from_str::<String>(text) {
        Ok(inner) if inner.trim_start().starts_with('%') => statements(&decoded(&inner), what),
        _ => statements(text, what),
    }
}

/// Returns a URL-encoded text in plain. Source: RFC 3986, which IAM API Reference `Role` names; `+` stands for itself.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let code = after.get(..2).and_then(|code| std::str::from_utf8(code).ok());
        match code.and_then(|code| u8::from_str_radix(code, 16).ok()) {
            Some(byte) if *first == b'%' => {
                bytes.push(byte);
                rest = after.get(2..).unwrap_or_default();
            }
            _ => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Actions and resources by which "everything" is told from less; the first action manages rights.
const ACTIONS: &[&str] = &["iam:PutUserPolicy", "s3:GetObject", "ec2:RunInstances", "zzz:Probe"];
const RESOURCES: &[&str] = &[
    "arn:aws:iam::111122223333:user/probe",
    "arn:aws:s3:::probe/probe",
    "arn:aws:ec2:eu-west-1:111122223333:instance/i-0",
];
/// Actions of which each lets an identity give itself all others.
const MANAGE_RIGHTS: &[&str] = &[
    "iam:PutUserPolicy",
    "iam:AttachUserPolicy",
    "iam:PutRolePolicy",
    "iam:AttachRolePolicy",
    "iam:PutGroupPolicy",
    "iam:AttachGroupPolicy",
    "iam:CreatePolicyVersion",
];

impl Statement {
    /// Returns whether it allows everything on everything without condition. `NotAction` and `NotResource` count as
    /// everything as long as what they leave out does not take managing rights away.
    pub(crate) fn allows_everything(&self) -> bool {
        let any = |patterns: &[String], text: &str| patterns.iter().any(|pattern| matches(pattern, text));
        let every = |patterns: &[String], probes: &[&str]| {
            (patterns.iter()).any(|pattern| probes.iter().all(|probe| matches(&partition_free(pattern), probe)))
        };
        let actions = match &self.not_action {
            Some(but) => MANAGE_RIGHTS.iter().any(|action| !any(&but.0, action)),
            None => every(&self.action, ACTIONS),
        };
        let resources = match &self.not_resource {
            Some(but) => !RESOURCES.iter().any(|arn| any(&but.0, arn)),
            None => every(&self.resource, RESOURCES),
        };
        self.allows() && self.conditions().next().is_none() && actions && resources
    }

    /// Returns whether it allows, and does not deny.
    pub(crate) fn allows(&self) -> bool {
        self.effect.eq_ignore_ascii_case("allow")
    }

    /// Returns whether it denies.
    pub(crate) fn denies(&self) -> bool {
        self.effect.eq_ignore_ascii_case("deny")
    }

    /// Returns whether it is for everyone, with or without an account, conditions apart.
    pub(crate) fn is_for_everyone(&self) -> bool {
        let named = match &self.principal {
            None => false,
            Some(Principal::Text(text)) => text == "*",
            Some(Principal::Map(map)) => {
                (map.iter()).any(|(kind, ids)| matches!(kind.as_str(), "AWS" | "*") && ids.0.iter().any(|id| id == "*"))
            }
        };
        named || self.not_principal.is_some()
    }

    /// Returns the conditions one by one: operator, key, values.
    pub(crate) fn conditions(&self) -> impl Iterator<Item = (&str, &str, &[String])> {
        let conditions = self.condition.iter().flatten();
        conditions.flat_map(|(operator, keys)| {
            keys.iter()
                .map(move |(key, values)| (operator.as_str(), key.as_str(), values.0.as_slice()))
        })
    }

    /// Returns whether some condition binds requests to fixed values that the public cannot have; `own` are the
    /// service's own keys that can.
    pub(crate) fn keeps_public_out(&self, own: &[&str]) -> bool {
        self.conditions()
            .any(|(operator, key, values)| narrows(operator, key, values, own))
    }

    /// Returns whether the statement refuses every action (`every` is `s3:*`) to everyone but those whom its conditions
    /// name: it refuses where all of them hold, so that each has to let just named ones pass. An operator that negates holds
    /// where the key is absent. Source: IAM User Guide "IAM JSON policy elements: Condition operators", "Policy evaluation
    /// logic", read 2026-11-23.
    pub(crate) fn refuses_all_but_named(&self, every: &str, own: &[&str]) -> bool {
        let everyone_else = self.conditions().all(|(operator, key, values)| {
            let named = positive(operator).is_some_and(|positive| narrows(positive, key, values, own));
            named || is_no_service(operator, key, values)
        });
        everyone_else
            && self.denies()
            && self.not_principal.is_none()
            && self.is_for_everyone()
            && self
                .action
                .iter()
                .any(|action| action == "*" || action.eq_ignore_ascii_case(every))
    }

    /// Returns whether the statement is about this action, on whatever resource.
    pub(crate) fn is_about(&self, action: &str) -> bool {
        match &self.not_action {
            Some(all) => !all.0.iter().any(|pattern| matches(pattern, action)),
            None => self.action.iter().any(|pattern| matches(pattern, action)),
        }
    }

    /// Returns whether the statement is about this action on this ARN of the partition `aws`.
    pub(crate) fn covers(&self, action: &str, arn: &str) -> bool {
        self.is_about(action)
            && self.resource.iter().any(|pattern| {
                // The partition says nothing about which bucket or objects are meant.
                matches(&partition_free(pattern), arn)
            })
    }
}

/// Returns a pattern of ARNs as of the partition `aws`.
fn partition_free(pattern: &str) -> String {
    pattern
        .replacen("arn:aws-cn:", "arn:aws:", 1)
        .replacen("arn:aws-us-gov:", "arn:aws:", 1)
}

/// Returns whether a condition holds for everyone but services of AWS. Requests without a signature lack the key, and only
/// `…IfExists` holds for them. Source: IAM User Guide "AWS global condition context keys", `aws:PrincipalIsAWSService`.
fn is_no_service(operator: &str, key: &str, values: &[String]) -> bool {
    operator.eq_ignore_ascii_case("BoolIfExists")
        && key.eq_ignore_ascii_case("aws:PrincipalIsAWSService")
        && values.iter().any(|value| value.eq_ignore_ascii_case("false"))
}

/// Returns the operator that holds exactly where a negating one does not, of those by which [`narrows`] judges. What negates
/// holds where the key is absent, with `IfExists` or without.
pub(crate) fn positive(operator: &str) -> Option<&'static str> {
    let operator = operator.to_ascii_lowercase();
    Some(match operator.strip_suffix("ifexists").unwrap_or(&operator) {
        "stringnotequals" => "stringequals",
        "stringnotequalsignorecase" => "stringequalsignorecase",
        "stringnotlike" => "stringlike",
        "arnnotequals" | "arnnotlike" => "arnlike",
        "notipaddress" => "ipaddress",
        _ => return None,
    })
}

/// Returns whether a condition binds a request to fixed values that the public cannot have. `own` are further keys, of the service.
pub(crate) fn narrows(operator: &str, key: &str, values: &[String], own: &[&str]) -> bool {
    let operator = operator.to_ascii_lowercase();
    let operator = operator.strip_prefix("foranyvalue:").unwrap_or(&operator);
    let key = key.to_ascii_lowercase();
    if values.is_empty() {
        return false;
    }
    match operator {
        "ipaddress" => {
            key == "aws:sourceip" && values.iter().all(|value| is_narrow_range(value)) && firewall::are_few(values)
        }
        // Services sign with principals of their own.
        "bool" => key == "aws:principalisawsservice" && values.iter().all(|value| value.eq_ignore_ascii_case("true")),
        // `…IfExists` and `ForAllValues:` hold when the key is absent, which the public can arrange.
        "stringequals" | "stringequalsignorecase" | "stringlike" | "arnequals" | "arnlike" => {
            let pattern = matches!(operator, "stringlike" | "arnequals" | "arnlike");
            (NARROWING.contains(&key.as_str()) || own.contains(&key.as_str()))
                && values.iter().all(|value| is_fixed(value, pattern))
        }
        _ => false,
    }
}

/// Ranges broader than /8 (IPv4) and /32 (IPv6) count as public unless they are private. Source: the page above.
fn is_narrow_range(text: &str) -> bool {
    match firewall::network(text) {
        Some(IpNet::V4(net)) => net.prefix_len() >= 8 || firewall::is_private(net),
        Some(IpNet::V6(net)) => net.prefix_len() >= 32,
        None => false,
    }
}

/// Returns whether a value names something certain: no wildcard (an ARN may have one after its account), no variable.
pub(crate) fn is_fixed(value: &str, pattern: bool) -> bool {
    if value.contains("${") {
        return false;
    }
    let account = value.strip_prefix("arn:").and_then(|arn| arn.split(':').nth(3));
    let bound = account.is_some_and(|account| account.len() == 12 && account.bytes().all(|b| b.is_ascii_digit()));
    // `AROA…:*`, of `aws:userid`, is any session of one role.
    let session = !value.starts_with("arn:")
        && value
            .strip_suffix(":*")
            .is_some_and(|id| !id.is_empty() && !id.contains(['*', '?']));
    // The name of a bucket is one account's alone.
    let bucket = value
        .strip_prefix("arn:")
        .and_then(|arn| arn.strip_prefix("aws:s3:*:*:"))
        .is_some_and(|name| !name.is_empty() && !name.contains(['*', '?']));
    // `o-…/*` is everyone below one organization, as a path of organizational units has it.
    let named = value.split(['*', '?']).next().unwrap_or_default();
    let organization = named
        .strip_prefix("o-")
        .and_then(|rest| rest.find('/'))
        .is_some_and(|end| end > 0);
    // Without a pattern operator `*` means itself, which no request has; S3 counts it as public all the same.
    let wild = value.contains('*') || (pattern && value.contains('?'));
    !wild || bound || session || bucket || organization
}

#[cfg(test)]
mod tests;
