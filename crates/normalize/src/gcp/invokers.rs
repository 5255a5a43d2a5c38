//! Who may call a function or service of Google Cloud, by its IAM policy.
//!
//! Source: "Cloud Run IAM roles", "Cloud Run functions IAM roles", "Restrict network ingress for Cloud Run".

use nephoscope_model::kinds::{InvokeGrant, NetworkScope};
use nephoscope_model::{Fact, Gap, Reason};

use super::iam_policy::{self, Set};
use crate::function::Draft;
use crate::group::Group;

/// What a role means for calling.
enum Right {
    /// No right to call.
    None,
    Call,
    /// Calling, and changing what is called or who may call it.
    Admin,
    /// A role of the customer's own, or of another service.
    Other,
}

fn right(role: &str) -> Right {
    match role {
        "roles/run.invoker" | "roles/run.servicesInvoker" | "roles/cloudfunctions.invoker" => Right::Call,
        "roles/owner"
        | "roles/editor"
        | "roles/run.admin"
        | "roles/run.developer"
        | "roles/cloudfunctions.admin"
        | "roles/cloudfunctions.developer" => Right::Admin,
        "roles/viewer" | "roles/run.viewer" | "roles/cloudfunctions.viewer" => Right::None,
        _ => Right::Other,
    }
}

/// Returns whether what is granted to everyone reaches the internet. Load balancers that send requests on are resources
/// of their own.
pub(super) fn effective(network: &Fact<NetworkScope>) -> Fact<bool> {
    match network {
        Fact::Known(NetworkScope::Any) => Fact::Known(true),
        Fact::Known(NetworkScope::Private) => Fact::Known(false),
        Fact::Known(NetworkScope::Selected) => Fact::Unknown(Gap::with(Reason::NotRead, "load balancers before it")),
        Fact::Unknown(gap) | Fact::Partial(_, gap) => Fact::Unknown(gap.clone()),
        Fact::Absent => Fact::Absent,
    }
}

/// Adds a grant for each member of the policy that is the public; returns why there may be more.
pub(super) fn add<T: 'static>(group: &Group<'_>, network: &Fact<NetworkScope>, drafts: &mut Vec<Draft>) -> Option<Gap> {
    let Set { piece, policy, pointer } = match iam_policy::of::<T>(group) {
        Ok(set) => set,
        Err(gap) => return Some(gap),
    };
    for (principal, member) in policy.public() {
        let role = &member.binding.role;
        let (admin, certain) = match right(role) {
            Right::None => continue,
            Right::Call => (false, true),
            Right::Admin => (true, true),
            Right::Other => (false, false),
        };
        // Rights to change a service are used by the API of Google Cloud, whatever networks may call the service.
        let reach = if admin { Fact::Known(true) } else { effective(network) };
        let effective = match reach {
            Fact::Known(false) => Fact::Known(false),
            _ if member.binding.condition().is_some() => {
                Fact::Unknown(Gap::with(Reason::ParseError, "condition of a binding"))
            }
            _ if !certain => Fact::Unknown(Gap::with(Reason::NotRead, format!("permissions of {role}"))),
            other => other,
        };
        drafts.push(Draft {
            grant: InvokeGrant {
                principal,
                name: Some(role.clone()),
                admin,
                effective,
            },
            origin: piece.origin().cloned(),
            pointer: format!("{pointer}{}", member.pointer),
        });
    }
    None
}
