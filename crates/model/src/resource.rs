//! A resource in the common model.

use std::borrow::Cow;
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

impl Resource {
    /// Returns one member of the object that the resource is in JSON, `None` where it has no such: as if all of it were written, at the
    /// cost of this one.
    pub fn field(&self, name: &str) -> Option<Cow<'_, Value>> {
        // A resource holds only strings, times and JSON, which can always be written.
        fn json(value: impl Serialize) -> Value {
            serde_json::to_value(value).unwrap_or_default()
        }
        let value = match name {
            "attributes" => return Some(Cow::Borrowed(&self.attributes)),
            "id" => Value::from(self.id.as_str()),
            "key" => Value::from(self.key.0.as_str()),
            "provider" => Value::from(self.provider.as_str()),
            "kind" => json(self.kind),
            "native_type" => Value::from(self.native_type.as_str()),
            "name" => Value::from(self.name.as_str()),
            "account" => Value::from(self.account.as_str()),
            "org_path" if !self.org_path.is_empty() => json(&self.org_path),
            "region" => Value::from(self.region.as_str()),
            "native_region" => Value::from(self.native_region.as_str()),
            "tags" => json(&self.tags),
            "created_at" => json(self.created_at?),
            "changed_at" => json(self.changed_at?),
            "observed_at" => json(self.observed_at?),
            "state_id" => Value::from(self.state_id.as_deref()?),
            "state" => json(self.state),
            "relationships" if !self.relationships.is_empty() => json(&self.relationships),
            "unknown" => json(&self.unknown),
            "origins" => json(&self.origins),
            _ => return None,
        };
        Some(Cow::Owned(value))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::fact::{Gap, Reason};

    fn resource() -> Resource {
        Resource {
            id: "i".into(),
            key: ResourceKey("k".into()),
            provider: Provider::Gcp,
            kind: Kind::OTHER,
            native_type: "T".into(),
            name: "n".into(),
            account: "a".into(),
            org_path: Vec::new(),
            region: "r".into(),
            native_region: "R".into(),
            tags: BTreeMap::new(),
            created_at: None,
            changed_at: None,
            observed_at: None,
            state_id: None,
            state: State::Planned,
            relationships: Vec::new(),
            attributes: json!({"x": 1}),
            unknown: Vec::new(),
            origins: Vec::new(),
            provenance: Vec::new(),
            mapping: None,
        }
    }

    #[test]
    fn a_field_is_what_the_whole_holds() {
        let mut full = resource();
        full.org_path = vec!["o".into()];
        full.tags.insert("k".into(), "v".into());
        let now = Some("2026-11-25T00:00:00.5Z".parse().unwrap());
        (full.created_at, full.changed_at, full.observed_at) = (now, now, now);
        full.state_id = Some("7".into());
        full.relationships.push(Relationship {
            name: "in".into(),
            native_type: None,
            target: "t".into(),
        });
        full.unknown.push(Unknown {
            path: "/attributes/y".into(),
            gap: Gap::new(Reason::NotRead),
        });
        full.origins.push(Origin {
            file: "f".into(),
            offset: 1,
            length: 2,
            pointer: "/p".into(),
        });
        let names: Vec<String> = serde_json::to_value(&full)
            .unwrap()
            .as_object()
            .unwrap()
            .keys()
            .cloned()
            .collect();
        assert_eq!(names.len(), 20);
        for resource in [full, resource()] {
            let whole = serde_json::to_value(&resource).unwrap();
            for name in names.iter().map(String::as_str).chain(["provenance", "mapping", ""]) {
                assert_eq!(resource.field(name).as_deref(), whole.get(name), "{name}");
            }
        }
    }
}
