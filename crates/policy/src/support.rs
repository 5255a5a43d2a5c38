//! What the tests of this crate share: small policies and resources.

use std::process::Command;
use std::sync::Arc;

use nephoscope_model::{Gap, Kind, Origin, Provider, Reason, Resource, ResourceKey, State, Unknown};
use serde_json::Value;

use crate::{Bundle, LoadErrors, Options, Root, SourceFile, Subject, Verdict};

/// METADATA of a policy on buckets, with more lines under `custom:` where given.
pub(crate) fn metadata(id: &str, more: &str) -> String {
    let more: String = more.lines().map(|line| format!("#   {line}\n")).collect();
    format!(
        "# METADATA\n# scope: package\n# title: T\n# description: D\n# schemas:\n#   - input: schema.storage_bucket\n\
         # custom:\n#   id: {id}\n#   severity: high\n#   kinds: [storage.bucket]\n#   remediation: R\n#   controls: {{}}\n{more}"
    )
}

pub(crate) fn source(path: &str, text: impl Into<String>) -> SourceFile {
    SourceFile {
        path: path.into(),
        text: text.into(),
    }
}

pub(crate) fn root(files: Vec<SourceFile>) -> Root {
    Root {
        name: String::new(),
        files,
        ..Root::default()
    }
}

/// Loads one policy in package `t` with this body.
pub(crate) fn load(body: &str) -> Result<Bundle, LoadErrors> {
    load_with("", body)
}

pub(crate) fn load_with(more: &str, body: &str) -> Result<Bundle, LoadErrors> {
    let text = format!("{}package t\n{body}", metadata("T-1", more));
    Bundle::load(&[root(vec![source("t.rego", text)])], &Options::default())
}

pub(crate) fn bucket(attributes: Value, unknown: &[&str]) -> Resource {
    resource("storage.bucket", attributes, unknown)
}

pub(crate) fn resource(kind: &str, attributes: Value, unknown: &[&str]) -> Resource {
    let mut unknown: Vec<Unknown> = unknown
        .iter()
        .map(|path| Unknown {
            path: (*path).into(),
            gap: Gap::new(Reason::NotRead),
        })
        .collect();
    unknown.sort();
    Resource {
        id: "arn:aws:s3:::b".into(),
        key: ResourceKey("arn:aws:s3:::b".into()),
        provider: Provider::Aws,
        kind: Kind::named(kind).unwrap(),
        native_type: "AWS::S3::Bucket".into(),
        name: "b".into(),
        account: "1".into(),
        org_path: vec![],
        region: "eu-west-1".into(),
        native_region: "eu-west-1".into(),
        tags: [("team".to_owned(), "x".to_owned())].into(),
        created_at: None,
        changed_at: None,
        observed_at: None,
        state_id: None,
        state: State::Live,
        relationships: vec![],
        attributes,
        unknown,
        origins: vec![Origin {
            file: Arc::from("a.json"),
            offset: 0,
            length: 1,
            pointer: String::new(),
        }],
        provenance: vec![],
        mapping: None,
    }
}

pub(crate) fn subject(resource: &Resource) -> Subject<'_> {
    Subject {
        resource,
        related: Default::default(),
        as_of: "2026-11-23T00:00:00Z".parse().unwrap(),
    }
}

/// Judges by the only policy of the bundle.
pub(crate) fn judge(bundle: &Bundle, resource: &Resource) -> Verdict {
    bundle.evaluator().evaluate(0, &subject(resource))
}

/// Returns the command `opa`, or says that the test is skipped, or fails it where nothing may be skipped.
pub(crate) fn opa() -> Option<String> {
    let home = std::env::var("HOME")
        .map(|home| format!("{home}/go/bin/opa"))
        .unwrap_or_default();
    let found = ["opa".to_owned(), home]
        .into_iter()
        .find(|path| Command::new(path).arg("version").output().is_ok());
    if found.is_none() {
        assert!(
            std::env::var("NEPHOSCOPE_REQUIRE_ALL").as_deref() != Ok("1"),
            "`opa` is needed"
        );
        eprintln!("SKIPPED: `opa` is neither on PATH nor in ~/go/bin");
    }
    found
}
