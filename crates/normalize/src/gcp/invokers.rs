//! Who may call a function or service of Google Cloud, by its IAM policy.
//!
//! Source: "Cloud Run IAM roles", "Cloud Run functions IAM roles", "Restrict network ingress for Cloud Run".

use nephoscope_model::kinds::{InvokeGrant, NetworkScope, PublicPrincipal};
use nephoscope_model::{Fact, Gap, Reason};
use serde::Deserialize;

use crate::function::Draft;
use crate::group::Piece;
use crate::json;

#[derive(Debug, Deserialize)]
pub(super) struct IamPolicy {
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

/// Adds a grant for each member of the policy that is the public.
pub(super) fn bindings(
    policy: &IamPolicy,
    piece: &Piece,
    pointer: &str,
    network: &Fact<NetworkScope>,
    drafts: &mut Vec<Draft>,
) {
    for (index, binding) in policy.bindings.iter().enumerate() {
        let (admin, certain) = match right(&binding.role) {
            Right::None => continue,
            Right::Call => (false, true),
            Right::Admin => (true, true),
            Right::Other => (false, false),
        };
        let expression = (binding.condition.as_ref()).and_then(|condition| condition.expression.as_deref());
        // Rights to change a service are used by the API of Google Cloud, whatever networks may call the service.
        let reach = if admin { Fact::Known(true) } else { effective(network) };
        let effective = match reach {
            Fact::Known(false) => Fact::Known(false),
            _ if expression.is_some() => Fact::Unknown(Gap::with(Reason::ParseError, "condition of a binding")),
            _ if !certain => Fact::Unknown(Gap::with(Reason::NotRead, format!("permissions of {}", binding.role))),
            other => other,
        };
        for (member, name) in binding.members.iter().enumerate() {
            let principal = match name.as_str() {
                "allUsers" => PublicPrincipal::Everyone,
                "allAuthenticatedUsers" => PublicPrincipal::AnyAuthenticated,
                _ => continue,
            };
            drafts.push(Draft {
                grant: InvokeGrant {
                    principal,
                    name: Some(binding.role.clone()),
                    admin,
                    effective: effective.clone(),
                },
                origin: piece.origin().cloned(),
                pointer: format!("{pointer}/bindings/{index}/members/{member}"),
            });
        }
    }
}
