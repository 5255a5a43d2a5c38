//! `iam.googleapis.com/WorkloadIdentityPoolProvider` → `identity.provider`.
//!
//! Without a condition every valid token of the issuer is taken, and which of them may act as a service account stands in
//! the bindings of others. A condition is an expression; that it names a customer of the issuer is seen where one of the
//! terms that all have to hold compares a claim with text, anything else is not understood. Source: IAM API
//! `projects.locations.workloadIdentityPools.providers`, IAM "Configure Workload Identity Federation with deployment
//! pipelines", "Best practices for using Workload Identity Federation", read 2026-11-25.

use std::collections::BTreeMap;

use nephoscope_model::kinds::{IdentityProvider, Subjects, Trust, TrustOrigin};
use nephoscope_model::{Fact, Gap, Reason};
use serde::Deserialize;

use super::{CAI, DATA};
use crate::group::{Built, Found, Group};
use crate::issuers;
use crate::json::{self, Text};
use crate::mapping::{Absence, Mapping, Source, source};

const SOURCES: &[Source] = &[
    source("/trust", "/resource/data/oidc/issuerUri", Absence::Unknown),
    source("/trust", "/resource/data/aws/accountId", Absence::Absent),
    source("/trust", "/resource/data/saml", Absence::Absent),
    source("/trust", "/resource/data/x509", Absence::Absent),
    source("/trust", "/resource/data/attributeCondition", Absence::Absent),
    source("/trust", "/resource/data/attributeMapping", Absence::Absent),
    source("/trust", "/resource/data/disabled", Absence::Default("false")),
    source("/trust", "/resource/data/state", Absence::Default("ACTIVE")),
];

pub(crate) const MAPPING: Mapping = Mapping {
    dialects: CAI,
    native_type: "iam.googleapis.com/WorkloadIdentityPoolProvider",
    kind: "identity.provider",
    sources: SOURCES,
    read: |body| Ok(Box::new(body.section::<Provider>(DATA)?)),
    build,
    ..Mapping::BASE
};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Provider {
    #[serde(default)]
    state: Text,
    #[serde(default, deserialize_with = "json::flag")]
    disabled: Option<bool>,
    #[serde(default)]
    attribute_condition: Text,
    #[serde(default)]
    attribute_mapping: Option<BTreeMap<String, String>>,
    #[serde(default)]
    oidc: Option<Oidc>,
    #[serde(default)]
    aws: Option<Aws>,
    // What stands in there is of one customer.
    #[serde(default)]
    saml: Option<serde::de::IgnoredAny>,
    #[serde(default)]
    x509: Option<serde::de::IgnoredAny>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Oidc {
    #[serde(default)]
    issuer_uri: Text,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Aws {
    #[serde(default)]
    account_id: Text,
}

fn build(group: &Group<'_>) -> Built {
    let Found::Read(piece, Some(native)) = group.native::<Option<Provider>>() else {
        return Built::unknown(group.not_read("resource"));
    };
    // A provider that was deleted can be brought back for thirty days.
    let off = native.disabled == Some(true) || native.state.0.as_deref() == Some("DELETED");
    let trust = match (off, native.trusted()) {
        (true, _) => Fact::Known(Vec::new()),
        (false, Some(trust)) => Fact::Known(vec![trust]),
        (false, None) => Fact::Unknown(group.not_read("oidc.issuerUri")),
    };
    let there = trust.value().is_some_and(|trust| !trust.is_empty());
    let mut built = Built::new(&IdentityProvider { trust });
    if there {
        built.from("/trust/0", piece, DATA);
    }
    built
}

impl Provider {
    /// Returns the issuer with whom of it is let in; `None` where no issuer is named.
    fn trusted(&self) -> Option<Trust> {
        let issuer = self.oidc.as_ref().and_then(|oidc| oidc.issuer_uri.clone().take());
        let account = self.aws.as_ref().and_then(|aws| aws.account_id.clone().take());
        let (principal, subjects) = match (issuer, &account) {
            (Some(issuer), _) => {
                let subjects = self.subjects(&issuer);
                (issuer, subjects)
            }
            (None, Some(account)) => (account.clone(), Fact::Absent),
            (None, None) if self.saml.is_some() => ("saml".to_owned(), Fact::Absent),
            (None, None) if self.x509.is_some() => ("x509".to_owned(), Fact::Absent),
            (None, None) => return None,
        };
        Some(Trust {
            principal,
            origin: Fact::Known(TrustOrigin::Federated),
            account: account.into(),
            narrowing: Fact::Absent,
            subjects,
        })
    }

    fn subjects(&self, issuer: &str) -> Fact<Subjects> {
        let condition = self.attribute_condition.0.as_deref().unwrap_or_default().trim();
        match (issuers::is_shared(issuer), condition) {
            (true, "" | "true") => Fact::Known(Subjects::Anybody),
            (false, "" | "true") => Fact::Known(Subjects::WholeIssuer),
            (false, _) => Fact::Known(Subjects::Selected),
            (true, condition) if terms(condition).any(|term| self.selects(term, issuer)) => {
                Fact::Known(Subjects::Selected)
            }
            (true, condition) => {
                let detail = format!("whom the condition `{condition}` selects");
                Fact::Unknown(Gap::with(Reason::ParseError, detail))
            }
        }
    }

    /// Returns whether a term is `claim == "text"`, of a claim that tells customers apart.
    fn selects(&self, term: &str, issuer: &str) -> bool {
        let Some((left, right)) = term.split_once("==") else {
            return false;
        };
        let text = |term: &str| {
            let term = term.trim();
            let inner = (term.strip_prefix('\'').and_then(|term| term.strip_suffix('\'')))
                .or_else(|| term.strip_prefix('"').and_then(|term| term.strip_suffix('"')))?;
            (!inner.is_empty() && !inner.contains(['\'', '"', '\\'])).then(|| inner.to_owned())
        };
        let claim = |term: &str| self.claim(term.trim()).map(str::to_owned);
        let Some((claim, value)) = claim(left).zip(text(right)).or_else(|| claim(right).zip(text(left))) else {
            return false;
        };
        issuers::selects(issuer, &claim, false, &[value]) == Fact::Known(true)
    }

    /// Returns the claim of the token that a name in a condition stands for.
    fn claim<'n>(&'n self, name: &'n str) -> Option<&'n str> {
        let mapped = self.attribute_mapping.as_ref().and_then(|mapping| mapping.get(name));
        let claim = mapped.map_or(name, |mapped| mapped.trim()).strip_prefix("assertion.")?;
        let plain = claim.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        plain.then_some(claim)
    }
}

/// Returns the terms of a condition that all have to hold; none of a condition with alternatives, or that nests some.
fn terms(condition: &str) -> impl Iterator<Item = &str> {
    let count = |text: &str, sign: char| text.matches(sign).count();
    let nests = |term: &str| count(term, '(') != count(term, ')') || count(term, '[') != count(term, ']');
    let plain = !condition.contains("||") && !condition.contains('?') && !condition.split("&&").any(nests);
    condition.split("&&").filter(move |_| plain)
}
