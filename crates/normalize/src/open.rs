//! From a document to its envelope and typed native fields.

use std::collections::BTreeMap;

use nephoscope_model::{Dialect, Document, Gap, Kind, Reason, Resource, ResourceKey, State, Unknown};
use serde_json::{Map, Value};

use crate::body::Body;
use crate::error::NormalizeError;
use crate::group::Piece;
use crate::json::Text;
use crate::mapping::{self, Mapping};
use crate::{aws, azure, gcp, raw, terraform};

/// A document of which the envelope was read, with what reads the rest.
pub(crate) struct Understood<'a> {
    pub(crate) opened: Opened<'a>,
    pub(crate) mapping: Option<&'static Mapping>,
}

/// Reads the envelope of a document.
///
/// # Errors
///
/// A resource with `/attributes` unknown, named by its place, when not even the envelope can be read.
pub(crate) fn open(document: &Document) -> Result<Understood<'_>, Box<Resource>> {
    let native_type = canonical_type(document);
    let mapping = mapping::find(document.dialect, &native_type, || id(document));
    match envelope(document, &native_type, mapping) {
        Ok(opened) => Ok(Understood { opened, mapping }),
        Err(error) => Err(Box::new(unreadable(document, mapping, &error))),
    }
}

/// Returns the resource that a document is about, with no attributes: which one it is, where, and as of when.
pub fn resource_of(document: &Document) -> Resource {
    match open(document) {
        Ok(understood) => understood.opened.resource,
        Err(unreadable) => *unreadable,
    }
}

/// Returns the pieces of a document; none of one that has no mapping.
pub(crate) fn pieces_of(document: &Document) -> Vec<Piece> {
    match open(document) {
        Ok(Understood {
            opened,
            mapping: Some(mapping),
        }) => pieces(mapping, &opened, digest(document)),
        _ => Vec::new(),
    }
}

/// Returns by what versions are told apart that say the same of their time.
pub(crate) fn digest(document: &Document) -> u64 {
    // The same in every build, unlike the standard library's hasher.
    xxhash_rust::xxh3::xxh3_64(document.body.get().as_bytes())
}

/// A document with its envelope read and its sections found.
pub(crate) struct Opened<'a> {
    /// The envelope; `unknown` is empty but for a document that says it holds no attributes.
    pub(crate) resource: Resource,
    pub(crate) body: Body<'a>,
}

/// Reads the native fields of a document: one piece, or one for each section with versions of its own.
pub(crate) fn pieces(mapping: &'static Mapping, opened: &Opened<'_>, digest: u64) -> Vec<Piece> {
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

/// Returns the id of a document whose type has rows by id: Azure's. What a plan has instead is the target of a setting.
fn id(document: &Document) -> String {
    if document.dialect == Dialect::TerraformPlan {
        return terraform::target(document);
    }
    #[derive(serde::Deserialize)]
    struct Named {
        #[serde(default)]
        id: Text,
    }
    let named: Option<Named> = serde_json::from_str(document.body.get()).ok();
    named.and_then(|named| named.id.take()).unwrap_or_default()
}

pub(crate) fn canonical_type(document: &Document) -> String {
    match document.dialect {
        Dialect::GcpCai => gcp::canonical_type(&document.native_type).into_owned(),
        _ => document.native_type.clone(),
    }
}

fn envelope<'a>(
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
        Dialect::Raw => Ok(raw::open(document, resource)),
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
