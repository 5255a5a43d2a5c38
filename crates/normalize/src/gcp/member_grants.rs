//! IAM policies of scopes and identities: who has which role on it.
//!
//! Source: IAM "Principal identifiers", "Basic roles", "Service agents", read 2026-11-25.

use std::collections::BTreeMap;

use nephoscope_model::kinds::{MemberGrant, MemberKind};
use nephoscope_model::{Fact, Gap, Reason};

use super::iam_policy::{self, Binding, Set, public};
use crate::group::{Built, Group, Piece};

/// The domain of the service agent that acts for Google's APIs in a project and has `roles/editor` there. Accounts that
/// customers make have addresses in other domains.
const SERVICE_AGENTS: &str = "cloudservices.gserviceaccount.com";

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

/// Returns who has which role by the policy set on the asset.
pub(crate) fn grants<'a, T: 'static>(group: &Group<'a>) -> (Fact<Vec<MemberGrant>>, Notes<'a>) {
    let Set { piece, policy, pointer } = match iam_policy::of::<T>(group) {
        Ok(set) => set,
        Err(gap) => return (Fact::Unknown(gap), Notes::default()),
    };
    let mut found: BTreeMap<(&str, &str), (MemberGrant, String)> = BTreeMap::new();
    for member in policy.members() {
        let Some(grant) = grant(member.binding, member.name) else {
            continue;
        };
        let pointer = format!("{pointer}{}", member.pointer);
        // Conditions tell bindings of one role apart; the one that grants most counts.
        let entry = found.entry((&member.binding.role, member.name));
        let entry = entry.or_insert_with(|| (grant.clone(), pointer.clone()));
        if rank(&grant) > rank(&entry.0) {
            *entry = (grant, pointer);
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
    let domain = match kind {
        MemberKind::Domain => Some(rest),
        MemberKind::User | MemberKind::Group | MemberKind::ServiceAccount => {
            rest.rsplit_once('@').map(|(_, domain)| domain)
        }
        MemberKind::Public | MemberKind::Other => None,
    };
    let domain = domain.map(str::to_ascii_lowercase).filter(|domain| !domain.is_empty());
    Some(MemberGrant {
        name: binding.role.clone(),
        principal: member.to_owned(),
        member: kind,
        public: match public(member) {
            Some(_) if binding.is_timed() => Fact::Unknown(Gap::with(Reason::ParseError, "condition on request.time")),
            other => other.into(),
        },
        service_agent: kind == MemberKind::ServiceAccount && domain.as_deref() == Some(SERVICE_AGENTS),
        domain: domain.into(),
        full_admin: Fact::Known(binding.role == "roles/owner" && binding.condition().is_none()),
    })
}
