//! What the tests of this crate share: documents from fixtures, and resources as text.

#![allow(dead_code, reason = "each test uses a part of it")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that fails should stop"
)]

use std::path::{Path, PathBuf};

use nephoscope_model::{Dialect, Document, Origin, Provider, Resource, ScopeRead, State};
use nephoscope_normalize::{Batch, Finished};
use serde_json::{Value, json};

pub(crate) struct Fixture {
    pub(crate) name: String,
    pub(crate) documents: Vec<Value>,
    pub(crate) scopes: Vec<ScopeRead>,
}

/// Every fixture of the cloud dialects, sorted by name.
pub(crate) fn fixtures() -> Vec<Fixture> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let mut files = Vec::new();
    for provider in ["aws", "azure", "gcp"] {
        walk(&root.join(provider), &mut files);
    }
    files.sort();
    let fixtures: Vec<Fixture> = files.iter().map(|file| fixture(file, &root)).collect();
    assert!(!fixtures.is_empty(), "no fixtures under {}", root.display());
    fixtures
}

fn fixture(file: &Path, root: &Path) -> Fixture {
    let value: Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    let name = file
        .strip_prefix(root)
        .unwrap()
        .with_extension("")
        .to_string_lossy()
        .replace(['/', '\\'], "__");
    Fixture {
        name,
        documents: value["documents"].as_array().unwrap().clone(),
        scopes: serde_json::from_value(value.get("scopes").cloned().unwrap_or_else(|| json!([]))).unwrap(),
    }
}

pub(crate) fn walk(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            walk(&path, files);
        } else if path.extension().is_some_and(|end| end == "json" || end == "ndjson") {
            files.push(path);
        }
    }
}

/// Returns the native value as a reader would hand it on; `place` stands for its offset.
pub(crate) fn document(body: &Value, place: usize) -> Option<Document> {
    let text = |name: &str| body.get(name).and_then(Value::as_str);
    let (provider, dialect, native_type) = if let Some(name) = text("resourceType") {
        (Provider::Aws, Dialect::AwsConfig, name)
    } else if let Some(name) = text("asset_type").or_else(|| text("assetType")) {
        (Provider::Gcp, Dialect::GcpCai, name)
    } else {
        let name = text("type")?;
        let graph = name.bytes().all(|byte| !byte.is_ascii_uppercase());
        (
            Provider::Azure,
            if graph {
                Dialect::AzureResourceGraph
            } else {
                Dialect::AzureArm
            },
            name,
        )
    };
    let body = body.to_string();
    Some(Document {
        provider,
        native_type: native_type.to_owned(),
        dialect,
        observed_at: None,
        state: State::Live,
        origin: Origin {
            file: "input.json".into(),
            offset: place as u64,
            length: body.len() as u64,
            pointer: String::new(),
        },
        begin: None,
        body: nephoscope_model::RawJson::parse(body).unwrap(),
    })
}

/// Everything one normalizer gives, sorted by key.
pub(crate) fn normalize(documents: &[Value], scopes: &[ScopeRead]) -> Finished {
    let order: Vec<usize> = (0..documents.len()).collect();
    normalize_in(documents, scopes, &order, 1)
}

/// The same with the documents in another order, dealt out to several normalizers.
pub(crate) fn normalize_in(documents: &[Value], scopes: &[ScopeRead], order: &[usize], workers: usize) -> Finished {
    let mut resources = Vec::new();
    let mut normalizers: Vec<Batch> = (0..workers).map(|_| Batch::new(None)).collect();
    for (turn, index) in order.iter().enumerate() {
        let document = document(&documents[*index], *index).unwrap();
        resources.extend(normalizers[turn % workers].push(document));
    }
    let mut first = normalizers.pop().unwrap();
    for scope in scopes {
        first.scope_read(scope.clone());
    }
    for other in normalizers {
        first.merge(other);
    }
    let mut finished = first.finish();
    finished.resources.extend(resources);
    finished
        .resources
        .sort_by(|a, b| (&a.key, &a.origins).cmp(&(&b.key, &b.origins)));
    finished
}

/// A resource with what serialization leaves out.
pub(crate) fn shown(resource: &Resource) -> Value {
    let mut value = serde_json::to_value(resource).unwrap();
    let origins: Vec<u64> = resource.origins.iter().map(|origin| origin.offset).collect();
    value["origins"] = json!(origins);
    let noted: Vec<String> = resource
        .provenance
        .iter()
        .map(|noted| format!("{} <- {}{}", noted.path, noted.origin.offset, noted.pointer))
        .collect();
    if !noted.is_empty() {
        value["provenance"] = json!(noted);
    }
    value
}
