//! Compiling: from checked files to policies that run.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use nephoscope_model::{Kind, PolicyId, PolicyInfo, Provider, digest, kind_schema, pointer};
use regorus::Value as Rego;
use serde_json::{Map, Value};

use crate::Problem;
use crate::analysis::{self, ReadPath, ReadSet, Step};
use crate::applicable;
use crate::bundle::{Clause, Options, Policy, Runtime};
use crate::closure;
use crate::contract::{configured, names};
use crate::form::Form;
use crate::load::{Loaded, Set};
use crate::metadata::Metadata;
use crate::param::Param;
use crate::patience::{Common, Patience};
use crate::problem::problem;
use crate::program::{Local, Program, Text};
use crate::projection::Projection;
use crate::remote::{self, Part, Remote};
use crate::worlds::{self, Finite};

/// What the engine compiles before it is asked to run anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ahead {
    /// Every policy.
    All,
    /// Not the pack that is part of the program: its tests compile it, and a scan compiles what it runs.
    Others,
    /// No policy.
    Nothing,
}

/// Compiles every policy of a set without problems.
///
/// `note` is called with the file that is next.
pub(crate) fn compile(
    set: &Set<'_>,
    options: &Options,
    ahead: Ahead,
    common: &Arc<Common>,
    note: &mut dyn FnMut(&str),
) -> Result<Vec<Policy>, Vec<Problem>> {
    let compiler = Compiler::new(set, options, ahead, common);
    let mut policies = Vec::new();
    let mut problems = Vec::new();
    for loaded in &set.files {
        if let Some(metadata) = &loaded.metadata {
            note(&loaded.file);
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
    ahead: Ahead,
    texts: BTreeMap<&'a str, Vec<&'a str>>,
    data: Rego,
    data_text: String,
    data_value: Value,
    /// The data as it is given elsewhere, made when the first program needs it.
    data_part: OnceCell<Part>,
    common: &'a Arc<Common>,
}

impl<'a> Compiler<'a> {
    fn new(set: &'a Set<'a>, options: &'a Options, ahead: Ahead, common: &'a Arc<Common>) -> Self {
        let mut texts: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for loaded in &set.files {
            texts.entry(&loaded.package).or_default().push(&loaded.source.text);
        }
        let data = Value::Object(set.data.clone());
        Compiler {
            set,
            options,
            ahead,
            texts,
            data_text: data.to_string(),
            data: Rego::from(data.clone()),
            data_value: data,
            data_part: OnceCell::new(),
            common,
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
        let params = self.params(metadata);
        let values: Map<String, Value> = params
            .iter()
            .map(|param| (param.name.clone(), param.value.clone()))
            .collect();
        let values = Value::Object(values);
        let patience = Patience::new(self.common);
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
            let here = files.iter().all(|file| file.root.in_process);
            let elsewhere = self.options.host.as_ref().filter(|_| !here);
            // Only what holds the stricter rules of the pack, which its tests see to: it iterates over lists alone.
            let on_vm = loaded.root.trusted
                && elsewhere.is_none()
                && !self.options.interpreted
                && self.set.modules.on_vm(&loaded.package, clause.index);
            let program = match elsewhere {
                None => {
                    let local = Local::new(texts, self.data.clone(), entry, limit).on_vm(on_vm);
                    Program::here(local, &patience)
                }
                Some(host) => {
                    let data = self.data_part.get_or_init(|| remote::data(&self.data_value)).clone();
                    let remote = Remote::new(Arc::clone(host), texts, data, entry, Form::Policy, limit);
                    Program::elsewhere(remote, &patience)
                }
            };
            let now = match self.ahead {
                Ahead::All => true,
                Ahead::Others => !loaded.root.trusted,
                Ahead::Nothing => false,
            };
            if now && let Err(failure) = program.compile() {
                let help = "`opa check --strict` may say more";
                problems.push(problem(&clause.file, clause.line, 1, "compile", failure.message, help));
                continue;
            }
            clauses.push(Clause {
                place: format!("{}:{}", clause.file, clause.line),
                on_vm,
                program,
                reads: (self.set.modules).read_set_with(&loaded.package, clause.index, Some(&values)),
            });
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        let on: BTreeSet<String> = clauses.iter().flat_map(|clause| clause.reads.paths()).collect();
        let paths = (found.iter().zip(&clauses))
            .flat_map(|(clause, compiled)| match params.is_empty() {
                // Without parameters nothing depends on them.
                true => compiled.reads.described(),
                false => self.set.modules.read_set(&loaded.package, clause.index).described(),
            })
            .map(|read| ReadPath {
                off: !on.contains(&read.path) && !read.path.starts_with("/params"),
                ..read
            })
            .collect();
        let values_text = values.to_string();
        let parts = files
            .iter()
            .flat_map(|file| [file.source.path.as_str(), file.source.text.as_str()]);
        let attributes = Attributes::of(metadata, &clauses);
        let runtime = Runtime {
            digest: digest(parts.chain([values_text.as_str(), self.data_text.as_str()])),
            narrow: attributes.narrow,
            finite: attributes.finite,
            params: values.as_object().cloned().unwrap_or_default(),
            paths: ReadPath::merged(paths),
            projection: Projection::of(clauses.iter().map(|clause| &clause.reads)),
            clauses,
            judge: None,
        };
        Ok(Policy {
            info: self.info(loaded, metadata),
            kinds: metadata.kinds.clone(),
            needs: metadata.needs.clone(),
            missing: (metadata.params.iter())
                .filter(|(name, declared)| {
                    declared.default.is_none() && configured(self.options, metadata, name).is_none()
                })
                .map(|(name, _)| name.clone())
                .collect(),
            params,
            shipped: loaded.root.trusted,
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

/// What the schema of each kind says of its attributes.
#[derive(Default)]
struct Attributes {
    /// Those on the conditions that not every provider has, and that METADATA does not call optional.
    narrow: BTreeMap<Kind, Vec<(String, Vec<Provider>)>>,
    /// Those that have but a few values.
    finite: BTreeMap<Kind, Vec<Finite>>,
}

impl Attributes {
    fn of(metadata: &Metadata, clauses: &[Clause]) -> Attributes {
        let conditions: BTreeSet<String> = clauses.iter().flat_map(|clause| conditions(&clause.reads)).collect();
        let mut attributes = Attributes::default();
        for kind in &metadata.kinds {
            let Some(schema) = kind_schema(*kind) else {
                continue;
            };
            let optional =
                |path: &&String| (metadata.optional.iter()).any(|optional| pointer::strip(path, optional).is_some());
            let limited = conditions.iter().filter(|path| !optional(path)).filter_map(|path| {
                let below = pointer::strip(path, "/attributes")?;
                Some((path.clone(), applicable::providers(&schema, below)?))
            });
            attributes.narrow.insert(*kind, limited.collect());
            attributes.finite.insert(*kind, worlds::finite(&schema));
        }
        attributes
    }
}

/// Returns the paths below the resource on which the clause's `deny` depends.
fn conditions(reads: &ReadSet) -> Vec<String> {
    let conditions = reads.reads.iter().filter(|read| read.condition);
    let below = conditions.filter_map(|read| match read.path.split_first() {
        Some((Step::Key(root), below)) if root == "resource" => Some(below),
        _ => None,
    });
    below.map(|steps| pointer::join(steps.iter().map(step_text))).collect()
}

fn step_text(step: &Step) -> &str {
    match step {
        Step::Key(key) => key,
        Step::Any => "*",
    }
}
