//! An asset as templates expect it: names in snake_case, with the path of its ancestors.

use nephoscope_model::digest;
use regorus::Value as Rego;
use serde_json::{Map, Value};

use super::ancestry::plural;
use crate::convert::rego;

/// The members that hold what an asset is; an export has one of them in each line.
const SECTIONS: [&str; 8] = [
    "resource",
    "iam_policy",
    "org_policy",
    "v2_org_policies",
    "access_policy",
    "access_level",
    "service_perimeter",
    "os_inventory",
];

/// Members that change although nothing about the asset does.
const VOLATILE: [&str; 3] = ["update_time", "read_time", "window"];

/// One asset of Cloud Asset Inventory, ready to be judged by constraints.
#[derive(Debug, Clone)]
pub struct Asset {
    members: Map<String, Value>,
}

impl Asset {
    /// Reads an asset, with names in snake_case or camelCase; `None` when it is no object.
    pub fn of(text: &str) -> Option<Asset> {
        let members: Map<String, Value> = serde_json::from_str(text).ok()?;
        let mut asset = Asset {
            members: members
                .into_iter()
                .map(|(name, value)| section(snake(&name), value))
                .collect(),
        };
        if let Some(path) = asset.found_ancestry() {
            asset.members.insert("ancestry_path".to_owned(), Value::String(path));
        }
        Some(asset)
    }

    /// Returns the names of what it holds: `resource`, `iam_policy`, ….
    pub fn sections(&self) -> impl Iterator<Item = &'static str> + '_ {
        SECTIONS.into_iter().filter(|name| self.members.contains_key(*name))
    }

    /// Takes out what it holds of which another document says something newer.
    pub fn keep(&mut self, keep: impl Fn(&str) -> bool) {
        self.members
            .retain(|name, _| !SECTIONS.contains(&name.as_str()) || keep(name));
    }

    /// Returns the digest of all of it but times of reading and writing.
    pub fn digest(&self) -> String {
        let lasting = self
            .members
            .iter()
            .filter(|(name, _)| !VOLATILE.contains(&name.as_str()));
        let lasting: Vec<String> = lasting.map(|(name, value)| format!("{name}={value}")).collect();
        digest(lasting.iter().map(String::as_str))
    }

    /// Returns its organization, folders and project, from the top, where it says so.
    pub(super) fn ancestry(&self) -> Option<&str> {
        self.members.get("ancestry_path")?.as_str()
    }

    pub(super) fn rego(&self) -> Rego {
        let members = self.members.iter();
        let members = members.map(|(name, value)| (Rego::from(name.as_str()), rego(value)));
        Rego::from(members.collect::<std::collections::BTreeMap<_, _>>())
    }

    /// `ancestors` has the nearest first and counts before `ancestry_path`, which may have its words in singular.
    fn found_ancestry(&self) -> Option<String> {
        let ancestors = self.members.get("ancestors").and_then(Value::as_array);
        let ancestors: Option<Vec<&str>> = ancestors.and_then(|list| list.iter().map(Value::as_str).collect());
        match ancestors {
            Some(nearest_first) if !nearest_first.is_empty() => {
                Some(nearest_first.into_iter().rev().collect::<Vec<_>>().join("/"))
            }
            _ => self.ancestry().map(plural),
        }
    }
}

/// Returns the members that hold what an asset is and that a rule names: as a step of a reference or as a text.
pub(super) fn named(rule: &str) -> Vec<&'static str> {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let steps = |name: &str| {
        let step = format!(".{name}");
        let mut found = rule.match_indices(&step);
        found.any(|(at, _)| {
            !rule
                .get(at + step.len()..)
                .is_some_and(|rest| rest.starts_with(is_word))
        })
    };
    let named =
        |name: &&str| steps(name) || rule.contains(&format!(", \"{name}\"")) || rule.contains(&format!("[\"{name}\"]"));
    SECTIONS.into_iter().filter(named).collect()
}

/// What the services' own APIs write (`resource.data`) stays as it is.
fn section(name: String, value: Value) -> (String, Value) {
    let value = match (name.as_str(), value) {
        ("resource", Value::Object(resource)) => {
            let members = resource.into_iter().map(|(name, value)| (snake(&name), value));
            Value::Object(members.collect())
        }
        ("resource", value) => value,
        (name, value) if SECTIONS.contains(&name) => all_snake(value),
        (_, value) => value,
    };
    (name, value)
}

fn all_snake(value: Value) -> Value {
    match value {
        Value::Object(map) => {
            let members = map.into_iter().map(|(name, value)| (snake(&name), all_snake(value)));
            Value::Object(members.collect())
        }
        Value::Array(list) => Value::Array(list.into_iter().map(all_snake).collect()),
        other => other,
    }
}

fn snake(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for (index, character) in name.chars().enumerate() {
        if character.is_ascii_uppercase() {
            if index > 0 {
                out.push('_');
            }
            out.push(character.to_ascii_lowercase());
        } else {
            out.push(character);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn names_are_those_of_exports_but_not_inside_of_the_data() {
        let asset = Asset::of(
            r#"{"name": "n", "assetType": "t", "ancestors": ["projects/3", "organizations/1"],
                "resource": {"discoveryName": "B", "data": {"iamConfiguration": {}}},
                "iamPolicy": {"auditConfigs": [{"auditLogConfigs": []}]}}"#,
        )
        .unwrap();
        assert_eq!(
            Value::Object(asset.members.clone()),
            json!({"name": "n", "asset_type": "t", "ancestors": ["projects/3", "organizations/1"],
                "ancestry_path": "organizations/1/projects/3",
                "resource": {"discovery_name": "B", "data": {"iamConfiguration": {}}},
                "iam_policy": {"audit_configs": [{"audit_log_configs": []}]}})
        );
        assert_eq!(asset.sections().collect::<Vec<_>>(), ["resource", "iam_policy"]);
    }

    #[test]
    fn what_a_rule_looks_at_is_told_from_what_it_tells() {
        let rule = "asset.iam_policy.bindings[_]; m := {\"resource\": asset.name}; asset.resources";
        assert_eq!(named(rule), ["iam_policy"]);
        assert_eq!(
            named("lib.get_default(asset, \"org_policy\", {}); asset.resource"),
            ["resource", "org_policy"]
        );
    }

    #[test]
    fn old_ancestry_paths_are_in_singular() {
        let asset = Asset::of(r#"{"ancestry_path": "organization/1/folder/2/project/p"}"#).unwrap();
        assert_eq!(asset.ancestry(), Some("organizations/1/folders/2/projects/p"));
        assert_eq!(Asset::of("{}").unwrap().ancestry(), None);
        assert!(Asset::of("[]").is_none());
    }
}
