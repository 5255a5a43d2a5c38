//! S3 bucket policies: what they grant to the public, and whether they refuse requests without TLS.
//!
//! Source: Amazon S3 User Guide "Blocking public access: The meaning of 'public'", IAM User Guide "IAM JSON policy
//! elements reference", read 2026-11-23.

use nephoscope_model::Gap;
use nephoscope_model::kinds::GrantAccess;

use super::policy_document::{self, Statement};
use crate::wildcard::matches;

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

/// Condition keys of S3 that, bound to fixed values, keep the public out.
const NARROWING: &[&str] = &[
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

/// Returns what the policy text means; no text is no policy.
///
/// # Errors
///
/// A gap with the reason `parse_error` when the text is no policy document.
pub(crate) fn read(text: &str, bucket: &str) -> Result<PolicyFacts, Gap> {
    let statements = policy_document::statements(text, "bucket policy")?;
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
    /// Returns the strongest access that the statement gives to everyone.
    fn grants_to_public(&self) -> Option<GrantAccess> {
        if !self.allows() || !self.is_for_everyone() || self.keeps_public_out(NARROWING) {
            return None;
        }
        if self.not_action.is_some() {
            return Some(GrantAccess::Admin);
        }
        self.action.iter().filter_map(|action| access(action)).max()
    }

    /// Returns whether the statement refuses every action on bucket and objects to everyone but those whom one condition
    /// names.
    fn refuses_the_public(&self, bucket: &str) -> bool {
        let bucket = format!("arn:aws:s3:::{bucket}");
        self.refuses_all_but_named("s3:*", NARROWING)
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
        let conditions: Vec<_> = self.conditions().collect();
        let only_tls = matches!(conditions.as_slice(), [(operator, key, values)]
            if ["bool", "boolifexists"].contains(&operator.to_ascii_lowercase().as_str())
                && key.eq_ignore_ascii_case("aws:SecureTransport")
                && values.iter().any(|value| value.eq_ignore_ascii_case("false")));
        self.denies() && self.not_principal.is_none() && self.is_for_everyone() && only_tls
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

#[cfg(test)]
mod tests;
