//! Takes documents, keeps what needs others, and assembles the rest when the input ends.

use std::cmp::{Ordering, Reverse};
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;
use nephoscope_model::{
    CoverageGap, Dialect, Document, Gap, Kind, Reason, Resource, ResourceKey, ScopeRead, State, Unknown,
};
use serde_json::{Map, Value};

use crate::body::Body;
use crate::error::NormalizeError;
use crate::gaps::{contradicted, orphaned, replanned};
use crate::group::{Context, Group, Lists, Piece, assemble};
use crate::mapping::{self, Mapping, Role};
use crate::{aws, azure, gcp, terraform};

/// What one version of one document, or section, is kept under: (resource key, native type, section).
type Slot = (String, &'static str, &'static str);

/// Normalizes documents; see the crate's documentation.
///
/// Worker threads each have one and [merge](Normalizer::merge) them; the order of documents and merges changes
/// nothing.
#[derive(Default)]
pub struct Normalizer {
    as_of: Option<Timestamp>,
    pieces: BTreeMap<Slot, Piece>,
    scopes: BTreeSet<ScopeRead>,
    superseded: u64,
    after_as_of: u64,
    /// Plans that plan one resource, by its slot.
    replanned: BTreeMap<Slot, BTreeSet<Arc<str>>>,
    /// Digests of documents of one encoding that differ about one resource while none says when it was read.
    undated: BTreeMap<Slot, BTreeSet<u64>>,
    /// Resources that no mapping reads although they bear on a kind that is judged.
    unmapped: Vec<CoverageGap>,
}

/// Everything that was kept, assembled at once; see [`Normalizer::close`] for one resource at a time.
#[derive(Debug)]
pub struct Finished {
    /// The resources that were not returned by [`Normalizer::push`], sorted by key.
    pub resources: Vec<Resource>,
    /// Parts whose whole was not read, sorted.
    pub gaps: Vec<CoverageGap>,
    /// Kept versions that a newer one replaced. Of resources returned at once the caller counts them.
    pub superseded: u64,
    /// Documents of any type that are newer than `as_of`.
    pub after_as_of: u64,
}

/// Everything that was kept, grouped by resource and ready to be built, by any number of threads.
pub struct Closed<'p> {
    groups: Vec<Group<'p>>,
    /// Resources that no document states but that follow from what was read.
    implied: Vec<Resource>,
    /// Parts whose whole was not read, sorted.
    pub gaps: Vec<CoverageGap>,
    /// Kept versions that a newer one replaced. Of resources returned at once the caller counts them.
    pub superseded: u64,
    /// Documents of any type that are newer than `as_of`.
    pub after_as_of: u64,
}

impl Closed<'_> {
    /// Returns how many resources there are.
    pub fn len(&self) -> usize {
        self.groups.len() + self.implied.len()
    }

    /// Returns whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the kind of the resource `index`.
    pub fn kind(&self, index: usize) -> Option<Kind> {
        let resource = match self.groups.get(index) {
            Some(group) => &group.main.resource,
            None => self.implied.get(index - self.groups.len())?,
        };
        Some(resource.kind)
    }

    /// Assembles, relates and derives the resource `index`; `None` at and past [`len`](Closed::len).
    pub fn build(&self, index: usize) -> Option<Resource> {
        match self.groups.get(index) {
            Some(group) => Some(assemble(group)),
            None => self.implied.get(index - self.groups.len()).cloned(),
        }
    }
}

/// A document with its envelope read and its sections found.
pub(crate) struct Opened<'a> {
    /// The envelope; `unknown` is empty but for a document that says it holds no attributes.
    pub(crate) resource: Resource,
    pub(crate) body: Body<'a>,
}

impl Normalizer {
    /// Returns a normalizer that judges the newest versions not after `as_of`.
    pub fn new(as_of: Option<Timestamp>) -> Self {
        Normalizer {
            as_of,
            ..Normalizer::default()
        }
    }

    /// Takes one document; returns the resource if its type has no parts and needs nothing else, else keeps what it
    /// read. A document newer than `as_of` is counted and left out.
    ///
    /// A document that could not be understood comes back with `/attributes` unknown (`parse_error`).
    pub fn push(&mut self, document: Document) -> Option<Resource> {
        let native_type = canonical_type(&document);
        let mapping = mapping::find(document.dialect, &native_type);
        let opened = match open(&document, &native_type, mapping) {
            Ok(opened) => opened,
            Err(error) => return Some(unreadable(&document, mapping, &error)),
        };
        let after = |at: Timestamp| self.as_of.is_some_and(|as_of| at > as_of);
        if opened.resource.observed_at.is_some_and(after) {
            self.after_as_of += 1;
            return None;
        }
        let Some(mapping) = mapping else {
            if document.dialect == Dialect::TerraformPlan {
                self.unmapped
                    .extend(terraform::unmapped::gap(&document, &opened.resource));
            }
            return Some(opened.resource);
        };
        let digest = fnv1a(document.body.get().as_bytes());
        let mut found = None;
        for piece in pieces(mapping, &opened, digest) {
            match mapping.role {
                Role::Alone => found = Some(assemble(&alone(&piece, &Context::default()))),
                Role::Part { names, .. } if names(&piece.resource, piece.native.as_ref().ok()).is_empty() => {
                    let mut resource = piece.resource;
                    resource.kind = Kind::OTHER;
                    resource.mapping = None;
                    found = Some(resource);
                }
                Role::Whole | Role::Part { .. } => self.keep(piece),
            }
        }
        found
    }

    /// Notes that a scope was read in full, so that what is not there is known to be absent.
    pub fn scope_read(&mut self, scope: ScopeRead) {
        self.scopes.insert(scope);
    }

    /// Takes over what `other` kept and counted. Both must have the same `as_of`.
    pub fn merge(&mut self, other: Normalizer) {
        for piece in other.pieces.into_values() {
            self.keep(piece);
        }
        for (slot, files) in other.replanned {
            self.replanned.entry(slot).or_default().extend(files);
        }
        for (slot, digests) in other.undated {
            self.undated.entry(slot).or_default().extend(digests);
        }
        self.unmapped.extend(other.unmapped);
        self.scopes.extend(other.scopes);
        self.superseded += other.superseded;
        self.after_as_of += other.after_as_of;
    }

    /// Returns everything kept, assembled, related and derived, sorted by key.
    pub fn finish(self) -> Finished {
        self.close(|closed| {
            let mut resources: Vec<Resource> = (0..closed.len()).filter_map(|index| closed.build(index)).collect();
            resources.sort_by(|a, b| (&a.key, &a.native_type).cmp(&(&b.key, &b.native_type)));
            Finished {
                resources,
                gaps: closed.gaps.clone(),
                superseded: closed.superseded,
                after_as_of: closed.after_as_of,
            }
        })
    }

    /// Ends the input and gives `visit` everything kept, to be built one resource at a time: what is built need not
    /// all be held at once.
    pub fn close<R>(self, visit: impl FnOnce(&Closed<'_>) -> R) -> R {
        let mut context = Context {
            lists: Lists::new(&self.scopes),
            scopes: self.scopes.into_iter().filter(|scope| scope.within.is_none()).collect(),
            ..Context::default()
        };
        let mut wholes: BTreeMap<(&str, &str), BTreeMap<&'static str, &Piece>> = BTreeMap::new();
        let mut parts: Vec<&Piece> = Vec::new();
        for ((key, native_type, facet), piece) in &self.pieces {
            match piece.mapping.role {
                Role::Part { .. } => parts.push(piece),
                Role::Alone | Role::Whole => {
                    wholes.entry((key, native_type)).or_default().insert(facet, piece);
                }
            }
        }
        // What a plan is about to end owns no part that stays, and says nothing to others.
        let ended = |piece: &Piece| {
            piece.resource.state == State::Deleted && piece.mapping.dialects.contains(&Dialect::TerraformPlan)
        };
        let mut names: Names<'_> = BTreeMap::new();
        let mut further_names: Names<'_> = BTreeMap::new();
        for (slot, facets) in &wholes {
            let Some(main) = naming(facets).filter(|main| !ended(main)) else {
                continue;
            };
            context.wholes.entry(slot.0).or_default().push(main);
            context.denials.add(main);
            if main.mapping.dialects.contains(&Dialect::TerraformPlan) {
                context.planned.entry(main.mapping.native_type).or_default().push(main);
            }
            names.insert((slot.1, slot.0.to_owned()), Some(*slot));
            if let (Some(further), Ok(native)) = (main.mapping.names, &main.native) {
                for name in further(&main.resource, native) {
                    further_names
                        .entry((slot.1, name))
                        .and_modify(|held| *held = held.filter(|held| held == slot))
                        .or_insert(Some(*slot));
                }
            }
        }
        for (name, slot) in further_names {
            names.entry(name).or_insert(slot);
        }
        let (gone, parts): (Vec<&Piece>, Vec<&Piece>) = parts.into_iter().partition(|piece| ended(piece));
        let (mut attached, mut gaps) = attach(parts, &names);
        let mut gone = attach_gone(gone, &names);
        for (slot, files) in &self.replanned {
            gaps.extend(self.pieces.get(slot).map(|piece| replanned(piece, files)));
        }
        for (slot, digests) in &self.undated {
            gaps.extend(self.pieces.get(slot).map(|piece| contradicted(piece, digests.len())));
        }
        gaps.extend(self.unmapped);
        gaps.sort();
        let groups = wholes
            .into_iter()
            .filter_map(|(slot, facets)| {
                let main = naming(&facets)?;
                let parts = attached.remove(&slot).unwrap_or_default();
                Some(Group {
                    main,
                    facets,
                    parts,
                    gone: gone.remove(&slot).unwrap_or_default(),
                    context: &context,
                })
            })
            .collect();
        visit(&Closed {
            groups,
            implied: aws::account_public_access_block::implied(&context),
            gaps,
            superseded: self.superseded,
            after_as_of: self.after_as_of,
        })
    }

    /// Keeps the newest version of each slot.
    fn keep(&mut self, piece: Piece) {
        let slot = (piece.resource.key.0.clone(), piece.mapping.native_type, piece.facet);
        match self.pieces.entry(slot) {
            Entry::Vacant(entry) => {
                entry.insert(piece);
            }
            Entry::Occupied(mut entry) => {
                self.superseded += 1;
                let kept = entry.get();
                if piece.mapping.dialects.contains(&Dialect::TerraformPlan) && file(&piece) != file(kept) {
                    let files = self.replanned.entry(entry.key().clone()).or_default();
                    files.extend(file(&piece).into_iter().chain(file(kept)));
                }
                if undated(&piece, kept) {
                    let digests = self.undated.entry(entry.key().clone()).or_default();
                    digests.extend([piece.digest, kept.digest]);
                }
                if newer(&piece, entry.get()) == Ordering::Greater {
                    entry.insert(piece);
                }
            }
        }
    }
}

/// Parts by the (key, native type) of their whole.
type Attached<'p, 'n> = BTreeMap<(&'n str, &'n str), Vec<&'p Piece>>;

/// Slots of wholes by native type and name; `None` where more than one whole has the name.
type Names<'n> = BTreeMap<(&'n str, String), Option<(&'n str, &'n str)>>;

/// Returns the parts by the whole they belong to, and one gap for each whole that was not read, or that may be another.
fn attach<'p, 'n>(parts: Vec<&'p Piece>, wholes: &Names<'n>) -> (Attached<'p, 'n>, Vec<CoverageGap>) {
    let mut attached: BTreeMap<_, Vec<&Piece>> = BTreeMap::new();
    let mut orphans: BTreeMap<(&str, String), Vec<&Piece>> = BTreeMap::new();
    for piece in parts {
        let Role::Part { of, names } = piece.mapping.role else {
            continue;
        };
        if piece.resource.state == State::Deleted {
            continue;
        }
        let names = names(&piece.resource, piece.native.as_ref().ok());
        match names.iter().find_map(|name| wholes.get(&(of, name.clone()))?.as_ref()) {
            Some(slot) => attached.entry(*slot).or_default().push(piece),
            None => {
                let name = names.into_iter().next().unwrap_or_default();
                orphans.entry((of, name)).or_default().push(piece);
            }
        }
    }
    let mut gaps: Vec<CoverageGap> = orphans
        .iter()
        .map(|((of, name), parts)| {
            let shared = wholes.contains_key(&(*of, name.clone()));
            orphaned(
                of,
                name,
                parts,
                if shared {
                    "which more than one has"
                } else {
                    "which was not read"
                },
            )
        })
        .collect();
    gaps.sort();
    (attached, gaps)
}

/// Returns the parts that a plan deletes by the whole they were of. What they were of and was not read, or is deleted
/// with them, is not judged.
fn attach_gone<'p, 'n>(parts: Vec<&'p Piece>, wholes: &Names<'n>) -> Attached<'p, 'n> {
    let mut attached: Attached<'p, 'n> = BTreeMap::new();
    for piece in parts {
        let Role::Part { of, names } = piece.mapping.role else {
            continue;
        };
        let names = names(&piece.resource, piece.native.as_ref().ok());
        let slot = names.iter().find_map(|name| wholes.get(&(of, name.clone()))?.as_ref());
        if let Some(slot) = slot {
            attached.entry(*slot).or_default().push(piece);
        }
    }
    attached
}

fn file(piece: &Piece) -> Option<Arc<str>> {
    piece.origin().map(|origin| origin.file.clone())
}

/// Returns the section that names the resource: the first one of the mapping's order.
fn naming<'p>(facets: &BTreeMap<&'static str, &'p Piece>) -> Option<&'p Piece> {
    let any = facets.values().next()?;
    let named = any.mapping.facets.iter().find_map(|facet| facets.get(facet));
    named.or(Some(any)).copied()
}

fn alone<'a>(piece: &'a Piece, context: &'a Context<'a>) -> Group<'a> {
    Group {
        main: piece,
        facets: BTreeMap::from([(piece.facet, piece)]),
        parts: Vec::new(),
        gone: Vec::new(),
        context,
    }
}

/// Reads the native fields of a document: one piece, or one for each section with versions of its own.
fn pieces(mapping: &'static Mapping, opened: &Opened<'_>, digest: u64) -> Vec<Piece> {
    let piece = |facet: &'static str, body: &Body<'_>| Piece {
        resource: opened.resource.clone(),
        mapping,
        facet,
        native: (mapping.read)(body).map_err(|error| Gap::with(Reason::ParseError, error.to_string())),
        digest,
    };
    // Whatever a deleted resource still holds, its end is the end of every section.
    if let (State::Deleted, Some(main)) = (opened.resource.state, mapping.facets.first()) {
        return vec![piece(main, &opened.body)];
    }
    let held: Vec<Piece> = (mapping.facets.iter())
        .filter(|facet| opened.body.holds(facet))
        .map(|facet| piece(facet, &opened.body.only(facet)))
        .collect();
    if held.is_empty() {
        vec![piece("", &opened.body)]
    } else {
        held
    }
}

/// Returns whether two documents of one encoding differ and neither says when it was read.
fn undated(a: &Piece, b: &Piece) -> bool {
    let dialect = |piece: &Piece| piece.resource.mapping.map(|(dialect, _)| dialect);
    a.resource.observed_at.is_none()
        && b.resource.observed_at.is_none()
        && dialect(a) == dialect(b)
        && !a.mapping.dialects.contains(&Dialect::TerraformPlan)
        && a.digest != b.digest
}

/// Compares two versions: what a plan keeps before what it forgets or deletes, then the later look, then the greater
/// state id, then the bytes, then the first place.
fn newer(a: &Piece, b: &Piece) -> Ordering {
    let rank = |piece: &Piece| {
        (
            terraform::staying(piece),
            piece.resource.observed_at,
            state_number(piece),
            piece.resource.state_id.clone(),
            piece.digest,
        )
    };
    rank(a)
        .cmp(&rank(b))
        .then_with(|| Reverse(a.origin()).cmp(&Reverse(b.origin())))
}

/// State ids of AWS Config are numbers of differing length.
fn state_number(piece: &Piece) -> Option<u128> {
    piece.resource.state_id.as_deref()?.parse().ok()
}

/// FNV-1a, 64 bits: the same in every build, unlike the standard library's hasher.
fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

fn canonical_type(document: &Document) -> String {
    match document.dialect {
        Dialect::GcpCai => gcp::canonical_type(&document.native_type).into_owned(),
        _ => document.native_type.clone(),
    }
}

fn open<'a>(
    document: &'a Document,
    native_type: &str,
    mapping: Option<&'static Mapping>,
) -> Result<Opened<'a>, NormalizeError> {
    let mut resource = blank(document, mapping);
    if mapping.is_none() {
        resource.native_type = native_type.to_owned();
    }
    match document.dialect {
        Dialect::AwsConfig => aws::open(document, mapping, resource),
        Dialect::AzureArm | Dialect::AzureResourceGraph => azure::open(document, mapping, resource),
        Dialect::GcpCai => gcp::open(document, mapping, resource),
        Dialect::TerraformPlan => terraform::open(document, mapping, resource),
    }
}

/// Returns what the envelope of the document says on its outside.
fn blank(document: &Document, mapping: Option<&'static Mapping>) -> Resource {
    Resource {
        id: String::new(),
        key: ResourceKey(String::new()),
        provider: document.provider,
        kind: mapping.and_then(|row| Kind::named(row.kind)).unwrap_or(Kind::OTHER),
        native_type: mapping.map_or_else(|| document.native_type.clone(), |row| row.native_type.to_owned()),
        name: String::new(),
        account: String::new(),
        org_path: Vec::new(),
        region: String::new(),
        native_region: String::new(),
        tags: BTreeMap::new(),
        created_at: None,
        changed_at: None,
        observed_at: document.observed_at,
        state_id: None,
        state: document.state,
        relationships: Vec::new(),
        attributes: Value::Object(Map::new()),
        unknown: Vec::new(),
        origins: vec![document.origin.clone()],
        provenance: Vec::new(),
        mapping: mapping.map(|row| (document.dialect, row.native_type)),
    }
}

/// Returns the resource for a document of which not even the envelope could be read: named by its place.
fn unreadable(document: &Document, mapping: Option<&'static Mapping>, error: &NormalizeError) -> Resource {
    let origin = &document.origin;
    let id = format!("{}@{}{}", origin.file, origin.offset, origin.pointer);
    let mut resource = blank(document, mapping);
    resource.key = ResourceKey(format!("{}:{id}", document.provider));
    resource.name.clone_from(&id);
    resource.id = id;
    resource.unknown = vec![Unknown {
        path: "/attributes".to_owned(),
        gap: Gap::with(Reason::ParseError, error.to_string()),
    }];
    resource
}
