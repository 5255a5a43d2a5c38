//! Trust policies of IAM: who may assume a role, and under which condition.
//!
//! Source: IAM User Guide "AWS JSON policy elements: Principal", "Access to AWS accounts owned by third parties", "IAM
//! JSON policy elements: Condition operators", read 2026-11-25.

use std::collections::BTreeMap;

use nephoscope_model::kinds::{Narrowing, Subjects, Trust, TrustOrigin};
use nephoscope_model::{Fact, Gap, Reason};

use super::policy_document::{Principal, Statement, is_fixed, narrows, positive};
use super::web_identity;

/// Actions by which a role is assumed; others of a trust policy only tag a session.
const ASSUME: &[&str] = &[
    "sts:AssumeRole",
    "sts:AssumeRoleWithSAML",
    "sts:AssumeRoleWithWebIdentity",
];

/// Returns who may assume a role of `account`, each principal once with the weakest of its conditions, sorted.
pub(crate) fn trusts(statements: &[Statement], account: &str) -> Vec<Trust> {
    let floor = floor(statements);
    let denials: Vec<&Statement> = statements.iter().filter(|all| all.denies()).collect();
    let mut found: BTreeMap<String, Trust> = BTreeMap::new();
    for statement in statements.iter().filter(|all| all.allows() && all.assumes()) {
        let narrowing = raised(statement.narrowing(), &floor);
        for (kind, id) in statement.principals() {
            let Some((origin, of)) = origin(kind, id, account) else {
                continue;
            };
            let subjects = match (kind, web_identity::issuer(id)) {
                // Where it comes from is fixed, whoever it is.
                ("Federated", Some(_)) if narrowing == Fact::Known(Narrowing::Fixed) => Fact::Known(Subjects::Selected),
                ("Federated", Some(issuer)) => web_identity::subjects(statement, &denials, id, issuer),
                _ => Fact::Absent,
            };
            // No service and no identity provider has the name of an account, so that the text tells principals apart.
            let trust = found.entry(id.to_owned()).or_insert_with(|| Trust {
                principal: id.to_owned(),
                origin,
                account: of.into(),
                narrowing: narrowing.clone(),
                subjects: subjects.clone(),
            });
            trust.narrowing = weaker(&trust.narrowing, &narrowing, Narrowing::None);
            trust.subjects = weaker(&trust.subjects, &subjects, Subjects::Anybody);
        }
    }
    found.into_values().collect()
}

/// Returns what a principal is and its account; `None` for the id that IAM leaves in place of a deleted principal, which
/// nobody has again.
fn origin(kind: &str, id: &str, account: &str) -> Option<(Fact<TrustOrigin>, Option<String>)> {
    let plain = |origin| Some((Fact::Known(origin), None));
    match kind {
        "AWS" | "*" if id == "*" => return plain(TrustOrigin::Everyone),
        "AWS" => {}
        "Service" => return plain(TrustOrigin::Service),
        "Federated" => return plain(TrustOrigin::Federated),
        _ => return Some((Fact::Unknown(not_a_principal(id)), None)),
    }
    let of = match id.strip_prefix("arn:") {
        Some(arn) => arn.split(':').nth(3).unwrap_or_default(),
        None => id,
    };
    if of.len() == 12 && of.bytes().all(|byte| byte.is_ascii_digit()) {
        let origin = match account {
            "" => Fact::Unknown(Gap::with(Reason::NotRead, "the account of the role")),
            _ if of == account => Fact::Known(TrustOrigin::SameAccount),
            _ => Fact::Known(TrustOrigin::OtherAccount),
        };
        return Some((origin, Some(of.to_owned())));
    }
    let unique = id.len() >= 16 && id.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
    if unique && id.starts_with('A') {
        return None;
    }
    Some((Fact::Unknown(not_a_principal(id)), None))
}

fn not_a_principal(id: &str) -> Gap {
    Gap::with(Reason::ParseError, format!("`{id}` is no principal"))
}

impl Statement {
    fn assumes(&self) -> bool {
        ASSUME.iter().any(|action| self.is_about(action))
    }

    /// Returns the principals by kind; everyone but some is everyone.
    fn principals(&self) -> Vec<(&str, &str)> {
        if self.not_principal.is_some() {
            return vec![("AWS", "*")];
        }
        match &self.principal {
            None => Vec::new(),
            Some(Principal::Text(text)) => vec![("AWS", text)],
            Some(Principal::Map(map)) => (map.iter())
                .flat_map(|(kind, ids)| ids.0.iter().map(move |id| (kind.as_str(), id.as_str())))
                .collect(),
        }
    }

    /// Returns the strongest of the conditions, all of which have to hold.
    fn narrowing(&self) -> Narrowing {
        let each = self.conditions();
        each.map(|(operator, key, values)| narrowing(operator, key, values))
            .max()
            .unwrap_or(Narrowing::None)
    }

    /// Returns what is left to those whom a denial does not meet: `None` where that is not understood.
    fn leaves(&self) -> Option<Narrowing> {
        let conditions: Vec<_> = self.conditions().collect();
        if self.not_principal.is_some() || !self.is_for_everyone() {
            return None;
        }
        match conditions.as_slice() {
            // Nobody may assume the role at all.
            [] => Some(Narrowing::Fixed),
            [(operator, key, values)] => {
                let lower = operator.to_ascii_lowercase();
                let absent_counts = matches!(lower.as_str(), "bool" | "boolifexists");
                if absent_counts && key.eq_ignore_ascii_case("aws:MultiFactorAuthPresent") {
                    let without = values.iter().any(|value| value.eq_ignore_ascii_case("false"));
                    // Long-lived keys leave the key of the condition out, which `Bool` alone lets pass.
                    return (without && lower == "boolifexists").then_some(Narrowing::Mfa);
                }
                let left = narrowing(positive(operator)?, key, values);
                (left > Narrowing::None).then_some(left)
            }
            _ => None,
        }
    }
}

fn narrowing(operator: &str, key: &str, values: &[String]) -> Narrowing {
    let lower = operator.to_ascii_lowercase();
    let is = |name: &str| key.eq_ignore_ascii_case(name);
    let text = matches!(lower.as_str(), "stringequals" | "stringequalsignorecase" | "stringlike");
    let fixed = !values.is_empty() && values.iter().all(|value| is_fixed(value, lower == "stringlike"));
    let number = lower.starts_with("numericlessthan") && !lower.ends_with("ifexists");
    match () {
        () if narrows(operator, key, values, &[]) => Narrowing::Fixed,
        () if is("sts:ExternalId") && text && fixed => Narrowing::ExternalId,
        () if is("aws:MultiFactorAuthPresent")
            && lower == "bool"
            && !values.is_empty()
            && values.iter().all(|value| value.eq_ignore_ascii_case("true")) =>
        {
            Narrowing::Mfa
        }
        () if is("aws:MultiFactorAuthAge") && number && !values.is_empty() => Narrowing::Mfa,
        () => Narrowing::None,
    }
}

/// Returns what denials ask of everyone: all of them hold; unknown where one is not understood.
fn floor(statements: &[Statement]) -> Fact<Narrowing> {
    let mut floor = Narrowing::None;
    for denial in statements.iter().filter(|all| all.denies() && all.assumes()) {
        match denial.leaves() {
            Some(left) => floor = floor.max(left),
            None => {
                let sid = denial.sid.0.as_deref().unwrap_or_default();
                let detail = format!("trust policy: what the denial `{sid}` leaves");
                return Fact::Unknown(Gap::with(Reason::ParseError, detail));
            }
        }
    }
    Fact::Known(floor)
}

fn raised(own: Narrowing, floor: &Fact<Narrowing>) -> Fact<Narrowing> {
    match floor {
        _ if own == Narrowing::Fixed => Fact::Known(own),
        Fact::Known(floor) => Fact::Known(own.max(*floor)),
        other => other.clone(),
    }
}

/// Returns the weaker of two, of which nothing is weaker than `least`: either statement is enough.
fn weaker<T: Ord + Copy>(a: &Fact<T>, b: &Fact<T>, least: T) -> Fact<T> {
    match (a, b) {
        (Fact::Known(a), Fact::Known(b)) => Fact::Known(*a.min(b)),
        (Fact::Known(known), _) | (_, Fact::Known(known)) if *known == least => Fact::Known(least),
        (Fact::Known(_), other) | (other, _) => other.clone(),
    }
}

#[cfg(test)]
mod tests;
