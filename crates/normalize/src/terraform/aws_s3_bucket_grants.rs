//! What access control lists and policies of a planned bucket grant to the public.
//!
//! Source: Terraform AWS provider documentation of `aws_s3_bucket`, `aws_s3_bucket_acl` and `aws_s3_bucket_policy`.

use nephoscope_model::kinds::{Grant, GrantVia, PublicPrincipal, StorageGuards};
use nephoscope_model::{Fact, Gap};

use super::aws_s3_bucket::{Bucket, Stated};
use super::aws_s3_bucket_parts as parts;
use super::planned::{Planned, Spot};
use crate::aws::s3_access::{acl_access, effective, public_group};
use crate::aws::s3_policy;
use crate::group::{Found, Piece};
use crate::storage::Draft;

/// Grants found, and why there may be more.
#[derive(Default)]
pub(super) struct Grants {
    pub(super) drafts: Vec<Draft>,
    pub(super) missing: Option<Gap>,
}

impl Grants {
    fn lack(&mut self, gap: Option<&Gap>) {
        self.missing = self.missing.take().or_else(|| gap.cloned());
    }
}

/// Adds what access control lists grant.
pub(super) fn acl(bucket: &Bucket<'_>, guards: &StorageGuards, grants: &mut Grants) {
    let shut = match bucket.stated(&parts::OWNERSHIP, "/ownership_controls") {
        Stated::Part(planned) => {
            planned.at("/rule/0/object_ownership").text() == Fact::Known("BucketOwnerEnforced".to_owned())
        }
        _ => false,
    };
    // With the bucket's owner owning everything, access control lists have no effect. Source: Amazon S3 User Guide
    // "Controlling ownership of objects and disabling ACLs".
    let in_effect = if shut {
        Fact::Known(false)
    } else {
        effective(GrantVia::Acl, guards)
    };
    let mut list = List { in_effect, grants };
    let mut apart: Vec<&Piece> = bucket.group.parts(parts::ACL.native_type).collect();
    if bucket.ends(&parts::ACL, "/acl") && bucket.own.unchanged("/grant") {
        // Source: Terraform AWS provider documentation of `aws_s3_bucket_acl`: destroying it does not delete the list
        // of the bucket, it only leaves Terraform's state.
        apart = bucket.group.gone(parts::ACL.native_type).collect();
    }
    if !apart.is_empty() {
        for piece in apart {
            match piece.get::<Planned>() {
                Found::Read(_, planned) => {
                    list.canned(&planned.at("/acl"), piece);
                    // Filled in from the canned list where that is in use.
                    let policy = planned.computed("/access_control_policy").block();
                    list.grants.lack(policy.gap());
                    if let Some(policy) = policy.value() {
                        list.single(&policy.at("/grant"), piece);
                    }
                }
                Found::Failed(gap) => list.grants.lack(Some(&gap)),
                Found::Missing => {}
            }
        }
        return;
    }
    let (canned, single) = (bucket.own.computed("/acl"), bucket.own.computed("/grant"));
    if !bucket.own.created && single.value() == Fact::Absent {
        list.grants.lack(Some(&bucket.group.not_read(parts::ACL.native_type)));
    }
    list.canned(&canned, bucket.main);
    list.grants.lack(single.items().gap());
    for block in single.items().value().into_iter().flatten() {
        let grantee = block.at("/uri");
        let permissions = block.at("/permissions").texts();
        list.grants.lack(permissions.gap());
        for permission in permissions.value().into_iter().flatten() {
            list.one(&grantee, permission, bucket.main, block.native());
        }
    }
}

/// The grants of an access control list.
struct List<'a> {
    in_effect: Fact<bool>,
    grants: &'a mut Grants,
}

impl List<'_> {
    /// Source: Amazon S3 User Guide "Access control list (ACL) overview", canned ACL.
    fn canned(&mut self, spot: &Spot<'_>, piece: &Piece) {
        let text = spot.text();
        self.grants.lack(text.gap());
        let (principal, permissions): (_, &[&str]) = match text.value().map(String::as_str) {
            Some("public-read") => (PublicPrincipal::Everyone, &["READ"]),
            Some("public-read-write") => (PublicPrincipal::Everyone, &["READ", "WRITE"]),
            Some("authenticated-read") => (PublicPrincipal::AnyAuthenticated, &["READ"]),
            _ => return,
        };
        for permission in permissions {
            self.push(principal, permission, piece, spot.native());
        }
    }

    /// Reads blocks `grant` with one grantee and permission each.
    fn single(&mut self, spot: &Spot<'_>, piece: &Piece) {
        let items = spot.items();
        self.grants.lack(items.gap());
        for block in items.value().into_iter().flatten() {
            let permission = block.at("/permission").text();
            self.grants.lack(permission.gap());
            if let Some(permission) = permission.value() {
                self.one(&block.at("/grantee/0/uri"), permission, piece, block.native());
            }
        }
    }

    fn one(&mut self, grantee: &Spot<'_>, permission: &str, piece: &Piece, pointer: String) {
        let uri = grantee.text();
        self.grants.lack(uri.gap());
        if let Some(principal) = uri.value().and_then(|uri| public_group(uri)) {
            self.push(principal, permission, piece, pointer);
        }
    }

    fn push(&mut self, principal: PublicPrincipal, permission: &str, piece: &Piece, pointer: String) {
        let grant = Grant {
            principal,
            access: acl_access(permission),
            via: GrantVia::Acl,
            name: Some(permission_name(permission)),
            effective: self.in_effect.clone(),
        };
        self.grants.drafts.push(Draft {
            grant,
            origin: piece.origin().cloned(),
            pointer,
        });
    }
}

/// Returns a permission as AWS Config spells it, so that one grant has one name in plan and inventory: `FullControl`.
fn permission_name(permission: &str) -> String {
    let words = permission.split('_').map(|word| {
        let mut letters = word.chars();
        let first = letters.next().map(|letter| letter.to_ascii_uppercase());
        first
            .into_iter()
            .chain(letters.map(|letter| letter.to_ascii_lowercase()))
            .collect::<String>()
    });
    words.collect()
}

/// Adds what policies grant; returns whether they refuse requests without TLS.
pub(super) fn policy(bucket: &Bucket<'_>, guards: &StorageGuards, grants: &mut Grants) -> Fact<bool> {
    let mut texts: Vec<(&Piece, Spot<'_>)> = Vec::new();
    let mut gap = None;
    let apart: Vec<&Piece> = bucket.group.parts(parts::POLICY.native_type).collect();
    for piece in &apart {
        match piece.get::<Planned>() {
            Found::Read(piece, planned) => texts.push((piece, planned.at("/policy"))),
            Found::Failed(failed) => gap = Some(failed),
            Found::Missing => {}
        }
    }
    // A policy that the plan deletes leaves none, whatever the bucket's state still shows.
    if apart.is_empty() && !bucket.ends(&parts::POLICY, "/policy") {
        let own = bucket.own.computed("/policy");
        // An existing bucket without policy has "" here; null is what a provider writes that has not looked.
        if !bucket.own.created && own.value() == Fact::Absent {
            gap = Some(bucket.group.not_read(parts::POLICY.native_type));
        }
        texts.push((bucket.main, own));
    }
    let mut required = false;
    for (piece, spot) in texts {
        let text = spot.text();
        gap = gap.or_else(|| text.gap().cloned());
        let Some(text) = text.value() else { continue };
        let facts = match s3_policy::read(text, &bucket.main.resource.name) {
            Ok(facts) => facts,
            Err(failed) => {
                gap = Some(failed);
                continue;
            }
        };
        required |= facts.requires_tls;
        for statement in facts.grants {
            let grant = Grant {
                principal: PublicPrincipal::Everyone,
                access: statement.access,
                via: GrantVia::Policy,
                name: statement.sid,
                effective: effective(GrantVia::Policy, guards),
            };
            let pointer = format!("{}/Statement/{}", spot.native(), statement.index);
            grants.drafts.push(Draft {
                grant,
                origin: piece.origin().cloned(),
                pointer,
            });
        }
    }
    grants.lack(gap.as_ref());
    match gap {
        Some(gap) if !required => Fact::Unknown(gap),
        _ => Fact::Known(required),
    }
}
