//! One resource on its way: the documents it is assembled from, and what is built from them.

use std::collections::{BTreeMap, BTreeSet};

use nephoscope_model::{Gap, Origin, Provenance, Reason, Resource, ScopeRead, State, Unknown, lower};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::gcp::denials::Denials;
use crate::lent::Lending;
use crate::mapping::{Mapping, Native};

/// What was kept of one document, or of one section that has versions of its own.
pub(crate) struct Piece {
    /// The envelope: a resource without attributes.
    pub(crate) resource: Resource,
    pub(crate) mapping: &'static Mapping,
    /// The section it holds, "" for a whole document.
    pub(crate) facet: &'static str,
    /// The typed native fields, or why they could not be read.
    pub(crate) native: Result<Native, Gap>,
    /// Breaks ties between versions: digest of the bytes.
    pub(crate) digest: u64,
}

impl Piece {
    pub(crate) fn get<T: 'static>(&self) -> Found<'_, T> {
        match &self.native {
            Ok(native) => native
                .downcast_ref()
                .map_or(Found::Missing, |native| Found::Read(self, native)),
            Err(gap) => Found::Failed(gap.clone()),
        }
    }

    pub(crate) fn origin(&self) -> Option<&Origin> {
        self.resource.origins.first()
    }
}

/// The answer to a question for native fields.
pub(crate) enum Found<'a, T> {
    /// The input has no such document.
    Missing,
    /// It has one that could not be understood.
    Failed(Gap),
    /// The fields, and the document they come from.
    Read(&'a Piece, &'a T),
}

/// The documents of one resource: its sections and parts, with access to neighbors.
pub(crate) struct Group<'a> {
    /// The envelope that names the resource.
    pub(crate) main: &'a Piece,
    /// The newest version of each section; one entry with the name "" for most types.
    pub(crate) facets: BTreeMap<&'static str, &'a Piece>,
    /// The newest version of each part that is not deleted, sorted by key.
    pub(crate) parts: Vec<&'a Piece>,
    /// Parts that a plan deletes, sorted by key: what they are before it.
    pub(crate) gone: Vec<&'a Piece>,
    pub(crate) context: &'a Context<'a>,
    /// What the other firewalls of its network deny.
    pub(crate) denials: &'a Denials<'a>,
}

impl<'a> Group<'a> {
    /// Returns the native fields of the only document, or of the naming section.
    pub(crate) fn native<T: 'static>(&self) -> Found<'a, T> {
        self.main.get()
    }

    /// Returns the native fields of one section.
    pub(crate) fn facet<T: 'static>(&self, name: &str) -> Found<'a, T> {
        self.facets.get(name).map_or(Found::Missing, |piece| piece.get())
    }

    /// Returns the parts of one native type, sorted by key.
    pub(crate) fn parts(&self, native_type: &str) -> impl Iterator<Item = &'a Piece> {
        self.parts
            .iter()
            .copied()
            .filter(move |piece| piece.mapping.native_type == native_type)
    }

    /// Returns the parts of one native type that a plan deletes, sorted by key.
    pub(crate) fn gone(&self, native_type: &str) -> impl Iterator<Item = &'a Piece> {
        self.gone
            .iter()
            .copied()
            .filter(move |piece| piece.mapping.native_type == native_type)
    }

    /// Returns whether every part of this type was read. Inventories leave extension resources and parts out, so only a
    /// statement about the very type counts.
    pub(crate) fn parts_read_in_full(&self, native_type: &str) -> bool {
        self.context.named_in_full(&self.main.resource, native_type)
            || self.context.lists.below(&self.main.resource.key.0, native_type)
    }

    /// Returns whether every extension resource of this type of the very resource `id` was read: not of one below it.
    pub(crate) fn extensions_read_in_full(&self, id: &str, native_type: &str) -> bool {
        self.context.named_in_full(&self.main.resource, native_type) || self.context.lists.of(id, native_type)
    }

    /// Returns the gap for a document that the input does not hold: `<native type> of <id>`.
    pub(crate) fn not_read(&self, native_type: &str) -> Gap {
        Gap::with(Reason::NotRead, format!("{native_type} of {}", self.main.resource.id))
    }
}

/// What lies around a resource: the wholes that others look at by key, and what was read in full.
#[derive(Default)]
pub(crate) struct Context<'a> {
    pub(crate) wholes: BTreeMap<&'a str, Vec<&'a Piece>>,
    /// Wholes of plans by native type: a plan links its resources by other things than their keys.
    pub(crate) planned: BTreeMap<&'static str, Vec<&'a Piece>>,
    /// What was read of whole accounts.
    pub(crate) scopes: BTreeSet<ScopeRead>,
    /// What was read below single resources.
    pub(crate) lists: Lists,
    /// What resources that stand alone tell others.
    pub(crate) lending: Lending,
}

/// Lists of children that were read to their end: (native type, parent), both in lower case.
#[derive(Default)]
pub(crate) struct Lists(BTreeSet<(String, String)>);

impl Lists {
    pub(crate) fn new(scopes: &BTreeSet<ScopeRead>) -> Self {
        let lists = scopes.iter().filter_map(|scope| {
            let parent = scope.within.as_ref()?.to_ascii_lowercase();
            Some((scope.native_type.as_ref()?.to_ascii_lowercase(), parent))
        });
        Lists(lists.collect())
    }

    /// Returns whether the list of the extensions `native_type` (`namespace/type`) of the resource `id` was read.
    fn of(&self, id: &str, native_type: &str) -> bool {
        let native_type = native_type.to_ascii_lowercase();
        let namespace = native_type.split('/').next().unwrap_or_default();
        let parent = format!("{}/providers/{namespace}", id.to_ascii_lowercase());
        self.0.contains(&(native_type, parent))
    }

    /// Returns whether a list of `native_type` at or below the resource `key` was read.
    fn below(&self, key: &str, native_type: &str) -> bool {
        let at = (native_type.to_ascii_lowercase(), key.to_ascii_lowercase());
        if self.0.contains(&at) {
            return true;
        }
        let below = (at.0, format!("{}/", at.1));
        let first = self.0.range(below.clone()..).next();
        first.is_some_and(|(found, parent)| *found == below.0 && parent.starts_with(&below.1))
    }
}

impl<'a> Context<'a> {
    /// Returns the resource `key` of the given native type, deleted ones too.
    pub(crate) fn neighbor(&self, key: &str, native_type: &str) -> Option<&'a Piece> {
        self.wholes
            .get(key)?
            .iter()
            .copied()
            .find(|piece| piece.mapping.native_type == native_type)
    }

    /// Returns the resources of the given native type whose keys begin with `prefix`, sorted by key, without deleted ones.
    pub(crate) fn below<'c>(&'c self, prefix: &'c str, native_type: &'c str) -> impl Iterator<Item = &'a Piece> + 'c {
        self.wholes
            .range::<str, _>((std::ops::Bound::Included(prefix), std::ops::Bound::Unbounded))
            .take_while(move |(key, _)| key.starts_with(prefix))
            .flat_map(|(_, pieces)| pieces.iter().copied())
            .filter(move |piece| piece.mapping.native_type == native_type && piece.resource.state != State::Deleted)
    }

    /// Returns the planned resources of a native type, sorted by key.
    pub(crate) fn planned(&self, native_type: &str) -> &[&'a Piece] {
        self.planned.get(native_type).map(Vec::as_slice).unwrap_or_default()
    }

    /// Returns whether every `native_type` of the account of `resource` in its region was read.
    pub(crate) fn read_in_full(&self, resource: &Resource, native_type: &str) -> bool {
        self.covered(resource, |other| {
            other.is_none_or(|other| other.eq_ignore_ascii_case(native_type))
        })
    }

    /// Returns whether every `native_type` of the account of `resource` was read, of all regions.
    pub(crate) fn read_everywhere(&self, resource: &Resource, native_type: &str) -> bool {
        (self.scopes.iter()).any(|scope| {
            let of_type = (scope.native_type.as_deref()).is_none_or(|other| other.eq_ignore_ascii_case(native_type));
            of_type && scope.region.is_none() && is_of(scope, resource)
        })
    }

    fn named_in_full(&self, resource: &Resource, native_type: &str) -> bool {
        self.covered(resource, |other| {
            other.is_some_and(|other| other.eq_ignore_ascii_case(native_type))
        })
    }

    fn covered(&self, resource: &Resource, of_type: impl Fn(Option<&str>) -> bool) -> bool {
        self.scopes.iter().any(|scope| {
            is_of(scope, resource)
                && scope
                    .region
                    .as_deref()
                    .is_none_or(|region| region.eq_ignore_ascii_case(&resource.region))
                && of_type(scope.native_type.as_deref())
        })
    }
}

/// Whether a statement is about the account of a resource.
fn is_of(scope: &ScopeRead, resource: &Resource) -> bool {
    !resource.account.is_empty()
        && scope.provider == resource.provider
        && scope.account.eq_ignore_ascii_case(&resource.account)
}

/// Attributes with what is unknown of them and where elements of lists came from.
#[derive(Debug, Default)]
pub(crate) struct Built {
    pub(crate) attributes: Value,
    pub(crate) unknown: Vec<Unknown>,
    pub(crate) provenance: Vec<Provenance>,
    /// A better name than the envelope's.
    pub(crate) name: Option<String>,
}

impl Built {
    /// Returns what `attributes` looks like to policies.
    pub(crate) fn new(attributes: &impl Serialize) -> Self {
        match lower(attributes) {
            Ok((attributes, unknown)) => Built {
                attributes,
                unknown,
                ..Built::default()
            },
            Err(error) => Built::unknown(Gap::with(Reason::ParseError, error.to_string())),
        }
    }

    /// Returns attributes of which nothing is known.
    pub(crate) fn unknown(gap: Gap) -> Self {
        Built {
            attributes: Value::Object(Map::new()),
            unknown: vec![Unknown {
                path: "/attributes".to_owned(),
                gap,
            }],
            ..Built::default()
        }
    }

    /// Notes that `path` (below `/attributes`) came from `pointer` of the document of `piece`.
    pub(crate) fn from(&mut self, path: &str, piece: &Piece, pointer: impl Into<String>) {
        if let Some(origin) = piece.origin() {
            self.provenance.push(Provenance {
                path: format!("/attributes{path}"),
                origin: origin.clone(),
                pointer: pointer.into(),
            });
        }
    }

    /// Notes for every attribute that the table of a part names that it came from that part.
    #[expect(clippy::wrong_self_convention, reason = "reads: attributes built, some from a part")]
    pub(crate) fn from_part(&mut self, piece: &Piece) {
        for source in piece.mapping.sources {
            self.from(source.attribute, piece, source.native);
        }
    }
}

/// Returns the resource of a group.
pub(crate) fn assemble(group: &Group<'_>) -> Resource {
    let mut resource = group.main.resource.clone();
    let pieces = group.facets.values().chain(&group.parts).chain(&group.gone);
    let mut origins: Vec<Origin> = pieces.filter_map(|piece| piece.origin().cloned()).collect();
    origins.sort();
    // INVARIANT: the document that names the resource comes first.
    resource.origins.extend(origins);
    let mut seen = BTreeSet::new();
    resource.origins.retain(|origin| seen.insert(origin.clone()));
    if resource.state == State::Deleted {
        resource.attributes = Value::Object(Map::new());
        return resource;
    }
    // A document that says it is incomplete, or has not even the form of its dialect, was marked when it was opened.
    let envelope = std::mem::take(&mut resource.unknown);
    let unread = envelope.iter().find(|unknown| unknown.path == "/attributes");
    let built = match (unread, &group.main.native) {
        (Some(unknown), _) => Built::unknown(unknown.gap.clone()),
        (None, Err(gap)) => Built::unknown(gap.clone()),
        (None, Ok(_)) => (group.main.mapping.build)(group),
    };
    resource.attributes = built.attributes;
    resource.unknown = built.unknown;
    resource.unknown.extend(envelope);
    if resource.kind.as_str() == "account.scope" {
        // Whichever region recorded it.
        "global".clone_into(&mut resource.region);
    }
    if resource.region.is_empty() {
        resource.unknown.push(Unknown {
            path: "/region".to_owned(),
            gap: Gap::with(Reason::NotRead, format!("region of {}", resource.id)),
        });
    }
    resource.unknown.sort();
    resource.unknown.dedup();
    resource.provenance = built.provenance;
    if let Some(name) = built.name {
        resource.name = name;
    }
    resource
}
