//! What the tests over the public API share.
#![allow(dead_code, reason = "each test file uses its own part")]

use std::path::Path;

use nephoscope_model::{Gap, Kind, Provider, Reason, Resource, ResourceKey, State, Unknown};
use nephoscope_policy::{Bundle, LoadErrors, Options, Root, SourceFile, Subject, read_folder};
use serde_json::{Map, Value, json};

pub(crate) const AS_OF: &str = "2026-11-23T00:00:00Z";

/// Loads policies on buckets, each in a package of its own: (name, Rego without its package).
pub(crate) fn load(policies: &[(&str, &str)], options: &Options) -> Result<Bundle, LoadErrors> {
    Bundle::load(&[root(policies)], options)
}

pub(crate) fn root(policies: &[(&str, &str)]) -> Root {
    let files = policies.iter().map(|(name, body)| SourceFile {
        path: format!("{name}.rego"),
        text: format!(
            "# METADATA\n# scope: package\n# title: T\n# description: D\n# schemas:\n#   - input: schema.storage_bucket\n\
             # custom:\n#   id: {name}\n#   severity: high\n#   kinds: [storage.bucket]\n#   remediation: R\n\
             #   controls: {{}}\npackage test.{name}\n{body}"
        ),
    });
    Root {
        name: String::new(),
        files: files.collect(),
        ..Root::default()
    }
}

/// The shipped pack.
pub(crate) fn pack() -> Root {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../policies");
    let mut root = read_folder(&folder, None).unwrap();
    root.trusted = true;
    root
}

pub(crate) fn resource(kind: &str, provider: Provider, attributes: Value, unknown: &[String]) -> Resource {
    let mut unknown: Vec<Unknown> = unknown
        .iter()
        .map(|path| Unknown {
            path: path.clone(),
            gap: Gap::new(Reason::NotRead),
        })
        .collect();
    unknown.sort();
    Resource {
        id: "id".into(),
        key: ResourceKey("id".into()),
        provider,
        kind: Kind::named(kind).unwrap(),
        native_type: "type".into(),
        name: "name".into(),
        account: "account".into(),
        org_path: vec![],
        region: "region".into(),
        native_region: "region".into(),
        tags: Default::default(),
        created_at: None,
        changed_at: None,
        observed_at: None,
        state_id: None,
        state: State::Live,
        relationships: vec![],
        attributes,
        unknown,
        origins: vec![],
        provenance: vec![],
        mapping: None,
    }
}

pub(crate) fn subject(resource: &Resource) -> Subject<'_> {
    Subject {
        resource,
        related: Default::default(),
        as_of: AS_OF.parse().unwrap(),
    }
}

/// `input` as a policy sees it.
pub(crate) fn input(resource: &Resource, params: &Map<String, Value>) -> Value {
    let mut value = serde_json::to_value(resource).unwrap();
    let map = value.as_object_mut().unwrap();
    map.remove("unknown");
    map.remove("origins");
    json!({"resource": value, "related": {}, "params": params, "as_of": AS_OF})
}

/// Returns each world as each value changes it.
pub(crate) fn spread<T>(worlds: &[Value], values: &[T], change: impl Fn(&mut Value, &T)) -> Vec<Value> {
    let mut all = Vec::new();
    for world in worlds {
        for value in values {
            let mut next = world.clone();
            change(&mut next, value);
            all.push(next);
        }
    }
    all
}
