//! What policies promise, checked: METADATA, ids, packages, what they read, and what the configuration sets.

use std::collections::{BTreeMap, BTreeSet};

use nephoscope_model::{Kind, input_schema, kind_schema, pointer};
use serde_json::Value;

use crate::Problem;
use crate::applicable;
use crate::bundle::Options;
use crate::conftest;
use crate::load::{Loaded, Set};
use crate::metadata::Metadata;
use crate::param::mismatch;
use crate::problem::problem;

/// Checks what a policy promises: METADATA, unique ids and packages, paths that exist, relations it names.
pub(crate) fn contract_problems(set: &Set<'_>) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut ids: BTreeMap<&str, &str> = BTreeMap::new();
    let mut packages: BTreeMap<&str, &str> = BTreeMap::new();
    for loaded in &set.files {
        let Some(metadata) = &loaded.metadata else {
            problems.extend(without_metadata(set, loaded));
            continue;
        };
        let at = |message: String, help: &str| problem(&loaded.file, metadata.line, 1, "metadata", message, help);
        for id in names(metadata) {
            if let Some(other) = ids.insert(id, &loaded.file) {
                problems.push(at(
                    format!("the id `{id}` is used by {other} too"),
                    "ids are unique and never reused",
                ));
            }
        }
        if let Some(other) = packages.insert(&loaded.package, &loaded.file) {
            let message = format!("the package `{}` is a policy in {other} too", loaded.package);
            problems.push(at(message, "one package holds one policy"));
        }
        let folder = loaded.source.path.rsplit_once('/').map_or("", |(folder, _)| folder);
        if loaded.root.trusted && folder.replace('/', ".") != loaded.package {
            let message = format!("the package `{}` is not the path `{folder}`", loaded.package);
            problems.push(at(message, "name the package after its folders"));
        }
        if set.modules.deny_clauses(&loaded.package).is_empty() {
            let help = "write `deny contains finding if { … }`";
            problems.push(at("the policy has no rule `deny`".into(), help));
        }
        if set.safe {
            problems.extend(read_problems(set, loaded, metadata));
        }
    }
    problems
}

/// A package with `deny` and no METADATA would never run and never be missed.
fn without_metadata(set: &Set<'_>, loaded: &Loaded<'_>) -> Option<Problem> {
    let here = conftest::unasked(set, loaded)?;
    let elsewhere = set
        .files
        .iter()
        .any(|other| other.package == loaded.package && other.metadata.is_some());
    // What is wrong with METADATA that cannot be read was said already.
    if elsewhere || loaded.source.text.contains("# METADATA") {
        return None;
    }
    Some(problem(
        &loaded.file,
        here.line,
        1,
        "metadata",
        format!("a package with `{}` has no METADATA", here.name),
        "`--input-shape raw` judges documents as they stand by conftest packages; `nephoscope policy new` writes a policy over the common model",
    ))
}

/// Paths that the model does not have, relations that METADATA does not name, native documents.
fn read_problems(set: &Set<'_>, loaded: &Loaded<'_>, metadata: &Metadata) -> Vec<Problem> {
    let mut problems = Vec::new();
    let package = &loaded.package;
    for kind in &metadata.kinds {
        problems.extend(set.modules.unknown_paths(package, &input_schema(*kind)));
    }
    let clauses = set.modules.deny_clauses(package);
    let paths: BTreeSet<String> = clauses
        .iter()
        .flat_map(|clause| set.modules.read_set(package, clause.index).paths())
        .collect();
    let at = |message: String, help: &str| problem(&loaded.file, metadata.line, 1, "metadata", message, help);
    for path in &paths {
        let tokens: Vec<String> = pointer::tokens(path).collect();
        match tokens.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
            ["related", name, ..] if *name != "*" && !metadata.needs.iter().any(|need| need == name) => {
                let message = format!("`input.related.{name}` is read, but `custom.needs` does not name it");
                problems.push(at(message, &format!("add `needs: [{name}]`")));
            }
            ["params", name, ..] if *name != "*" && !metadata.params.contains_key(*name) => {
                let message = format!("`input.params.{name}` is read, but `custom.params` does not declare it");
                problems.push(at(message, "declare it with its type, default and description"));
            }
            ["resource", "native", ..] => {
                let message =
                    "`input.resource.native` is read, which this version does not give to policies".to_owned();
                problems.push(at(message, "read the attributes of the kind"));
            }
            _ => {}
        }
    }
    for path in &metadata.optional {
        let below = path.strip_prefix("/attributes").unwrap_or(path);
        let known =
            |kind: &Kind| kind_schema(*kind).is_some_and(|schema| applicable::attribute(&schema, below).is_some());
        if !metadata.kinds.iter().any(known) {
            let message = format!("`custom.optional`: no kind of the policy has `{path}`");
            problems.push(at(message, "`nephoscope schema` shows the attributes of a kind"));
        }
    }
    problems.sort_by(|a, b| a.message.cmp(&b.message));
    problems.dedup();
    problems
}

/// Parameters and severities that no policy takes, that do not fit, or that are missing.
pub(crate) fn option_problems(set: &Set<'_>, options: &Options) -> Vec<Problem> {
    let mut problems = Vec::new();
    let config = |message: String, help: &str| problem("configuration", 0, 0, "params", message, help);
    let mut by_id: BTreeMap<&str, &Metadata> = BTreeMap::new();
    for metadata in set.files.iter().filter_map(|loaded| loaded.metadata.as_ref()) {
        by_id.extend(names(metadata).map(|name| (name, metadata)));
    }
    for id in options.params.keys().chain(options.severities.keys()) {
        if !by_id.contains_key(id.as_str()) {
            let help = "`nephoscope policy list` shows the ids";
            problems.push(config(format!("no policy has the id `{id}`"), help));
        }
    }
    for (id, values) in &options.params {
        let Some(metadata) = by_id.get(id.as_str()) else {
            continue;
        };
        for (name, value) in values {
            let Some(declared) = metadata.params.get(name) else {
                let names: Vec<_> = metadata.params.keys().map(String::as_str).collect();
                let help = match names.as_slice() {
                    [] => "it has none".to_owned(),
                    names => format!("it has {}", names.join(", ")),
                };
                problems.push(config(format!("the policy `{id}` has no parameter `{name}`"), &help));
                continue;
            };
            if let Some(wrong) = mismatch(declared.kind, declared.items, value) {
                let message = format!("parameter `{name}` of `{id}`: {wrong}");
                problems.push(config(message, &declared.description));
            }
        }
    }
    for loaded in &set.files {
        let Some(metadata) = &loaded.metadata else {
            continue;
        };
        // A shipped policy waits for its value; one that somebody loads on purpose must not be off unseen.
        if loaded.root.trusted || options.waits {
            continue;
        }
        for (name, declared) in &metadata.params {
            if declared.default.is_none() && configured(options, metadata, name).is_none() {
                let id = &metadata.id;
                let message = format!("parameter `{name}` of `{id}` has no default and no value");
                let help = format!("set `policies.{id}.params.{name}`: {}", declared.description);
                problems.push(problem(&loaded.file, declared.line, 1, "params", message, help));
            }
        }
    }
    problems
}

/// The id and the ids it had before; the configuration may use any of them.
pub(crate) fn names(metadata: &Metadata) -> impl Iterator<Item = &str> {
    std::iter::once(&metadata.id)
        .chain(&metadata.aliases)
        .map(String::as_str)
}

pub(crate) fn configured<'a>(options: &'a Options, metadata: &Metadata, param: &str) -> Option<&'a Value> {
    names(metadata).find_map(|name| options.params.get(name)?.get(param))
}
