//! IAM policies of single resources: what their bindings grant to the public, by the roles of their service.
//!
//! Source: IAM documentation "Principal identifiers", "Overview of IAM Conditions", read 2026-11-25.

use nephoscope_model::kinds::{PublicAction, PublicGrant, PublicVia};
use nephoscope_model::{Fact, Gap, Reason};

use super::iam_policy::{self, Binding, Set};
use crate::grants::Draft;
use crate::group::Group;

/// Returns the grants to the public, and why there may be more; a role that `roles` lacks allows what `other` says.
pub(crate) fn public<T: 'static>(
    group: &Group<'_>,
    roles: &[(&str, PublicAction)],
    other: PublicAction,
) -> (Vec<Draft>, Option<Gap>) {
    let Set { piece, policy, pointer } = match iam_policy::of::<T>(group) {
        Ok(set) => set,
        Err(gap) => return (Vec::new(), Some(gap)),
    };
    let drafts = policy.public().map(|(principal, member)| {
        let role = &member.binding.role;
        let known = roles.iter().find(|(name, _)| name == role);
        Draft {
            grant: PublicGrant {
                principal,
                access: known.map_or(other, |(_, access)| *access),
                via: PublicVia::Iam,
                name: Some(role.clone()),
                effective: effective(member.binding),
            },
            origin: piece.origin().cloned(),
            pointer: format!("{pointer}{}", member.pointer),
        }
    });
    (drafts.collect(), None)
}

/// A condition on the resource holds for this one or for something in it; one on the request may keep everyone out.
fn effective(binding: &Binding) -> Fact<bool> {
    match binding.condition().filter(|text| text.contains("request.")) {
        Some(_) => Fact::Unknown(Gap::with(Reason::ParseError, "condition on the request")),
        None => Fact::Known(true),
    }
}
