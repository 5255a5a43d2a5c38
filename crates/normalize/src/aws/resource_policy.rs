//! Policies of single resources: what they grant to the public, by the lists of their service.
//!
//! Source: IAM User Guide "IAM JSON policy elements reference", "Policy evaluation logic", read 2026-11-25.

use nephoscope_model::kinds::{PublicAction, PublicGrant, PublicPrincipal, PublicVia};
use nephoscope_model::{Fact, Gap};

use super::policy_document::{self, Statement};
use crate::grants::Draft;
use crate::group::Piece;
use crate::wildcard::matches;

/// What the policies of one service mean.
pub(crate) struct Service {
    /// The prefix of its actions: `kms`.
    pub(crate) prefix: &'static str,
    /// What the text is called in messages.
    pub(crate) what: &'static str,
    /// Whom `*` lets in: a service that takes no unsigned request lets in only those who have an account.
    pub(crate) everyone: PublicPrincipal,
    /// Condition keys of the service that, bound to fixed values, keep the public out.
    pub(crate) narrowing: &'static [&'static str],
    /// Actions by what they allow; others allow to inspect.
    pub(crate) actions: &'static [(&'static str, PublicAction)],
    /// Statements name the resource; those of some services have no such element.
    pub(crate) names_resource: bool,
}

/// One statement that lets the public in.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct PolicyGrant {
    access: PublicAction,
    sid: Option<String>,
    index: usize,
}

impl Service {
    /// Returns what the policy text of the resource `arn` grants to the public.
    ///
    /// # Errors
    ///
    /// A gap with the reason `parse_error` when the text is no policy document.
    pub(crate) fn read(&self, text: &str, arn: &str) -> Result<Vec<PolicyGrant>, Gap> {
        let statements = policy_document::statements(text, self.what)?;
        if statements.iter().any(|statement| self.refuses(statement, arn)) {
            return Ok(Vec::new());
        }
        Ok((statements.into_iter().enumerate())
            .filter_map(|(index, statement)| {
                let access = self.grants(&statement)?;
                Some(PolicyGrant {
                    access,
                    sid: statement.sid.take(),
                    index,
                })
            })
            .collect())
    }

    /// Returns grants as they enter the attributes; `pointer` is the policy's.
    pub(crate) fn drafts(&self, grants: &[PolicyGrant], piece: &Piece, pointer: &str) -> Vec<Draft> {
        let draft = |grant: &PolicyGrant| Draft {
            grant: PublicGrant {
                principal: self.everyone,
                access: grant.access,
                via: PublicVia::Policy,
                name: grant.sid.clone(),
                effective: Fact::Known(true),
            },
            origin: piece.origin().cloned(),
            pointer: format!("{pointer}/Statement/{}", grant.index),
        };
        grants.iter().map(draft).collect()
    }

    fn grants(&self, statement: &Statement) -> Option<PublicAction> {
        if !statement.allows() || !statement.is_for_everyone() || statement.keeps_public_out(self.narrowing) {
            return None;
        }
        if statement.not_action.is_some() {
            return Some(PublicAction::Admin);
        }
        statement.action.iter().filter_map(|action| self.access(action)).max()
    }

    /// Returns the strongest access that an action or pattern allows.
    fn access(&self, action: &str) -> Option<PublicAction> {
        if action == "*" {
            return Some(PublicAction::Admin);
        }
        let (service, name) = action.split_once(':')?;
        if !matches(service, self.prefix) {
            return None;
        }
        let listed = self.actions.iter().filter(|(sample, _)| matches(name, sample));
        Some(listed.map(|(_, access)| *access).max().unwrap_or(PublicAction::Inspect))
    }

    /// Returns whether the statement refuses every action on the resource to everyone but those whom one condition names.
    fn refuses(&self, statement: &Statement, arn: &str) -> bool {
        let every = format!("{}:*", self.prefix);
        let probe = format!("{}:Nephoscope", self.prefix);
        // Patterns are compared without the partition.
        let arn: Vec<&str> = arn.splitn(3, ':').collect();
        let arn = match arn.as_slice() {
            ["arn", _, rest] => format!("arn:aws:{rest}"),
            _ => return false,
        };
        statement.refuses_all_but_named(&every, self.narrowing)
            && (!self.names_resource || statement.covers(&probe, &arn))
    }
}
