//! IAM policies of single resources: what their bindings grant to the public, by the roles of their service.
//!
//! Source: IAM documentation "Principal identifiers", "Overview of IAM Conditions", read 2026-11-25.

use nephoscope_model::kinds::{PublicAction, PublicGrant, PublicPrincipal, PublicVia};
use nephoscope_model::{Fact, Gap, Reason};
use serde::Deserialize;

use super::IAM_POLICY;
use crate::body::Body;
use crate::error::NormalizeError;
use crate::grants::Draft;
use crate::group::{Found, Group};
use crate::json;

/// The section with the policy, of whichever line holds it.
#[derive(Debug)]
pub(crate) struct Section {
    policy: Option<IamPolicy>,
    pointer: &'static str,
}

#[derive(Debug, Deserialize)]
struct IamPolicy {
    #[serde(default, deserialize_with = "json::many")]
    bindings: Vec<Binding>,
}

#[derive(Debug, Deserialize)]
struct Binding {
    #[serde(default)]
    role: String,
    #[serde(default, deserialize_with = "json::many")]
    members: Vec<String>,
    #[serde(default)]
    condition: Option<Condition>,
}

#[derive(Debug, Deserialize)]
struct Condition {
    #[serde(default)]
    expression: Option<String>,
}

/// One line of a resource whose policy may stand on another one.
#[derive(Debug)]
pub(crate) struct Line<T> {
    pub(crate) data: Option<T>,
    pub(crate) policy: Section,
}

impl Section {
    /// Reads the section of one line.
    ///
    /// # Errors
    ///
    /// [`NormalizeError::Field`] when a field has another JSON type than documented.
    pub(crate) fn read(body: &Body<'_>) -> Result<Self, NormalizeError> {
        Ok(Section {
            policy: body.section(IAM_POLICY)?,
            pointer: body.pointer(IAM_POLICY).unwrap_or(IAM_POLICY),
        })
    }
}

/// Returns the grants to the public, and why there may be more; a role that `roles` lacks allows what `other` says.
pub(crate) fn public<T: 'static>(
    group: &Group<'_>,
    roles: &[(&str, PublicAction)],
    other: PublicAction,
) -> (Vec<Draft>, Option<Gap>) {
    let mut drafts = Vec::new();
    let (piece, policy, pointer) = match group.facet::<Line<T>>(IAM_POLICY) {
        Found::Read(
            piece,
            Line {
                policy:
                    Section {
                        policy: Some(policy),
                        pointer,
                    },
                ..
            },
        ) => (piece, policy, pointer),
        Found::Failed(gap) => return (drafts, Some(gap)),
        Found::Read(..) | Found::Missing => return (drafts, Some(group.not_read("iam_policy"))),
    };
    for (index, binding) in policy.bindings.iter().enumerate() {
        for (member, name) in binding.members.iter().enumerate() {
            let principal = match name.as_str() {
                "allUsers" => PublicPrincipal::Everyone,
                "allAuthenticatedUsers" => PublicPrincipal::AnyAuthenticated,
                _ => continue,
            };
            let known = roles.iter().find(|(role, _)| *role == binding.role);
            drafts.push(Draft {
                grant: PublicGrant {
                    principal,
                    access: known.map_or(other, |(_, access)| *access),
                    via: PublicVia::Iam,
                    name: Some(binding.role.clone()),
                    effective: effective(binding),
                },
                origin: piece.origin().cloned(),
                pointer: format!("{pointer}/bindings/{index}/members/{member}"),
            });
        }
    }
    (drafts, None)
}

/// A condition on the resource holds for this one or for something in it; one on the request may keep everyone out.
fn effective(binding: &Binding) -> Fact<bool> {
    let expression = binding.condition.as_ref().and_then(|all| all.expression.as_deref());
    match expression.filter(|text| text.contains("request.")) {
        Some(_) => Fact::Unknown(Gap::with(Reason::ParseError, "condition on the request")),
        None => Fact::Known(true),
    }
}
