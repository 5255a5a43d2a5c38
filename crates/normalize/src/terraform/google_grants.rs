//! IAM resources of single Google Cloud resources: what they grant to the public.
//!
//! A new resource has no policy but the plan's. Source: Terraform Google provider documentation, "IAM policy for …" of each
//! resource: `_iam_policy` replaces what is there, `_iam_binding` and `_iam_member` add to it.

use nephoscope_model::kinds::{PublicAction, PublicGrant, PublicGrants, PublicPrincipal, PublicVia};
use nephoscope_model::{Fact, Gap, Provenance, Reason, Resource};
use serde::Deserialize;

use super::planned::{self, Planned, Spot};
use super::{PLAN, join};
use crate::grants::{self, Draft};
use crate::group::{Found, Group, Piece};
use crate::json;
use crate::mapping::{Absence, Mapping, Native, Role, Source, source};

/// The IAM resources of one type, and what roles on it mean.
pub(super) struct Iam {
    pub(super) member: &'static str,
    pub(super) binding: &'static str,
    pub(super) policy: &'static str,
    pub(super) roles: &'static [(&'static str, PublicAction)],
    /// What a role that is not listed allows.
    pub(super) other: PublicAction,
}

/// Returns the names of what an IAM resource is of.
type Names = fn(&Resource, Option<&Native>) -> Vec<String>;

const SOURCES: [&[Source]; 3] = [
    &[source("/public_access/grants", "/values/member", Absence::Unknown)],
    &[source("/public_access/grants", "/values/members", Absence::Unknown)],
    &[source("/public_access/grants", "/values/policy_data", Absence::Unknown)],
];

const KEYS: &[&str] = &[
    "crypto_key_id",
    "topic",
    "secret_id",
    "repository",
    "role",
    "member",
    "members",
    "policy_data",
    "condition",
];

impl Iam {
    /// Returns the row of the resource for one member.
    pub(super) const fn member(&self, kind: &'static str, of: &'static str, names: Names) -> Mapping {
        row(self.member, kind, SOURCES[0], of, names)
    }

    /// Returns the row of the resource for one role.
    pub(super) const fn binding(&self, kind: &'static str, of: &'static str, names: Names) -> Mapping {
        row(self.binding, kind, SOURCES[1], of, names)
    }

    /// Returns the row of the resource for the whole policy.
    pub(super) const fn policy(&self, kind: &'static str, of: &'static str, names: Names) -> Mapping {
        row(self.policy, kind, SOURCES[2], of, names)
    }

    /// Returns the grants to the public, and where each stands.
    pub(super) fn grants(&self, group: &Group<'_>, planned: &Planned) -> (PublicGrants, Vec<Provenance>) {
        let whole = group.parts(self.policy).next().is_some();
        let mut found = Grants {
            iam: self,
            drafts: Vec::new(),
            missing: (!planned.created && !whole).then(|| group.not_read(self.policy)),
        };
        for piece in &group.parts {
            match piece.get::<Planned>() {
                Found::Read(piece, part) if piece.mapping.native_type == self.policy => found.policy(piece, part),
                Found::Read(piece, part) if piece.mapping.native_type == self.member => {
                    found.binding(piece, part, &part.at("/member"));
                }
                Found::Read(piece, part) if piece.mapping.native_type == self.binding => {
                    found.binding(piece, part, &part.at("/members"));
                }
                Found::Failed(gap) => found.missing = Some(gap),
                Found::Read(..) | Found::Missing => {}
            }
        }
        grants::settle(found.drafts, found.missing)
    }
}

const fn row(
    native_type: &'static str,
    kind: &'static str,
    sources: &'static [Source],
    of: &'static str,
    names: Names,
) -> Mapping {
    Mapping {
        dialects: PLAN,
        native_type,
        kind,
        sources,
        read: |body| planned::read(body, KEYS),
        role: Role::Part { of, names },
        ..Mapping::BASE
    }
}

#[derive(Deserialize)]
struct Policy {
    #[serde(default, deserialize_with = "json::many")]
    bindings: Vec<Binding>,
}

#[derive(Deserialize)]
struct Binding {
    #[serde(default)]
    role: String,
    #[serde(default, deserialize_with = "json::many")]
    members: Vec<String>,
    #[serde(default)]
    condition: Option<Condition>,
}

#[derive(Deserialize)]
struct Condition {
    #[serde(default)]
    expression: Option<String>,
}

struct Grants<'a> {
    iam: &'a Iam,
    drafts: Vec<Draft>,
    missing: Option<Gap>,
}

impl Grants<'_> {
    fn policy(&mut self, piece: &Piece, part: &Planned) {
        let spot = part.at("/policy_data");
        let text = match spot.text() {
            Fact::Known(text) | Fact::Partial(text, _) => text,
            Fact::Unknown(gap) => return self.missing = Some(gap),
            Fact::Absent => return,
        };
        match json::typed::<Policy>(&text) {
            Ok(policy) => {
                for binding in policy.bindings {
                    let expression = binding.condition.and_then(|condition| condition.expression);
                    self.add(piece, &spot, &binding.members, &binding.role, &expression.into());
                }
            }
            Err(fault) => {
                let detail = format!("policy of {}: `{}`: {}", piece.resource.id, fault.path, fault.detail);
                self.missing = Some(Gap::with(Reason::ParseError, detail));
            }
        }
    }

    fn binding(&mut self, piece: &Piece, part: &Planned, spot: &Spot<'_>) {
        let members = spot.texts();
        if let Some(gap) = members.gap() {
            // The account of a service is never the public, whatever its name will be.
            let accounts = ["google_service_account", "google_project_service_identity"];
            let mut referred = spot.referred_resources().peekable();
            if referred.peek().is_none() || !referred.all(|address| accounts.contains(&join::type_of(address))) {
                self.missing = Some(gap.clone());
            }
        }
        let role = part.at("/role").text();
        let role = role.value().map_or("", String::as_str);
        let expression = part.at("/condition/0/expression").text();
        self.add(
            piece,
            spot,
            members.value().map_or(&[], Vec::as_slice),
            role,
            &expression,
        );
    }

    fn add(&mut self, piece: &Piece, spot: &Spot<'_>, members: &[String], role: &str, expression: &Fact<String>) {
        for member in members {
            let principal = match member.as_str() {
                "allUsers" => PublicPrincipal::Everyone,
                "allAuthenticatedUsers" => PublicPrincipal::AnyAuthenticated,
                _ => continue,
            };
            let known = self.iam.roles.iter().find(|(name, _)| *name == role);
            self.drafts.push(Draft {
                grant: PublicGrant {
                    principal,
                    access: known.map_or(self.iam.other, |(_, access)| *access),
                    via: PublicVia::Iam,
                    name: Some(role.to_owned()),
                    // A condition on the resource holds for this one; one on the request may keep everyone out.
                    effective: match expression {
                        Fact::Unknown(gap) => Fact::Unknown(gap.clone()),
                        Fact::Known(text) if text.contains("request.") => {
                            Fact::Unknown(Gap::with(Reason::ParseError, "condition on the request"))
                        }
                        _ => Fact::Known(true),
                    },
                },
                origin: piece.origin().cloned(),
                pointer: spot.native(),
            });
        }
    }
}
