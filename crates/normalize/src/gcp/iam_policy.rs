//! The IAM policy set on an asset: bindings of roles to members, on a line of their own or beside the resource.
//!
//! What a scope above grants is not part of it. Source: IAM "Allow policies", "Principal identifiers", "Overview of IAM
//! Conditions", Cloud Asset Inventory API `Asset.iamPolicy`, read 2026-11-25.

use nephoscope_model::Gap;
use nephoscope_model::kinds::PublicPrincipal;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::{DATA, IAM_POLICY};
use crate::body::Body;
use crate::error::NormalizeError;
use crate::group::{Found, Group, Piece};
use crate::json;

#[derive(Debug, Deserialize)]
pub(crate) struct IamPolicy {
    #[serde(default, deserialize_with = "json::many")]
    bindings: Vec<Binding>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Binding {
    #[serde(default)]
    pub(crate) role: String,
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

impl Binding {
    /// Returns the expression of the binding's condition.
    pub(crate) fn condition(&self) -> Option<&str> {
        self.condition
            .as_ref()
            .and_then(|condition| condition.expression.as_deref())
    }

    /// Returns what a condition on the time leaves open: by now it may have run out, or not have begun.
    pub(crate) fn is_timed(&self) -> bool {
        self.condition().is_some_and(|text| text.contains("request.time"))
    }
}

/// One member of one binding.
pub(crate) struct Member<'p> {
    pub(crate) binding: &'p Binding,
    pub(crate) name: &'p str,
    /// Where it stands below the policy.
    pub(crate) pointer: String,
}

impl IamPolicy {
    /// Returns every member of every binding, as they are written.
    pub(crate) fn members(&self) -> impl Iterator<Item = Member<'_>> {
        self.bindings.iter().enumerate().flat_map(|(index, binding)| {
            let members = binding.members.iter().enumerate();
            members.map(move |(place, name)| Member {
                binding,
                name,
                pointer: format!("/bindings/{index}/members/{place}"),
            })
        })
    }

    /// Returns the members that are the public.
    pub(crate) fn public(&self) -> impl Iterator<Item = (PublicPrincipal, Member<'_>)> {
        self.members().filter_map(|member| Some((public(member.name)?, member)))
    }
}

/// Returns which public a member of a binding or an entry of an access control list is.
pub(crate) fn public(name: &str) -> Option<PublicPrincipal> {
    match name {
        "allUsers" => Some(PublicPrincipal::Everyone),
        "allAuthenticatedUsers" => Some(PublicPrincipal::AnyAuthenticated),
        _ => None,
    }
}

/// The policy of one line, and as what the line spells its section.
#[derive(Debug)]
pub(crate) struct Section {
    policy: Option<IamPolicy>,
    pointer: &'static str,
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

/// One line of a resource whose policy may stand on another one.
#[derive(Debug)]
pub(crate) struct Line<T> {
    pub(crate) data: Option<T>,
    pub(crate) policy: Section,
}

impl<T: DeserializeOwned> Line<T> {
    /// Reads both sections of one line.
    ///
    /// # Errors
    ///
    /// [`NormalizeError::Field`] when a field has another JSON type than documented.
    pub(crate) fn read(body: &Body<'_>) -> Result<Self, NormalizeError> {
        Ok(Line {
            data: body.section(DATA)?,
            policy: Section::read(body)?,
        })
    }
}

/// The policy set on a resource, and where it stands.
pub(crate) struct Set<'a> {
    pub(crate) piece: &'a Piece,
    pub(crate) policy: &'a IamPolicy,
    pub(crate) pointer: &'static str,
}

/// Returns the policy set on the resource of the group.
///
/// # Errors
///
/// The gap when no line has it or it could not be understood: a resource without a policy has no such line, but neither
/// has an export that was not asked for policies.
pub(crate) fn of<'a, T: 'static>(group: &Group<'a>) -> Result<Set<'a>, Gap> {
    match group.facet::<Line<T>>(IAM_POLICY) {
        Found::Read(piece, line) => match &line.policy {
            Section {
                policy: Some(policy),
                pointer,
            } => Ok(Set { piece, policy, pointer }),
            Section { policy: None, .. } => Err(group.not_read("iam_policy")),
        },
        Found::Failed(gap) => Err(gap),
        Found::Missing => Err(group.not_read("iam_policy")),
    }
}
