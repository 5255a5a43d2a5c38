//! Loading: from files to policies that run, with every problem on the way.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use nephoscope_model::{Kind, PolicyId, PolicyInfo, Provider, digest, input_schema, kind_schema, pointer};
use regorus::Value as Rego;
use serde_json::{Map, Value};

use crate::Problem;
use crate::analysis::{self, Modules, ReadSet, Step};
use crate::applicable;
use crate::bundle::{Clause, Options, Policy, Runtime};
use crate::closure;
use crate::metadata::{self, Metadata};
use crate::param::{Param, mismatch};
use crate::problem::{LoadErrors, problem, sort};
use crate::program::{Program, Text};
use crate::source::{Root, SourceFile, merge};

/// One parsed file with where it came from.
pub(crate) struct Loaded<'a> {
    pub(crate) root: &'a Root,
    pub(crate) source: &'a SourceFile,
    /// The name in messages.
    pub(crate) file: String,
    pub(crate) package: String,
    pub(crate) metadata: Option<Metadata>,
}

/// Everything that was read, before it is compiled.
pub(crate) struct Set<'a> {
    pub(crate) files: Vec<Loaded<'a>>,
    pub(crate) modules: Modules,
    pub(crate) data: Map<String, Value>,
    pub(crate) problems: Vec<Problem>,
}

/// Returns the name of a file in messages: below the folder or bundle it came from.
pub(crate) fn shown(root: &Root, source: &SourceFile) -> String {
    if root.trusted || root.name.is_empty() {
        return source.path.clone();
    }
    format!("{}/{}", root.name.trim_end_matches('/'), source.path)
}

/// Parses every file of the roots but tests, and reads METADATA.
pub(crate) fn parse(roots: &[Root]) -> Set<'_> {
    let mut problems = Vec::new();
    let mut files = Vec::new();
    let mut modules = Vec::new();
    let mut data = Map::new();
    for root in roots {
        if let Err(place) = merge(&mut data, root.data.clone(), "data") {
            let message = format!("`{place}` is given by another bundle too");
            problems.push(problem(&root.name, 0, 0, "data", message, "load only one of them"));
        }
        for source in root.files.iter().filter(|source| !source.is_test()) {
            let file = shown(root, source);
            let module = match analysis::parse(&file, &source.text) {
                Ok(module) => module,
                Err(found) => {
                    problems.extend(found);
                    continue;
                }
            };
            let metadata = metadata::read(&file, source).unwrap_or_else(|found| {
                problems.extend(found);
                None
            });
            files.push(Loaded {
                root,
                source,
                file,
                package: module.package(),
                metadata,
            });
            modules.push(module);
        }
    }
    let modules = Modules::new(modules);
    problems.extend(modules.problems());
    Set {
        files,
        modules,
        data,
        problems,
    }
}

/// Loads the policies of the roots.
pub(crate) fn policies(roots: &[Root], options: &Options) -> Result<Vec<Policy>, LoadErrors> {
    let mut set = parse(roots);
    let mut problems = std::mem::take(&mut set.problems);
    problems.extend(contract_problems(&set));
    problems.extend(option_problems(&set, options));
    for loaded in set.files.iter().filter(|loaded| loaded.metadata.is_some()) {
        problems.extend(set.modules.divergences(&loaded.package));
    }
    // What the engine would stumble over, or die of, is never given to it.
    LoadErrors::unless_empty(problems)?;
    compile(&set, options).map_err(|mut problems| {
        sort(&mut problems);
        LoadErrors(problems)
    })
}

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
        problems.extend(read_problems(set, loaded, metadata));
    }
    problems
}

/// A package with `deny` and no METADATA would never run and never be missed.
fn without_metadata(set: &Set<'_>, loaded: &Loaded<'_>) -> Option<Problem> {
    let clauses = set.modules.deny_clauses(&loaded.package);
    let here = clauses.iter().find(|clause| clause.file == loaded.file)?;
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
        "a package with `deny` has no METADATA",
        "`nephoscope policy new` writes a policy to start from",
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
        let known = |kind: &Kind| kind_schema(*kind).is_some_and(|schema| applicable::exists(&schema, below));
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
fn option_problems(set: &Set<'_>, options: &Options) -> Vec<Problem> {
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
fn names(metadata: &Metadata) -> impl Iterator<Item = &str> {
    std::iter::once(&metadata.id)
        .chain(&metadata.aliases)
        .map(String::as_str)
}

fn configured<'a>(options: &'a Options, metadata: &Metadata, param: &str) -> Option<&'a Value> {
    names(metadata).find_map(|name| options.params.get(name)?.get(param))
}

/// Compiles every policy of a set without problems.
pub(crate) fn compile(set: &Set<'_>, options: &Options) -> Result<Vec<Policy>, Vec<Problem>> {
    let compiler = Compiler::new(set, options);
    let mut policies = Vec::new();
    let mut problems = Vec::new();
    for loaded in &set.files {
        if let Some(metadata) = &loaded.metadata {
            match compiler.policy(loaded, metadata) {
                Ok(policy) => policies.push(policy),
                Err(found) => problems.extend(found),
            }
        }
    }
    if problems.is_empty() {
        Ok(policies)
    } else {
        Err(problems)
    }
}

/// Compiles policies out of a set without problems.
struct Compiler<'a> {
    set: &'a Set<'a>,
    options: &'a Options,
    texts: BTreeMap<&'a str, Vec<&'a str>>,
    data: Rego,
    data_text: String,
}

impl<'a> Compiler<'a> {
    fn new(set: &'a Set<'a>, options: &'a Options) -> Self {
        let mut texts: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for loaded in &set.files {
            texts.entry(&loaded.package).or_default().push(&loaded.source.text);
        }
        let data = Value::Object(set.data.clone());
        Compiler {
            set,
            options,
            texts,
            data_text: data.to_string(),
            data: Rego::from(data),
        }
    }

    fn policy(&self, loaded: &Loaded<'_>, metadata: &Metadata) -> Result<Policy, Vec<Problem>> {
        let packages = closure::packages(&loaded.package, &self.texts);
        let mut files: Vec<&Loaded<'_>> = self
            .set
            .files
            .iter()
            .filter(|file| packages.contains(file.package.as_str()))
            .collect();
        files.sort_by(|a, b| a.file.cmp(&b.file));
        let found = self.set.modules.deny_clauses(&loaded.package);
        let mut clauses = Vec::new();
        let mut problems = Vec::new();
        for clause in &found {
            let texts: Vec<Text> = files
                .iter()
                .map(|file| Text {
                    file: file.file.clone(),
                    text: blanked(file, &found, clause.index),
                })
                .collect();
            let entry = data_path(&loaded.package, "deny");
            let limit = self.options.limits.per_evaluation;
            match Program::new(&texts, &self.data, &entry, limit) {
                Ok(program) => clauses.push(Clause {
                    place: format!("{}:{}", clause.file, clause.line),
                    program,
                    reads: self.set.modules.read_set(&loaded.package, clause.index),
                }),
                Err(failure) => {
                    let help = "`opa check --strict` may say more";
                    problems.push(problem(&clause.file, clause.line, 1, "compile", failure.0, help));
                }
            }
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        let params = self.params(metadata);
        let values: Map<String, Value> = params
            .iter()
            .map(|param| (param.name.clone(), param.value.clone()))
            .collect();
        let values_text = Value::Object(values.clone()).to_string();
        let parts = files
            .iter()
            .flat_map(|file| [file.source.path.as_str(), file.source.text.as_str()]);
        let runtime = Runtime {
            digest: digest(parts.chain([values_text.as_str(), self.data_text.as_str()])),
            narrow: narrow(metadata, &clauses),
            params: values,
            clauses,
        };
        Ok(Policy {
            info: self.info(loaded, metadata),
            kinds: metadata.kinds.clone(),
            needs: metadata.needs.clone(),
            params,
            optional: metadata.optional.clone(),
            native_types: metadata.native_types.clone(),
            model: metadata.model.clone(),
            runtime: Arc::new(runtime),
        })
    }

    fn params(&self, metadata: &Metadata) -> Vec<Param> {
        metadata
            .params
            .iter()
            .map(|(name, declared)| Param {
                name: name.clone(),
                kind: declared.kind,
                items: declared.items,
                description: declared.description.clone(),
                default: declared.default.clone(),
                value: configured(self.options, metadata, name)
                    .or(declared.default.as_ref())
                    .cloned()
                    .unwrap_or_default(),
            })
            .collect()
    }

    fn info(&self, loaded: &Loaded<'_>, metadata: &Metadata) -> PolicyInfo {
        let severity = names(metadata).find_map(|name| self.options.severities.get(name));
        PolicyInfo {
            id: PolicyId(metadata.id.clone()),
            title: metadata.title.clone(),
            description: metadata.description.clone(),
            severity: severity.copied().unwrap_or(metadata.severity),
            kinds: metadata.kinds.iter().map(|kind| kind.as_str().to_owned()).collect(),
            remediation: metadata.remediation.clone(),
            controls: metadata.controls.clone(),
            references: metadata.references.clone(),
            package: loaded.package.clone(),
            file: loaded.source.path.clone(),
            aliases: metadata.aliases.clone(),
            deprecated: metadata.deprecated.clone(),
            portable: metadata.native_types.is_empty(),
        }
    }
}

/// Returns `data.<package>.<rule>`, with names that are no identifiers in brackets.
pub(crate) fn data_path(package: &str, rule: &str) -> String {
    let is_name = |part: &str| part.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    let mut path = "data".to_owned();
    for part in package.split('.') {
        if is_name(part) {
            path.push('.');
            path.push_str(part);
        } else {
            path.push_str(&Value::from(vec![part]).to_string());
        }
    }
    format!("{path}.{rule}")
}

/// Returns the file's text with every `deny` clause but `keep` turned to blanks; lines stay where they are.
fn blanked(loaded: &Loaded<'_>, clauses: &[analysis::Clause], keep: usize) -> String {
    let mut bytes = loaded.source.text.clone().into_bytes();
    for clause in clauses {
        if clause.index == keep || clause.file != loaded.file {
            continue;
        }
        for byte in bytes.get_mut(clause.span.clone()).into_iter().flatten() {
            if *byte != b'\n' {
                *byte = b' ';
            }
        }
    }
    // A span ends at the borders of tokens, so no character was cut.
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Returns the attributes on the conditions that not every provider has, and that METADATA does not call optional.
fn narrow(metadata: &Metadata, clauses: &[Clause]) -> BTreeMap<Kind, Vec<(String, Vec<Provider>)>> {
    let conditions: BTreeSet<String> = clauses.iter().flat_map(|clause| conditions(&clause.reads)).collect();
    let mut narrow = BTreeMap::new();
    for kind in &metadata.kinds {
        let Some(schema) = kind_schema(*kind) else {
            continue;
        };
        let limited: Vec<(String, Vec<Provider>)> = conditions
            .iter()
            .filter(|path| {
                !metadata
                    .optional
                    .iter()
                    .any(|optional| pointer::strip(path, optional).is_some())
            })
            .filter_map(|path| {
                let below = pointer::strip(path, "/attributes")?;
                Some((path.clone(), applicable::providers(&schema, below)?))
            })
            .collect();
        narrow.insert(*kind, limited);
    }
    narrow
}

/// Returns the paths below the resource on which the clause's `deny` depends.
fn conditions(reads: &ReadSet) -> Vec<String> {
    let conditions = reads.reads.iter().filter(|read| read.condition);
    let below = conditions.filter_map(|read| match read.path.split_first() {
        Some((Step::Key(root), below)) if root == "resource" => Some(below),
        _ => None,
    });
    let text = |step| match step {
        &Step::Key(ref key) => key.as_str(),
        Step::Any => "*",
    };
    below.map(|steps| pointer::join(steps.iter().map(text))).collect()
}

#[cfg(test)]
mod tests;
