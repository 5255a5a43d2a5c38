//! OpenID Connect in trust policies: which identities of an issuer may assume the role.
//!
//! A claim of the token is a condition key with the issuer's URL before it: `token.actions.githubusercontent.com:sub`.
//! Source: IAM User Guide "Create a role for OpenID Connect federation", "Available keys for AWS OIDC federation",
//! "Identity-provider controls for shared OIDC providers"; OpenID Connect Core 1.0, section 2; read 2026-11-25.

use nephoscope_model::kinds::Subjects;
use nephoscope_model::{Fact, Gap, Reason};

use super::policy_document::{Principal, Statement, positive};
use crate::issuers;

const ASSUME: &str = "sts:AssumeRoleWithWebIdentity";

/// Issuers that need no provider in the account. Source: IAM User Guide "AWS JSON policy elements: Principal".
const BUILT_IN: &[&str] = &[
    "accounts.google.com",
    "cognito-identity.amazonaws.com",
    "graph.facebook.com",
    "www.amazon.com",
];

/// Returns the URL, without its scheme, of the issuer that a federated principal is; `None` where it is a SAML provider.
pub(super) fn issuer(principal: &str) -> Option<&str> {
    match principal.split_once(":oidc-provider/") {
        Some((_, issuer)) => Some(issuer.trim_end_matches('/')),
        None => BUILT_IN.contains(&principal).then_some(principal),
    }
}

/// Returns which identities of the issuer one statement lets in, if it stood alone with the denials of its policy.
pub(super) fn subjects(statement: &Statement, denials: &[&Statement], principal: &str, issuer: &str) -> Fact<Subjects> {
    if !statement.is_about(ASSUME) {
        return Fact::Known(Subjects::Selected);
    }
    let allowed = statement
        .conditions()
        .map(|(operator, key, values)| selects(operator, key, values, issuer));
    let denied = (denials.iter())
        .filter(|denial| denial.is_about(ASSUME) && concerns(denial, principal))
        .map(|denial| leaves_selected(denial, issuer));
    let mut open = None;
    for selected in allowed.chain(denied) {
        match selected {
            Fact::Known(true) => return Fact::Known(Subjects::Selected),
            Fact::Unknown(gap) => open = open.or(Some(gap)),
            _ => {}
        }
    }
    match open {
        Some(gap) => Fact::Unknown(gap),
        None if issuers::is_shared(issuer) => Fact::Known(Subjects::Anybody),
        None => Fact::Known(Subjects::WholeIssuer),
    }
}

/// Returns whether one condition holds only for some customer of the issuer.
fn selects(operator: &str, key: &str, values: &[String], issuer: &str) -> Fact<bool> {
    let Some(claim) = claim(key, issuer) else {
        return Fact::Known(false);
    };
    let operator = operator.to_ascii_lowercase();
    // Every token has a subject and an audience: no set of them is empty, and no key of theirs is missing.
    let always = ["sub", "aud"].iter().any(|name| claim.eq_ignore_ascii_case(name));
    let base = operator.strip_prefix("foranyvalue:").unwrap_or(&operator);
    let base = match always {
        true => {
            let base = base.strip_prefix("forallvalues:").unwrap_or(base);
            base.strip_suffix("ifexists").unwrap_or(base)
        }
        false => base,
    };
    match base {
        "stringequals" | "stringequalsignorecase" => issuers::selects(issuer, claim, false, values),
        "stringlike" => issuers::selects(issuer, claim, true, values),
        _ => Fact::Known(false),
    }
}

fn claim<'k>(key: &'k str, issuer: &str) -> Option<&'k str> {
    let (of, claim) = key.split_at_checked(issuer.len())?;
    let claim = claim.strip_prefix('/').unwrap_or(claim).strip_prefix(':')?;
    of.eq_ignore_ascii_case(issuer).then_some(claim)
}

fn concerns(denial: &Statement, principal: &str) -> bool {
    let named = match &denial.principal {
        Some(Principal::Map(map)) => {
            let ids = map.iter().filter(|(kind, _)| *kind == "Federated");
            ids.flat_map(|(_, ids)| &ids.0).any(|id| id == principal || id == "*")
        }
        _ => false,
    };
    named || denial.is_for_everyone()
}

/// Returns whether a denial leaves only some customer of the issuer.
fn leaves_selected(denial: &Statement, issuer: &str) -> Fact<bool> {
    let conditions: Vec<_> = denial.conditions().collect();
    match (denial.not_principal.is_some(), conditions.as_slice()) {
        // Nobody comes in.
        (false, []) => Fact::Known(true),
        (false, [(operator, key, values)]) if claim(key, issuer).is_some() => match positive(operator) {
            Some(operator) => selects(operator, key, values, issuer),
            // Refuses some of them, and lets all others in.
            None => Fact::Known(false),
        },
        _ => {
            let sid = denial.sid.0.as_deref().unwrap_or_default();
            let detail = format!("trust policy: what the denial `{sid}` leaves");
            Fact::Unknown(Gap::with(Reason::ParseError, detail))
        }
    }
}
