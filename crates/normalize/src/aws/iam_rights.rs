//! Rights of IAM identities: policies written into them and policies attached to them.
//!
//! An attached policy is a resource of its own: only of those that AWS keeps is it known here what they say. A permissions
//! boundary bounds all of it, and is such a policy as well. Service control policies and what statements deny are not
//! looked at. Source: IAM API Reference `PolicyDetail`, `AttachedPolicy`, `AttachedPermissionsBoundary`, IAM User Guide
//! "Permissions boundaries for IAM entities", read 2026-11-25.

use nephoscope_model::kinds::{RightsGrant, RightsVia};
use nephoscope_model::{Fact, Gap, Reason};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::managed_policies;
use super::policy_document::{self, Statement};
use crate::group::{Built, Group, Piece};
use crate::json::Text;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Inline {
    #[serde(default)]
    policy_name: Text,
    #[serde(default)]
    policy_document: Option<Box<RawValue>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Attached {
    #[serde(default)]
    policy_name: Text,
    #[serde(default)]
    policy_arn: Text,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Boundary {
    #[serde(default)]
    permissions_boundary_arn: Text,
}

/// The lists of an identity, each with the name of its field; `None` where the item left it out.
pub(crate) struct Lists<'n> {
    pub(crate) inline: (&'static str, &'n Option<Vec<Inline>>),
    pub(crate) attached: &'n Option<Vec<Attached>>,
    pub(crate) boundary: &'n Option<Boundary>,
}

/// One policy with where it stands.
pub(crate) struct Draft {
    pub(crate) grant: RightsGrant,
    pub(crate) pointer: String,
}

/// Returns the policies of an identity, and why there may be further ones.
pub(crate) fn drafts(lists: &Lists<'_>, group: &Group<'_>) -> (Vec<Draft>, Option<Gap>) {
    let boundary = (lists.boundary.as_ref()).and_then(|boundary| boundary.permissions_boundary_arn.clone().take());
    let within = boundary.as_deref().map_or(Fact::Known(true), attached);
    // Nobody has what the policy or the boundary leaves out.
    let bounded = |full: Fact<bool>| match (full, &within) {
        (Fact::Known(false), _) | (_, Fact::Known(false)) => Fact::Known(false),
        (full, Fact::Known(true)) => full,
        (_, within) => within.clone(),
    };
    let mut drafts = Vec::new();
    let (field, inline) = lists.inline;
    for (index, policy) in inline.iter().flatten().enumerate() {
        let name = policy.policy_name.clone().take().unwrap_or_default();
        let full = match &policy.policy_document {
            Some(raw) => full_admin(raw, &format!("policy {name}")),
            None => Fact::Unknown(Gap::with(Reason::NotRead, format!("policyDocument of {name}"))),
        };
        drafts.push(Draft {
            grant: grant(name, RightsVia::Inline, bounded(full)),
            pointer: format!("/configuration/{field}/{index}"),
        });
    }
    for (index, policy) in lists.attached.iter().flatten().enumerate() {
        let arn = policy.policy_arn.clone().take();
        let name = arn.or(policy.policy_name.clone().take()).unwrap_or_default();
        let full = bounded(attached(&name));
        drafts.push(Draft {
            grant: grant(name, RightsVia::Attached, full),
            pointer: format!("/configuration/attachedManagedPolicies/{index}"),
        });
    }
    let absent = |there: bool, field: &str| {
        (!there).then(|| Gap::with(Reason::NotRead, format!("{field} of {}", group.main.resource.id)))
    };
    let missing = absent(inline.is_some(), field);
    let missing = missing.or_else(|| absent(lists.attached.is_some(), "attachedManagedPolicies"));
    (drafts, missing)
}

/// Returns whether a document allows everything on everything.
pub(crate) fn full_admin(raw: &RawValue, what: &str) -> Fact<bool> {
    match policy_document::document(raw, what) {
        Ok(statements) => Fact::Known(statements.iter().any(Statement::allows_everything)),
        Err(gap) => Fact::Unknown(gap),
    }
}

pub(crate) fn grant(name: String, via: RightsVia, full_admin: Fact<bool>) -> RightsGrant {
    RightsGrant {
        name,
        via,
        principal: None,
        full_admin,
    }
}

/// Sorts the drafts and returns them as the attribute `grants`.
pub(crate) fn listed(drafts: &mut Vec<Draft>, missing: Option<Gap>) -> Fact<Vec<RightsGrant>> {
    drafts.sort_by_cached_key(|Draft { grant, pointer }| {
        let known = grant.full_admin.value().copied();
        (grant.via, grant.name.clone(), known, pointer.clone())
    });
    drafts.dedup_by(|a, b| a.grant == b.grant);
    let grants = drafts.iter().map(|draft| draft.grant.clone()).collect();
    match missing {
        None => Fact::Known(grants),
        Some(gap) => Fact::Partial(grants, gap),
    }
}

/// Notes where each of the drafts, as [`listed`], stands.
pub(crate) fn noted(mut built: Built, drafts: &[Draft], piece: &Piece) -> Built {
    for (index, draft) in drafts.iter().enumerate() {
        built.from(&format!("/grants/{index}"), piece, draft.pointer.clone());
    }
    built
}

/// Returns whether a policy known only by its ARN allows everything.
fn attached(arn: &str) -> Fact<bool> {
    match managed_policies::full_admin(arn) {
        Some(full) => Fact::Known(full),
        None => Fact::Unknown(Gap::with(Reason::NotRead, format!("document of {arn}"))),
    }
}
