//! S3 bucket policies: what they grant to the public, and whether they refuse requests without TLS.
//!
//! Source: Amazon S3 User Guide "Blocking public access: The meaning of 'public'", IAM User Guide "IAM JSON policy
//! elements reference", read 2026-11-23.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use ipnet::{IpNet, Ipv4Net};
use nephoscope_model::kinds::GrantAccess;
use nephoscope_model::{Gap, Reason};
use serde::Deserialize;

use crate::json::{self, Text};

/// What a bucket's policy means for the attributes.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct PolicyFacts {
    pub(crate) grants: Vec<PolicyGrant>,
    /// Statements refuse everyone's requests without TLS, for the bucket and every object.
    pub(crate) requires_tls: bool,
}

/// One statement that lets everyone in.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct PolicyGrant {
    pub(crate) access: GrantAccess,
    pub(crate) sid: Option<String>,
    /// Index of the statement; `None` where the policy has one that stands in no list.
    pub(crate) index: usize,
}

/// Condition keys that, bound to fixed values, keep the public out. Source: the page above, and IAM User Guide "AWS
/// global condition context keys" for the principal's account and organizational unit.
const NARROWING: &[&str] = &[
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:sourceorgid",
    "aws:sourceorgpaths",
    "aws:sourceowner",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:userid",
    "aws:username",
    "s3:dataaccesspointaccount",
    "s3:dataaccesspointarn",
    "s3:x-amz-server-side-encryption-aws-kms-key-id",
];

/// Actions that change permissions.
const ADMIN: &[&str] = &[
    "PutBucketPolicy",
    "DeleteBucketPolicy",
    "PutBucketAcl",
    "PutObjectAcl",
    "PutObjectVersionAcl",
    "PutBucketPublicAccessBlock",
    "PutBucketOwnershipControls",
    "PutAccessPointPolicy",
    "DeleteAccessPointPolicy",
    "BypassGovernanceRetention",
    "ObjectOwnerOverrideToBucketOwner",
];

/// Beginnings of actions that change something else.
const WRITE: &[&str] = &[
    "Put",
    "Delete",
    "Create",
    "Abort",
    "Restore",
    "Replicate",
    "Update",
    "Initiate",
    "Tag",
    "Untag",
    "Submit",
];

/// Actions that read objects.
const READ: &[&str] = &[
    "GetObject",
    "GetObjectVersion",
    "GetObjectTorrent",
    "GetObjectVersionTorrent",
];

/// Samples by which a pattern is judged: what it matches, it allows.
const SAMPLES: &[&str] = &[
    "PutObject",
    "DeleteObject",
    "DeleteObjectVersion",
    "DeleteBucket",
    "PutBucketVersioning",
    "AbortMultipartUpload",
    "RestoreObject",
    "ReplicateObject",
    "CreateBucket",
    "ListBucket",
    "GetBucketAcl",
    "GetBucketLocation",
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
struct Statement {
    #[serde(default)]
    sid: Text,
    effect: String,
    #[serde(default)]
    principal: Option<Principal>,
    #[serde(default)]
    not_principal: Option<Principal>,
    #[serde(default, deserialize_with = "json::many")]
    action: Vec<String>,
    #[serde(default)]
    not_action: Option<OneOrMany>,
    #[serde(default, deserialize_with = "json::many")]
    resource: Vec<String>,
    #[serde(default)]
    condition: Option<BTreeMap<String, BTreeMap<String, Values>>>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged, expecting = "expected `*` or a map of principals")]
enum Principal {
    Text(String),
    Map(BTreeMap<String, OneOrMany>),
}

#[derive(Debug, Deserialize)]
#[serde(transparent)]
struct OneOrMany(#[serde(deserialize_with = "json::many")] Vec<String>);

#[derive(Debug, Deserialize)]
#[serde(transparent)]
struct Values(#[serde(deserialize_with = "values")] Vec<String>);

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

/// Returns what the policy text means; no text is no policy.
///
/// # Errors
///
/// A gap with the reason `parse_error` when the text is no policy document.
pub(crate) fn read(text: &str, bucket: &str) -> Result<PolicyFacts, Gap> {
    let document: Option<Document> = json::unwrapped(text).map_err(|fault| {
        let detail = format!("bucket policy: `{}`: {}", fault.path, fault.detail);
        Gap::with(Reason::ParseError, detail)
    })?;
    let Some(document) = document else {
        return Ok(PolicyFacts::default());
    };
    // S3 takes no policy without statements, so that this is something else, or spelled as S3 never writes it.
    let Some(Statements(statements)) = document.statement.filter(|all| !all.0.is_empty()) else {
        return Err(Gap::with(Reason::ParseError, "bucket policy: no `Statement`"));
    };
    let shut = statements.iter().any(|statement| statement.refuses_the_public(bucket));
    Ok(PolicyFacts {
        requires_tls: requires_tls(&statements, bucket),
        grants: (statements.into_iter().enumerate())
            .filter_map(|(index, statement)| {
                let access = statement.grants_to_public().filter(|_| !shut)?;
                Some(PolicyGrant {
                    access,
                    sid: statement.sid.take(),
                    index,
                })
            })
            .collect(),
    })
}

impl Statement {
    fn is_for_everyone(&self) -> bool {
        let named = match &self.principal {
            None => false,
            Some(Principal::Text(text)) => text == "*",
            Some(Principal::Map(map)) => {
                (map.iter()).any(|(kind, ids)| matches!(kind.as_str(), "AWS" | "*") && ids.0.iter().any(|id| id == "*"))
            }
        };
        named || self.not_principal.is_some()
    }

    /// Returns the strongest access that the statement gives to everyone.
    fn grants_to_public(&self) -> Option<GrantAccess> {
        if !self.effect.eq_ignore_ascii_case("allow") || !self.is_for_everyone() || self.keeps_public_out() {
            return None;
        }
        if self.not_action.is_some() {
            return Some(GrantAccess::Admin);
        }
        self.action.iter().filter_map(|action| access(action)).max()
    }

    fn keeps_public_out(&self) -> bool {
        let conditions = self.condition.iter().flatten();
        conditions
            .flat_map(|(operator, keys)| keys.iter().map(move |(key, values)| (operator, key, values)))
            .any(|(operator, key, values)| narrows(operator, key, &values.0))
    }

    /// Returns whether the statement refuses every action on bucket and objects to everyone but those whom one condition
    /// names. An operator that negates holds where the key is absent. Source: IAM User Guide "IAM JSON policy elements:
    /// Condition operators", "Policy evaluation logic", read 2026-11-23.
    fn refuses_the_public(&self, bucket: &str) -> bool {
        let conditions: Vec<_> = (self.condition.iter().flatten())
            .flat_map(|(operator, keys)| keys.iter().map(move |(key, values)| (operator, key, values)))
            .collect();
        let everyone_else = match conditions.as_slice() {
            [] => true,
            [(operator, key, values)] => {
                let positive = match operator.to_ascii_lowercase().as_str() {
                    "stringnotequals" => "stringequals",
                    "stringnotequalsignorecase" => "stringequalsignorecase",
                    "stringnotlike" => "stringlike",
                    "arnnotequals" | "arnnotlike" => "arnlike",
                    "notipaddress" => "ipaddress",
                    _ => return false,
                };
                narrows(positive, key, &values.0)
            }
            _ => false,
        };
        let bucket = format!("arn:aws:s3:::{bucket}");
        everyone_else
            && self.effect.eq_ignore_ascii_case("deny")
            && self.not_principal.is_none()
            && self.is_for_everyone()
            && self
                .action
                .iter()
                .any(|action| action == "*" || action.eq_ignore_ascii_case("s3:*"))
            && [
                bucket.clone(),
                format!("{bucket}/a"),
                format!("{bucket}/nephoscope/probe"),
            ]
            .iter()
            .all(|arn| self.covers("s3:GetObject", arn))
    }

    /// Returns whether the statement refuses everyone's requests without TLS, whichever it covers.
    fn refuses_plain_text(&self) -> bool {
        let only_tls = self.condition.as_ref().is_some_and(|condition| {
            condition.len() == 1
                && condition.iter().all(|(operator, keys)| {
                    ["bool", "boolifexists"].contains(&operator.to_ascii_lowercase().as_str())
                        && keys.len() == 1
                        && keys.iter().all(|(key, values)| {
                            key.eq_ignore_ascii_case("aws:SecureTransport")
                                && values.0.iter().any(|value| value.eq_ignore_ascii_case("false"))
                        })
                })
        });
        self.effect.eq_ignore_ascii_case("deny") && self.not_principal.is_none() && self.is_for_everyone() && only_tls
    }

    /// Returns whether the statement is about this action on this ARN of the partition `aws`.
    fn covers(&self, action: &str, arn: &str) -> bool {
        let action = match &self.not_action {
            Some(all) => !all.0.iter().any(|pattern| matches(pattern, action)),
            None => self.action.iter().any(|pattern| matches(pattern, action)),
        };
        action
            && self.resource.iter().any(|pattern| {
                // The partition says nothing about which bucket or objects are meant.
                let pattern = pattern
                    .replacen("arn:aws-cn:", "arn:aws:", 1)
                    .replacen("arn:aws-us-gov:", "arn:aws:", 1);
                matches(&pattern, arn)
            })
    }
}

/// Returns whether the statements together refuse requests without TLS, on the bucket itself and on every object.
///
/// Source: Amazon S3 User Guide "Security best practices: enforce encryption of data in transit", read 2026-11-23.
fn requires_tls(statements: &[Statement], bucket: &str) -> bool {
    let denials: Vec<&Statement> = statements.iter().filter(|all| all.refuses_plain_text()).collect();
    let bucket = format!("arn:aws:s3:::{bucket}");
    let objects = ["a", "nephoscope/probe"].map(|object| format!("{bucket}/{object}"));
    let refused = |action: &str, arn: &str| denials.iter().any(|denial| denial.covers(action, arn));
    refused("s3:ListBucket", &bucket)
        && ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"]
            .iter()
            .all(|action| objects.iter().all(|object| refused(action, object)))
}

/// Returns whether a condition binds a request to fixed values that the public cannot have.
fn narrows(operator: &str, key: &str, values: &[String]) -> bool {
    let operator = operator.to_ascii_lowercase();
    let operator = operator.strip_prefix("foranyvalue:").unwrap_or(&operator);
    let key = key.to_ascii_lowercase();
    if values.is_empty() {
        return false;
    }
    match operator {
        "ipaddress" => key == "aws:sourceip" && values.iter().all(|value| is_narrow_range(value)) && are_few(values),
        // Services sign with principals of their own.
        "bool" => key == "aws:principalisawsservice" && values.iter().all(|value| value.eq_ignore_ascii_case("true")),
        // `…IfExists` and `ForAllValues:` hold when the key is absent, which the public can arrange.
        "stringequals" | "stringequalsignorecase" | "stringlike" | "arnequals" | "arnlike" => {
            let pattern = matches!(operator, "stringlike" | "arnequals" | "arnlike");
            NARROWING.contains(&key.as_str()) && values.iter().all(|value| is_fixed(value, pattern))
        }
        _ => false,
    }
}

/// Ranges broader than /8 (IPv4) and /32 (IPv6) count as public unless they are private. Source: the page above.
fn is_narrow_range(text: &str) -> bool {
    match crate::firewall::network(text) {
        Some(IpNet::V4(net)) => net.prefix_len() >= 8 || is_private(net),
        Some(IpNet::V6(net)) => net.prefix_len() >= 32,
        None => false,
    }
}

/// Returns whether ranges that are narrow one by one are so together: fewer public addresses than a /4 of IPv4 or a
/// /12 of IPv6, as of firewalls.
fn are_few(values: &[String]) -> bool {
    let nets = values.iter().filter_map(|value| crate::firewall::network(value));
    let nets: Vec<IpNet> = nets
        .filter(|net| !matches!(net, IpNet::V4(net) if is_private(*net)))
        .collect();
    let (mut v4, mut v6) = (0_u128, 0_u128);
    for net in IpNet::aggregate(&nets) {
        let size = 1_u128.checked_shl(u32::from(net.max_prefix_len() - net.prefix_len()));
        let sum = if net.max_prefix_len() == 32 { &mut v4 } else { &mut v6 };
        *sum = sum.saturating_add(size.unwrap_or(u128::MAX));
    }
    v4 < 1 << (32 - 4) && v6 < 1 << (128 - 12)
}

fn is_private(net: Ipv4Net) -> bool {
    Ipv4Addr::is_private(&net.network()) && Ipv4Addr::is_private(&net.broadcast())
}

/// Returns whether a value names something certain: no wildcard (an ARN may have one after its account), no variable.
fn is_fixed(value: &str, pattern: bool) -> bool {
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
    // Without a pattern operator `*` means itself, which no request has; S3 counts it as public all the same.
    let wild = value.contains('*') || (pattern && value.contains('?'));
    !wild || bound || session
}

/// Returns the strongest access that an action or pattern allows in S3.
pub(crate) fn access(action: &str) -> Option<GrantAccess> {
    if action == "*" {
        return Some(GrantAccess::Admin);
    }
    let (service, name) = action.split_once(':')?;
    if !service.eq_ignore_ascii_case("s3") {
        return None;
    }
    if !name.contains(['*', '?']) {
        return Some(literal(name));
    }
    let samples = ADMIN.iter().chain(READ).chain(SAMPLES);
    let strongest = samples
        .filter(|sample| matches(name, sample))
        .map(|sample| literal(sample))
        .max();
    Some(strongest.unwrap_or(GrantAccess::List))
}

fn literal(name: &str) -> GrantAccess {
    let is = |other: &&str| name.eq_ignore_ascii_case(other);
    let begins = |start: &&str| {
        name.get(..start.len())
            .is_some_and(|head| head.eq_ignore_ascii_case(start))
    };
    match () {
        () if ADMIN.iter().any(is) => GrantAccess::Admin,
        () if READ.iter().any(is) => GrantAccess::Read,
        () if WRITE.iter().any(begins) => GrantAccess::Write,
        () => GrantAccess::List,
    }
}

/// Returns whether `text` matches a pattern with `*` and `?`, in any case.
fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.to_ascii_lowercase(), text.to_ascii_lowercase());
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    // `reached` holds the lengths of beginnings of `text` that the pattern so far matches: linear in both.
    let mut reached = vec![false; text.len() + 1];
    if let Some(first) = reached.first_mut() {
        *first = true;
    }
    for wanted in pattern {
        let mut next = Vec::with_capacity(reached.len());
        let mut any = false;
        for (length, here) in reached.iter().enumerate() {
            any |= here;
            let stepped = length.checked_sub(1).is_some_and(|before| {
                reached.get(before) == Some(&true) && (wanted == '?' || text.get(before) == Some(&wanted))
            });
            next.push(if wanted == '*' { any } else { stepped });
        }
        reached = next;
    }
    reached.last() == Some(&true)
}

#[cfg(test)]
mod tests;
