//! A resource in the common model.

use std::collections::BTreeMap;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::document::{Origin, Provider};
use crate::fact::Unknown;
use crate::identity::ResourceKey;
use crate::kind::Kind;

/// Whether a resource exists, is about to, or is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It exists in the cloud.
    Live,
    /// A plan or template is about to make it so.
    Planned,
    /// It is gone; never judged.
    Deleted,
}

/// A link that the resource itself states.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Relationship {
    /// What the link means, in the provider's words, for example `Is contained in Vpc`.
    pub name: String,
    /// The native type at the other end, where stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub native_type: Option<String>,
    /// The id at the other end, as the provider writes it.
    pub target: String,
}

/// Where one attribute came from, for elements of lists; scalar attributes are looked up in the mapping's table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provenance {
    /// JSON Pointer into the resource: `/attributes/rules/3`.
    pub path: String,
    /// The document that states it.
    pub origin: Origin,
    /// JSON Pointer into that document's body: `/configuration/ipPermissions/0`.
    pub pointer: String,
}

/// One thing in a cloud, in the common model: `input.resource` of a policy.
#[derive(Debug, Clone, Serialize)]
pub struct Resource {
    /// The provider's own id as written: ARN, ARM id, CAI name, plan address.
    pub id: String,
    /// The id in canonical spelling; two documents with one key describe one resource.
    pub key: ResourceKey,
    /// Which cloud.
    pub provider: Provider,
    /// Common type.
    pub kind: Kind,
    /// Native type in the provider's canonical spelling where known.
    pub native_type: String,
    /// Name for people.
    pub name: String,
    /// Account, subscription or project; "" where the input does not say.
    pub account: String,
    /// Folders, management groups or organizational units from the top, without the account.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub org_path: Vec<String>,
    /// Region in the provider's canonical spelling (lower case, no blanks), or `global`; "" where the input does not say.
    pub region: String,
    /// Region or location as written.
    pub native_region: String,
    /// Tags; labels in Google Cloud.
    pub tags: BTreeMap<String, String>,
    /// When it was created, UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_at: Option<Timestamp>,
    /// When it last changed, UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub changed_at: Option<Timestamp>,
    /// When the source looked, UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub observed_at: Option<Timestamp>,
    /// The provider's version mark: configuration state id, etag, update time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state_id: Option<String>,
    /// Whether it exists.
    pub state: State,
    /// Links that the resource states.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub relationships: Vec<Relationship>,
    /// Attributes of the kind, an object without nulls.
    pub attributes: Value,
    /// Paths that are not known, sorted.
    pub unknown: Vec<Unknown>,
    /// The documents it was assembled from; the first one names it.
    pub origins: Vec<Origin>,
    /// Where elements of lists came from.
    #[serde(skip)]
    pub provenance: Vec<Provenance>,
    /// The mapping that made it, by which scalar attributes are traced: (dialect, native type).
    #[serde(skip)]
    pub mapping: Option<(crate::Dialect, &'static str)>,
}
