//! Templates and constraints, read from YAML.

use serde_json::{Map, Value};

use super::asset;
use super::library::TARGET;
use crate::Problem;
use crate::analysis::{self, Modules};
use crate::load::shown;
use crate::problem::problem;
use crate::program::Text;
use crate::source::Root;
use crate::v0;

const TEMPLATES: &str = "templates.gatekeeper.sh/";
const CONSTRAINTS: &str = "constraints.gatekeeper.sh/";
/// What a template's rule may be called, the newer name first.
const RULES: [&str; 2] = ["violation", "deny"];
/// Largest file, as for one of Rego.
const MAX_BYTES: usize = 1 << 20;
/// So many lines of a rule tell where it stands.
const TELLING: usize = 50;

/// The documents of a library.
#[derive(Debug, Default)]
pub(super) struct Documents {
    pub(super) templates: Vec<Template>,
    pub(super) constraints: Vec<Constraint>,
}

/// A rule in Rego v0 that constraints of its kind give parameters.
#[derive(Debug)]
pub(super) struct Template {
    /// The name in messages.
    pub(super) file: String,
    /// Kind of its constraints.
    pub(super) kind: String,
    line: u32,
    document: Value,
    /// The rule, and helpers of its own, each with the lines that stand before it in the file.
    rego: Vec<String>,
}

/// Parameters for a template, and where they apply.
#[derive(Debug)]
pub(super) struct Constraint {
    /// The name in messages.
    shown: String,
    /// Relative to its root.
    pub(super) file: String,
    pub(super) kind: String,
    pub(super) name: String,
    /// Of its own form, for example `v1beta1`.
    pub(super) version: String,
    line: u32,
    document: Value,
}

impl Documents {
    /// Reads the documents of a root, and says what is wrong with them.
    pub(super) fn read(root: &Root) -> (Documents, Vec<Problem>) {
        let mut documents = Documents::default();
        let mut problems = Vec::new();
        for source in &root.constraints {
            let file = shown(root, source);
            if source.text.len() > MAX_BYTES {
                let message = format!("the file is larger than {MAX_BYTES} bytes");
                problems.push(problem(&file, 0, 0, "yaml", message, "split it"));
                continue;
            }
            let mut line = 0;
            let found: Vec<Value> = match serde_saphyr::from_multiple(&source.text) {
                Ok(found) => found,
                Err(error) => {
                    let (line, column) = error.location().map_or((1, 1), |place| (place.line(), place.column()));
                    let text = error.without_snippet().to_string();
                    let text = text.split(" at line ").next().unwrap_or(&text);
                    let text = text.strip_prefix("error: ").unwrap_or(text);
                    let number = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
                    problems.push(problem(
                        &file,
                        number(line),
                        number(column),
                        "yaml",
                        text,
                        "the file is no YAML",
                    ));
                    continue;
                }
            };
            for document in found {
                documents.add(&file, &source.path, (&source.text, &mut line), document, &mut problems);
            }
        }
        (documents, problems)
    }

    /// Adds one document of a file; `after` is the line of the one before.
    fn add(
        &mut self,
        shown: &str,
        path: &str,
        (text, after): (&str, &mut usize),
        document: Value,
        problems: &mut Vec<Problem>,
    ) {
        let word = |pointer: &str| document.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
        let (Some(group), Some(kind)) = (word("/apiVersion"), word("/kind")) else {
            // A folder may hold other YAML too.
            return;
        };
        *after = line_of(text, *after, &kind);
        let line = u32::try_from(*after).unwrap_or(u32::MAX).max(1);
        let mut wrong =
            |message: String, help: &str| problems.push(problem(shown, line, 1, "constraint", message, help));
        if let Some(version) = group.strip_prefix(CONSTRAINTS) {
            let Some(name) = word("/metadata/name").filter(|name| !name.is_empty()) else {
                return wrong(
                    "the constraint has no `metadata.name`".to_owned(),
                    "it is part of the policy's id",
                );
            };
            let version = version.to_owned();
            self.constraints.push(Constraint {
                shown: shown.to_owned(),
                file: path.to_owned(),
                kind,
                name,
                version,
                line,
                document,
            });
        } else if group.starts_with(TEMPLATES) && kind == "ConstraintTemplate" {
            match rules(&document) {
                Err(message) => wrong(message, "see Config Validator's guide on templates"),
                Ok((kind, rego)) => self.templates.push(Template {
                    file: shown.to_owned(),
                    kind,
                    line,
                    document,
                    rego: rego.into_iter().map(|rego| placed(text, *after, &rego)).collect(),
                }),
            }
        } else {
            let message = format!("`{kind}` of `{group}` is neither a template nor a constraint");
            wrong(message, "a library holds nothing else");
        }
    }
}

/// Returns the kind that a template defines, its rule, and the helpers that it brings.
fn rules(template: &Value) -> Result<(String, Vec<String>), String> {
    let kind = template.pointer("/spec/crd/spec/names/kind").and_then(Value::as_str);
    let kind = kind.ok_or("the template has no `spec.crd.spec.names.kind`")?.to_owned();
    let targets: Vec<(&str, &Value)> = match template.pointer("/spec/targets") {
        // The first form maps targets by name, those of today list them.
        Some(Value::Object(map)) => map.iter().map(|(name, target)| (name.as_str(), target)).collect(),
        Some(Value::Array(list)) => (list.iter())
            .map(|target| (target.get("target").and_then(Value::as_str).unwrap_or_default(), target))
            .collect(),
        _ => Vec::new(),
    };
    let [(name, target)] = targets.as_slice() else {
        return Err(format!("the template has {} targets, not one", targets.len()));
    };
    if *name != TARGET {
        return Err(format!("the template's target is `{name}`; only `{TARGET}` is judged"));
    }
    let Some(rule) = target.get("rego").and_then(Value::as_str) else {
        return Err("the template's target has no text `rego`".to_owned());
    };
    let mut texts = vec![rule.to_owned()];
    match target.get("libs") {
        None | Some(Value::Null) => {}
        Some(Value::Array(libs)) => {
            for lib in libs {
                texts.push(
                    lib.as_str()
                        .ok_or("`libs` of the template holds something else than text")?
                        .to_owned(),
                );
            }
        }
        Some(_) => return Err("`libs` of the template is no list".to_owned()),
    }
    Ok((kind, texts))
}

/// Returns the line on which a document says its kind, the first such line after another; that one where there is none.
fn line_of(text: &str, after: usize, kind: &str) -> usize {
    let says = |line: &str| {
        let line = line.trim_start_matches("- ").trim().replace(['"', '\''], "");
        line.strip_prefix("kind:").is_some_and(|rest| rest.trim() == kind)
    };
    let lines = (1..).zip(text.lines()).skip(after);
    lines
        .into_iter()
        .find(|(_, line)| says(line))
        .map_or(after, |(number, _)| number)
}

/// Returns a rule as the engine takes it, with blank lines before it, so that its lines are those of the file that it stands
/// in; `after` is a line before it.
fn placed(file: &str, after: usize, rego: &str) -> String {
    let wanted: Vec<&str> = rego.lines().take(TELLING).map(str::trim).collect();
    let lines: Vec<&str> = file.lines().skip(after).map(str::trim).collect();
    let first = lines.windows(wanted.len().max(1)).position(|lines| lines == wanted);
    // A text that is folded or quoted has no lines in the file.
    let first = first.map_or(0, |first| after + first);
    let placed = format!("{}{rego}", "\n".repeat(first));
    // What cannot be parsed is said where it is loaded.
    analysis::spelled_out_v0("", &placed).unwrap_or(placed)
}

impl Template {
    pub(super) fn problem(&self, message: impl Into<String>, help: &str) -> Problem {
        problem(&self.file, self.line, 1, "constraint", message, help)
    }

    pub(super) fn description(&self) -> Option<String> {
        described(&self.document)
    }

    /// Returns the rule and its own helpers.
    pub(super) fn texts(&self) -> impl Iterator<Item = Text> + '_ {
        self.rego.iter().map(|text| Text {
            file: self.file.clone(),
            text: text.clone(),
        })
    }

    /// Returns the members of an asset that its rule looks at, as far as the text tells.
    pub(super) fn sections(&self) -> Vec<&'static str> {
        self.rego.first().map(|rule| asset::named(rule)).unwrap_or_default()
    }

    /// Returns the package and the name of the rule to ask for, after it was checked together with the helpers.
    pub(super) fn entry(&self, libraries: &[Text]) -> Result<(String, &'static str), Vec<Problem>> {
        let mut modules = Vec::new();
        let mut package = None;
        for text in &self.rego {
            let module = analysis::parse_v0(&self.file, text)?;
            package.get_or_insert_with(|| module.package());
            modules.push(module);
        }
        for text in libraries {
            // What is wrong with a helper is said once, not with every template.
            modules.extend(analysis::parse_v0(&text.file, &text.text));
        }
        let modules = Modules::new(modules);
        let mut problems = modules.problems_with(&v0::builtins());
        problems.retain(|problem| problem.file == self.file || problem.code == "recursion");
        if !problems.is_empty() {
            return Err(problems);
        }
        let package = package.unwrap_or_default();
        match RULES.into_iter().find(|rule| modules.has_set(&package, rule)) {
            Some(rule) => Ok((package, rule)),
            None => {
                let message = format!("the package `{package}` has neither `violation[…]` nor `deny[…]`");
                Err(vec![
                    self.problem(message, "one of them gives `{\"msg\": …, \"details\": …}`"),
                ])
            }
        }
    }
}

impl Constraint {
    pub(super) fn problem(&self, message: impl Into<String>, help: &str) -> Problem {
        problem(&self.shown, self.line, 1, "constraint", message, help)
    }

    /// Returns the policy's id.
    pub(super) fn id(&self) -> String {
        format!("{}/{}", self.kind, self.name)
    }

    pub(super) fn spec(&self, key: &str) -> Option<&Value> {
        self.document.get("spec")?.get(key)
    }

    pub(super) fn severity(&self) -> Option<&str> {
        self.spec("severity")?.as_str()
    }

    pub(super) fn description(&self) -> Option<String> {
        described(&self.document)
    }

    /// Returns it as templates see it: with parameters, be they empty.
    pub(super) fn value(&self) -> Value {
        let mut value = self.document.clone();
        if let Value::Object(map) = &mut value {
            let spec = map.entry("spec").or_insert_with(|| Value::Object(Map::new()));
            if spec.is_null() {
                *spec = Value::Object(Map::new());
            }
            if let Value::Object(spec) = spec {
                let parameters = spec.entry("parameters").or_insert(Value::Null);
                if parameters.is_null() {
                    *parameters = Value::Object(Map::new());
                }
            }
        }
        value
    }
}

fn described(document: &Value) -> Option<String> {
    let text = document.pointer("/metadata/annotations/description")?.as_str()?.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// Returns the helpers of a root, after they were checked.
pub(super) fn libraries(root: &Root, problems: &mut Vec<Problem>) -> Vec<Text> {
    let mut texts = Vec::new();
    let mut modules = Vec::new();
    for source in root.files.iter().filter(|source| !source.is_test()) {
        let file = shown(root, source);
        match analysis::parse_v0(&file, &source.text) {
            Ok(module) => modules.push(module),
            Err(found) => problems.extend(found),
        }
        texts.push(Text {
            file,
            text: analysis::spelled_out_v0("", &source.text).unwrap_or_else(|_| source.text.clone()),
        });
    }
    problems.extend(Modules::new(modules).problems_with(&v0::builtins()));
    texts
}
