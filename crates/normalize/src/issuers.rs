//! Issuers of OpenID Connect tokens that a cloud may trust: which of them serve anybody, and which of their claims tell one
//! customer from another.
//!
//! Source: IAM User Guide "Identity-provider controls for shared OIDC providers", "Available keys for AWS OIDC federation";
//! GitHub Docs "OpenID Connect reference"; GitLab Docs "OpenID Connect (OIDC) Authentication Using ID Tokens"; IAM of Google
//! Cloud "Configure Workload Identity Federation with deployment pipelines"; read 2026-11-25.

use nephoscope_model::{Fact, Gap, Reason};

/// Issuers of which anybody can get a token for an account of their own. Any other issuer has the name of its customer
/// in its URL, or belongs to one.
const SHARED: &[&str] = &[
    "accounts.google.com",
    "agent.buildkite.com",
    "api.pulumi.com/oidc",
    "app.terraform.io",
    "cognito-identity.amazonaws.com",
    "gitlab.com",
    "graph.facebook.com",
    "oidc-configuration.audit-log.githubusercontent.com",
    "oidc.codefresh.io",
    "oidc.vercel.com",
    "proidc.upbound.io",
    "sandboxes.cloud",
    "scalr.io",
    "studio.datachain.ai/api",
    "token.actions.githubusercontent.com",
    "tokens.cloud.shisho.dev",
    "vstoken.actions.githubusercontent.com",
    "www.amazon.com",
];

/// Claims that name the customer's own application or tenant with that issuer, and not just whom the token is for.
const AUDIENCES: &[(&str, &str)] = &[
    ("accounts.google.com", "aud"),
    ("api.pulumi.com/oidc", "aud"),
    ("cognito-identity.amazonaws.com", "aud"),
    ("graph.facebook.com", "app_id"),
    ("oidc.vercel.com", "aud"),
    ("sandboxes.cloud", "aud"),
    ("www.amazon.com", "app_id"),
];

/// Claims that name a customer of the issuer, or something that one customer has.
const TENANTS: &[&str] = &[
    "email",
    "enterprise",
    "enterprise_id",
    "google/organization_number",
    "job_workflow_ref",
    "namespace_id",
    "namespace_path",
    "project_id",
    "project_path",
    "repository",
    "repository_id",
    "repository_owner",
    "repository_owner_id",
    "terraform_organization_id",
    "terraform_organization_name",
];

/// Claims that every customer can have alike.
const COMMON: &[&str] = &[
    "amr",
    "aud",
    "base_ref",
    "environment",
    "event_name",
    "head_ref",
    "oaud",
    "ref",
    "ref_protected",
    "ref_type",
    "runner_environment",
    "workflow",
];

/// What a subject begins with before it names the customer.
const LABELS: &[&str] = &[
    "account:",
    "https://github.com/",
    "job_workflow_ref:",
    "namespace_path:",
    "org/",
    "organization:",
    "owner:",
    "project_path:",
    "repo:",
    "repository:",
    "repository_id:",
    "repository_owner:",
    "repository_owner_id:",
    "system:serviceaccount:",
];

/// Returns whether anybody can get a token of this issuer, whose URL may have its scheme.
pub(crate) fn is_shared(issuer: &str) -> bool {
    let issuer = issuer.strip_prefix("https://").unwrap_or(issuer).trim_end_matches('/');
    SHARED.iter().any(|shared| issuer.eq_ignore_ascii_case(shared))
}

/// Returns whether one of these values of a claim tells a customer of the issuer from all others; with `pattern`, `*` and
/// `?` stand for anything. Either value is enough to come in, so that the widest counts.
pub(crate) fn selects(issuer: &str, claim: &str, pattern: bool, values: &[String]) -> Fact<bool> {
    let names_tenant = |(of, name): &(&str, &str)| issuer.eq_ignore_ascii_case(of) && claim.eq_ignore_ascii_case(name);
    let is = |name: &&str| claim.eq_ignore_ascii_case(name);
    let one: fn(&str) -> Fact<bool> = match () {
        () if claim.eq_ignore_ascii_case("sub") => subject,
        () if AUDIENCES.iter().any(names_tenant) => whole,
        () if TENANTS.iter().any(is) => tenant,
        () if COMMON.iter().any(is) => return Fact::Known(false),
        () => {
            return Fact::Unknown(Gap::with(
                Reason::ParseError,
                format!("whom the claim `{claim}` selects"),
            ));
        }
    };
    let mut all = Fact::Known(!values.is_empty());
    for value in values {
        let selected = match (value.contains("${"), pattern && value.contains(['*', '?'])) {
            (true, _) => Fact::Unknown(Gap::with(Reason::ParseError, format!("variable in `{value}`"))),
            (_, true) => one(value),
            (_, false) => Fact::Known(true),
        };
        match (&all, selected) {
            (Fact::Known(true), selected) | (Fact::Unknown(_), selected @ Fact::Known(false)) => all = selected,
            _ => {}
        }
    }
    all
}

/// Returns what of a pattern stands before its first wildcard.
fn head(pattern: &str) -> &str {
    pattern.split(['*', '?']).next().unwrap_or_default()
}

/// A subject with wildcards selects a customer whose name it spells out.
fn subject(pattern: &str) -> Fact<bool> {
    let head = head(pattern);
    if LABELS.iter().any(|label| label.starts_with(head)) {
        return Fact::Known(false);
    }
    let named = |label: &&str| {
        Some(
            head.strip_prefix(*label)?
                .find([':', '/', '@'])
                .is_some_and(|end| end > 0),
        )
    };
    match LABELS.iter().find_map(named) {
        Some(named) => Fact::Known(named),
        None => Fact::Unknown(Gap::with(
            Reason::ParseError,
            format!("whom the subject `{pattern}` selects"),
        )),
    }
}

/// The name of a repository or project is a path that begins with its owner.
fn tenant(pattern: &str) -> Fact<bool> {
    Fact::Known(head(pattern).find('/').is_some_and(|end| end > 0))
}

/// An identifier without parts.
fn whole(_: &str) -> Fact<bool> {
    Fact::Known(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    const GITHUB: &str = "token.actions.githubusercontent.com";

    fn selected(issuer: &str, claim: &str, values: &[&str]) -> Option<bool> {
        let values: Vec<String> = values.iter().map(|value| (*value).to_owned()).collect();
        selects(issuer, claim, true, &values).value().copied()
    }

    #[test]
    fn a_pattern_selects_whose_name_it_spells_out() {
        for (claim, value, expected) in [
            ("sub", "repo:octo-org/octo-repo:ref:refs/heads/main", Some(true)),
            ("sub", "repo:octo-org/*", Some(true)),
            ("sub", "repo:octo-org@123/*", Some(true)),
            ("sub", "repo:octo*", Some(false)),
            ("sub", "repo:octo-???/*", Some(false)),
            ("sub", "repo:*", Some(false)),
            ("sub", "repo:*/octo-repo:ref:refs/heads/main", Some(false)),
            ("sub", "re*", Some(false)),
            ("sub", "*", Some(false)),
            ("sub", "*:environment:production", Some(false)),
            ("sub", "project_path:group/*", Some(true)),
            ("sub", "organization:acme:*", Some(true)),
            ("sub", "organization:*:workspace:prod:*", Some(false)),
            ("sub", "system:serviceaccount:web:*", Some(true)),
            ("sub", "system:serviceaccount:*", Some(false)),
            ("sub", "something:else*", None),
            ("sub", "${saml:sub}", None),
            ("repository_owner", "octo-org", Some(true)),
            ("repository", "octo-org/*", Some(true)),
            ("repository", "*", Some(false)),
            ("environment", "production", Some(false)),
            ("aud", "sts.amazonaws.com", Some(false)),
            ("actor", "octocat", None),
        ] {
            assert_eq!(selected(GITHUB, claim, &[value]), expected, "{claim} {value}");
        }
    }

    #[test]
    fn the_widest_value_counts() {
        assert_eq!(selected(GITHUB, "sub", &[]), Some(false));
        assert_eq!(selected(GITHUB, "sub", &["repo:octo-org/a:*", "repo:*"]), Some(false));
        assert_eq!(selected(GITHUB, "sub", &["x:*", "repo:octo-org/a:*"]), None);
        assert_eq!(selected(GITHUB, "sub", &["x:*", "repo:*"]), Some(false));
    }

    #[test]
    fn audiences_name_a_tenant_of_some_issuers() {
        let pool = "eu-west-1:00000000-0000-0000-0000-000000000001";
        assert_eq!(selected("cognito-identity.amazonaws.com", "aud", &[pool]), Some(true));
        assert_eq!(selected("cognito-identity.amazonaws.com", "aud", &["*"]), Some(false));
        assert!(is_shared("https://token.actions.githubusercontent.com/"));
        assert!(!is_shared("oidc.eks.eu-west-1.amazonaws.com/id/EXAMPLE"));
    }
}
