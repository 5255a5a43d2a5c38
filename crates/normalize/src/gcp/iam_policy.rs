//! The IAM policy set on an asset: who has which role on it.
//!
//! What a scope above grants is not part of it. Source: IAM "Allow policies", "Principal identifiers", "Basic roles",
//! "Service agents", Cloud Asset Inventory API `Asset.iamPolicy`, read 2026-11-25.

use std::collections::BTreeMap;

use nephoscope_model::kinds::{MemberGrant, MemberKind, PublicPrincipal};
use nephoscope_model::{Fact, Gap, Reason};
use serde::Deserialize;

use super::IAM_POLICY;
use crate::group::{Built, Found, Group, Piece};
use crate::json::{self, Text};

/// The domain of the service agent that acts for Google's APIs in a project and has `roles/editor` there. Accounts that
/// customers make have addresses in other domains.
const SERVICE_AGENTS: &str = "cloudservices.gserviceaccount.com";

#[derive(Debug, Deserialize)]
pub(crate) struct IamPolicy {
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
    expression: Text,
}

/// One line of an asset whose IAM policy is read, and as what the line spells its section.
pub(crate) struct PolicyLine {
    pub(crate) policy: Option<IamPolicy>,
    pub(crate) pointer: &'static str,
}

/// The grants with where each stands, in the order of the attribute.
#[derive(Default)]
pub(crate) struct Notes<'p>(Vec<(&'p Piece, String)>);

impl Notes<'_> {
    /// Notes where each of the grants stands.
    pub(crate) fn on(self, mut built: Built) -> Built {
        for (index, (piece, pointer)) in self.0.into_iter().enumerate() {
            built.from(&format!("/grants/{index}"), piece, pointer);
        }
        built
    }
}

/// Returns who has which role by the policy that `of` takes out of the asset's native fields.
pub(crate) fn grants<'a, T: 'static>(
    group: &Group<'a>,
    of: impl Fn(&'a T) -> &'a PolicyLine,
) -> (Fact<Vec<MemberGrant>>, Notes<'a>) {
    let (piece, line) = match group.facet::<T>(IAM_POLICY) {
        Found::Read(piece, native) => (piece, of(native)),
        Found::Failed(gap) => return (Fact::Unknown(gap), Notes::default()),
        Found::Missing => return (Fact::Unknown(group.not_read("iam_policy")), Notes::default()),
    };
    let Some(policy) = &line.policy else {
        return (Fact::Unknown(group.not_read("iam_policy")), Notes::default());
    };
    let mut found: BTreeMap<(&str, &str), (MemberGrant, String)> = BTreeMap::new();
    for (index, binding) in policy.bindings.iter().enumerate() {
        for (place, member) in binding.members.iter().enumerate() {
            let Some(grant) = grant(binding, member) else {
                continue;
            };
            let pointer = format!("{}/bindings/{index}/members/{place}", line.pointer);
            // Conditions tell bindings of one role apart; the one that grants most counts.
            let entry = (found.entry((&binding.role, member))).or_insert_with(|| (grant.clone(), pointer.clone()));
            if rank(&grant) > rank(&entry.0) {
                *entry = (grant, pointer);
            }
        }
    }
    let (grants, notes) = (found.into_values())
        .map(|(grant, pointer)| (grant, (piece, pointer)))
        .unzip();
    (Fact::Known(grants), Notes(notes))
}

fn rank(grant: &MemberGrant) -> (bool, bool) {
    (
        grant.full_admin == Fact::Known(true),
        matches!(grant.public, Fact::Known(_)),
    )
}

/// Returns what a member of a binding has; `None` for one that was deleted, and has nothing.
fn grant(binding: &Binding, member: &str) -> Option<MemberGrant> {
    let (prefix, rest) = member.split_once(':').unwrap_or((member, ""));
    let kind = match prefix {
        "deleted" => return None,
        "allUsers" | "allAuthenticatedUsers" => MemberKind::Public,
        "user" => MemberKind::User,
        "group" => MemberKind::Group,
        "domain" => MemberKind::Domain,
        "serviceAccount" => MemberKind::ServiceAccount,
        _ => MemberKind::Other,
    };
    let public = match prefix {
        "allUsers" => Fact::Known(PublicPrincipal::Everyone),
        "allAuthenticatedUsers" => Fact::Known(PublicPrincipal::AnyAuthenticated),
        _ => Fact::Absent,
    };
    let domain = match kind {
        MemberKind::Domain => Some(rest),
        MemberKind::User | MemberKind::Group | MemberKind::ServiceAccount => {
            rest.rsplit_once('@').map(|(_, domain)| domain)
        }
        MemberKind::Public | MemberKind::Other => None,
    };
    let domain = domain.map(str::to_ascii_lowercase).filter(|domain| !domain.is_empty());
    let expression =
        (binding.condition.as_ref()).map(|condition| condition.expression.0.as_deref().unwrap_or_default());
    // A condition on the time may have run out.
    let timed = expression.is_some_and(|expression| expression.contains("request.time"));
    Some(MemberGrant {
        name: binding.role.clone(),
        principal: member.to_owned(),
        member: kind,
        public: match public {
            Fact::Known(_) if timed => Fact::Unknown(Gap::with(Reason::ParseError, "condition on request.time")),
            other => other,
        },
        service_agent: kind == MemberKind::ServiceAccount && domain.as_deref() == Some(SERVICE_AGENTS),
        domain: domain.into(),
        full_admin: Fact::Known(binding.role == "roles/owner" && expression.is_none()),
    })
}
