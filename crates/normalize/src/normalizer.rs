//! Takes documents, and says which of them have to wait for others.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::collections::btree_map::Entry;

use jiff::Timestamp;
use nephoscope_model::{CoverageGap, Dialect, Document, Kind, Provider, Resource, ScopeRead, State};

use crate::aws;
use crate::closed::Closed;
use crate::gcp::denials::Denials;
use crate::group::{Context, Group, Lists, Piece, assemble};
use crate::join::Wholes;
use crate::lent::Lending;
use crate::mapping::{self, Mapping, Role};
use crate::open::{self, Understood};
use crate::relation::relations;
use crate::terraform;
use crate::versions::{Versions, newer_resource};

/// What became of a document.
#[derive(Debug)]
pub enum Taken {
    /// It is a resource by itself.
    Resource(Box<Resource>),
    /// It waits until the input ends, together with all others of this group: give them to
    /// [`Closed::join`](crate::Closed::join).
    Waits(String),
    /// It is a resource by itself, and waits as a part of another one together with all others of this group.
    Both(Box<Resource>, String),
    /// It was kept: what it says of others is asked for when the input has ended.
    Kept,
    /// It is newer than the instant judged, and counted.
    Later,
}

/// Normalizes documents; see the crate's documentation.
///
/// Worker threads each have one and [merge](Normalizer::merge) them; the order of documents and merges changes
/// nothing. It keeps what others look at (accounts, the managers of keys, what security groups open, TLS policies) and plans,
/// whose resources refer to each other by names; what waits for its own parts and versions is kept by the caller, since that
/// may be more than fits into memory.
#[derive(Default)]
pub struct Normalizer {
    as_of: Option<Timestamp>,
    versions: Versions,
    scopes: BTreeSet<ScopeRead>,
    after_as_of: u64,
    lending: Lending,
    /// Of each AWS account the first of its buckets, by key, in its newest version.
    accounts: BTreeMap<String, (Resource, u64)>,
    /// Resources that no mapping reads although they bear on a kind that is judged.
    unmapped: Vec<CoverageGap>,
}

impl Normalizer {
    /// Returns a normalizer that judges the newest versions not after `as_of`.
    pub fn new(as_of: Option<Timestamp>) -> Self {
        Normalizer {
            as_of,
            ..Normalizer::default()
        }
    }

    /// Takes one document; returns the resource if its type has no parts and needs nothing else. A document newer than
    /// `as_of` is counted and left out.
    ///
    /// A document that could not be understood comes back with `/attributes` unknown (`parse_error`).
    pub fn push(&mut self, document: &Document) -> Taken {
        let Understood { opened, mapping } = match open::open(document) {
            Ok(understood) => understood,
            Err(unreadable) => return Taken::Resource(unreadable),
        };
        let after = |at: Timestamp| self.as_of.is_some_and(|as_of| at > as_of);
        if opened.resource.observed_at.is_some_and(after) {
            self.after_as_of += 1;
            return Taken::Later;
        }
        let Some(mapping) = mapping else {
            if document.dialect == Dialect::TerraformPlan {
                self.unmapped
                    .extend(terraform::unmapped::gap(document, &opened.resource));
            }
            return Taken::Resource(Box::new(opened.resource));
        };
        if !is_kept(mapping) {
            match mapping.role {
                Role::Alone => {}
                Role::Whole => {
                    let group = opened.resource.key.0.clone();
                    if mapping.kind == "storage.bucket" {
                        self.note_account(opened.resource, open::digest(document));
                    }
                    return Taken::Waits(group);
                }
                Role::Part { names, .. } => {
                    return match names(&opened.resource, None).into_iter().next() {
                        Some(whole) if mapping.stands => Taken::Both(Box::new(no_part(opened.resource)), whole),
                        Some(whole) => Taken::Waits(whole),
                        None => Taken::Resource(Box::new(no_part(opened.resource))),
                    };
                }
            }
        }
        let mut found = Taken::Kept;
        for piece in open::pieces(mapping, &opened, open::digest(document)) {
            match mapping.role {
                Role::Alone => {
                    let resource = alone(&piece);
                    if let Some(pointer) = mapping.lends {
                        self.lending.note(mapping.native_type, pointer, &resource, piece.digest);
                    }
                    found = Taken::Resource(Box::new(resource));
                }
                Role::Part { names, .. } if names(&piece.resource, piece.native.as_ref().ok()).is_empty() => {
                    found = Taken::Resource(Box::new(no_part(piece.resource)));
                }
                Role::Whole | Role::Part { .. } => self.versions.keep(piece),
            }
        }
        found
    }

    /// Notes what a resource lends that is not pushed, as [`loan`](crate::loan) returned it; `false` when the bytes are none.
    pub fn lend(&mut self, loan: &[u8]) -> bool {
        self.lending.note_loan(loan)
    }

    /// Notes that a scope was read in full, so that what is not there is known to be absent.
    pub fn scope_read(&mut self, scope: ScopeRead) {
        self.scopes.insert(scope);
    }

    /// Takes over what `other` kept and counted. Both must have the same `as_of`.
    pub fn merge(&mut self, other: Normalizer) {
        self.versions.merge(other.versions);
        for (resource, digest) in other.accounts.into_values() {
            self.note_account(resource, digest);
        }
        self.lending.merge(other.lending);
        self.unmapped.extend(other.unmapped);
        self.scopes.extend(other.scopes);
        self.after_as_of += other.after_as_of;
    }

    /// Ends the input and gives `visit` everything kept, to be built one resource at a time, and the way to join what
    /// waited.
    pub fn close<R>(self, visit: impl FnOnce(&Closed<'_>) -> R) -> R {
        let versions = self.versions;
        let wholes = Wholes::of(&versions);
        let mut context = Context {
            lists: Lists::new(&self.scopes),
            lending: self.lending,
            scopes: self.scopes.into_iter().filter(|scope| scope.within.is_none()).collect(),
            ..Context::default()
        };
        for ((key, _), main) in wholes.staying() {
            context.wholes.entry(key).or_default().push(main);
            if main.mapping.dialects.contains(&Dialect::TerraformPlan) {
                context.planned.entry(main.mapping.native_type).or_default().push(main);
            }
        }
        let denials = Denials::default();
        let (groups, mut gaps) = wholes.join(&context, &denials);
        gaps.extend(versions.gaps());
        gaps.extend(self.unmapped);
        gaps.sort();
        let accounts = self.accounts.values().map(|(resource, _)| resource);
        visit(&Closed {
            implied: aws::account_public_access_block::implied(accounts, &context),
            context: &context,
            groups,
            gaps,
            superseded: versions.superseded,
            after_as_of: self.after_as_of,
        })
    }

    fn note_account(&mut self, resource: Resource, digest: u64) {
        if resource.provider != Provider::Aws || resource.state != State::Live {
            return;
        }
        match self.accounts.entry(resource.account.clone()) {
            Entry::Vacant(entry) => {
                entry.insert((resource, digest));
            }
            Entry::Occupied(mut entry) => {
                let (held, held_digest) = entry.get();
                let first = held.key.cmp(&resource.key);
                let newer = || newer_resource((&resource, digest), (held, *held_digest));
                if first.then_with(newer) == Ordering::Greater {
                    entry.insert((resource, digest));
                }
            }
        }
    }
}

/// Returns whether a document that came back as a resource tells all there is to tell of it, and nothing of others but what it
/// [lends](crate::loan): no mapping reads it, or one whose type has no parts.
pub fn stands_alone(document: &Document) -> bool {
    if document.dialect == Dialect::TerraformPlan {
        return false;
    }
    // Types that are read by their ids are parts of several others.
    let mut by_id = false;
    let found = mapping::find(document.dialect, &open::canonical_type(document), || {
        by_id = true;
        String::new()
    });
    match found {
        _ if by_id => false,
        None => true,
        Some(mapping) => matches!(mapping.role, Role::Alone) && !is_kept(mapping),
    }
}

/// Returns whether documents are kept here: others look at them, or refer to them by names.
fn is_kept(mapping: &Mapping) -> bool {
    mapping.kept
        || mapping.dialects.contains(&Dialect::TerraformPlan)
        || relations().iter().any(|relation| relation.kind == mapping.kind)
}

/// Returns the resource that a part is by itself: what belongs to something that no mapping reads, or has tags.
fn no_part(mut resource: Resource) -> Resource {
    resource.kind = Kind::OTHER;
    resource.mapping = None;
    resource
}

fn alone(piece: &Piece) -> Resource {
    assemble(&Group {
        main: piece,
        facets: BTreeMap::from([(piece.facet, piece)]),
        parts: Vec::new(),
        gone: Vec::new(),
        context: &Context::default(),
        denials: &Denials::default(),
    })
}
