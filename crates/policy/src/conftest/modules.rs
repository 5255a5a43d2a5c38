//! The files of conftest packages, parsed: all of them Rego v1, or all of them v0.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use crate::analysis::{self, Module, Modules};
use crate::load::shown;
use crate::metadata;
use crate::problem::{LoadErrors, problem};
use crate::program::Text;
use crate::source::{Root, SourceFile, merge};
use crate::{Problem, v0};

/// What conftest gives to a package beside the document, and we do not.
const FILE: &str = "conftest";

/// Writes a text otherwise on some lines.
type Write = fn(&str, &str, &BTreeSet<u32>) -> Result<String, Vec<Problem>>;

/// One file.
pub(super) struct File {
    pub(super) package: String,
    /// As it is given to the engine.
    pub(super) text: Text,
    pub(super) in_process: bool,
}

/// Everything that was read, before it is compiled.
pub(super) struct Packages<'a> {
    roots: Vec<&'a Root>,
    pub(super) files: Vec<File>,
    pub(super) parsed: Vec<Module>,
    pub(super) modules: Modules,
    pub(super) data: Value,
    /// The language of all of them.
    pub(super) v0: bool,
}

impl<'a> Packages<'a> {
    /// Reads the roots that are conftest's; `note` is called with the file that is next.
    pub(super) fn read(roots: &'a [Root], note: &mut dyn FnMut(&str)) -> Result<Packages<'a>, LoadErrors> {
        let roots: Vec<&Root> = roots.iter().filter(|root| root.raw).collect();
        let mut problems = Vec::new();
        let mut data = Map::new();
        for root in &roots {
            problems.extend(of_another_shape(root));
            if let Err(place) = merge(&mut data, root.data.clone(), "data") {
                let message = format!("`{place}` is given by another bundle too");
                problems.push(problem(&root.name, 0, 0, "data", message, "load only one of them"));
            }
        }
        LoadErrors::unless_empty(problems)?;
        let sources: Vec<(&Root, &SourceFile, String)> = roots
            .iter()
            .flat_map(|root| root.files.iter().map(|source| (*root, source, shown(root, source))))
            .filter(|(_, source, _)| !source.is_test())
            .collect();
        let v0 = is_v0(&sources, note)?;
        let mut packages = Packages {
            roots: Vec::new(),
            files: Vec::new(),
            parsed: Vec::new(),
            modules: Modules::new(Vec::new()),
            data: Value::Object(data),
            v0,
        };
        let mut problems = Vec::new();
        for (root, source, file) in &sources {
            match packages.parse(file, &source.text) {
                Ok(module) => {
                    let spelled = v0.then(|| analysis::spelled_out_v0(file, &source.text).ok()).flatten();
                    packages.files.push(File {
                        package: module.package(),
                        text: Text {
                            file: file.clone(),
                            text: spelled.unwrap_or_else(|| source.text.clone()),
                        },
                        in_process: root.in_process,
                    });
                    problems.extend(reads_file(file, &module));
                    packages.parsed.push(module);
                }
                Err(found) => problems.extend(found),
            }
        }
        packages.roots = roots;
        packages.modules = Modules::new(packages.parsed.clone());
        let data = packages.data.as_object();
        let names: Vec<&str> = data.into_iter().flat_map(Map::keys).map(String::as_str).collect();
        problems.extend(refused(&packages.modules, v0, &names));
        LoadErrors::unless_empty(problems)?;
        Ok(packages)
    }

    /// Writes what problems say that the engine would answer otherwise as OPA's compiler does: operands of `not` and elements of
    /// sets are bound before. Returns whether there was anything to write.
    pub(super) fn spell_out(&mut self, problems: &[Problem]) -> bool {
        let mut spelled = false;
        for (code, write) in [("head", analysis::bound as Write), ("negation", analysis::lifted)] {
            let found = problems.iter().filter(|problem| problem.code == code);
            let mut lines: BTreeMap<&str, BTreeSet<u32>> = BTreeMap::new();
            for problem in found {
                lines.entry(&problem.file).or_default().insert(problem.line);
            }
            for (file, parsed) in self.files.iter_mut().zip(&mut self.parsed) {
                let Some(lines) = lines.get(file.text.file.as_str()) else {
                    continue;
                };
                // What is no Rego any more was not understood, and stays as it was.
                if let Ok(text) = write(&file.text.file, &file.text.text, lines)
                    && let Ok(module) = parse(&file.text.file, &text, self.v0)
                {
                    file.text.text = text;
                    *parsed = module;
                    spelled = true;
                }
            }
        }
        spelled
    }

    /// Returns the names of the folders and bundles.
    pub(super) fn names(&self) -> Vec<String> {
        self.roots.iter().map(|root| root.name.clone()).collect()
    }

    /// Parses a text in the language of all of them.
    pub(super) fn parse(&self, file: &str, text: &str) -> Result<Module, Vec<Problem>> {
        parse(file, text, self.v0)
    }
}

fn parse(file: &str, text: &str, v0: bool) -> Result<Module, Vec<Problem>> {
    if v0 {
        analysis::parse_v0(file, text)
    } else {
        analysis::parse(file, text)
    }
}

/// Returns whether the files are Rego v0: they are v1 where every one can be read so.
fn is_v0(sources: &[(&Root, &SourceFile, String)], note: &mut dyn FnMut(&str)) -> Result<bool, LoadErrors> {
    let mut broken = Vec::new();
    let mut old = None;
    for (_, source, file) in sources {
        note(file);
        // The parser warns of what is only v1 when it reads v0, so it reads v0 where it has to.
        if let Err(found) = parse(file, &source.text, false) {
            match parse(file, &source.text, true) {
                Ok(_) => old = old.or(Some(file)),
                Err(_) => broken.extend(found),
            }
        }
    }
    LoadErrors::unless_empty(broken)?;
    let new = |(_, source, file): &&(&Root, &SourceFile, String)| parse(file, &source.text, true).is_err();
    if let Some(old) = old
        && let Some((_, _, new)) = sources.iter().find(new)
    {
        let message = format!("it is Rego v0, and `{new}` is v1");
        let help = "all packages of a run have one version; `opa fmt --write --v0-v1` rewrites v0";
        return Err(LoadErrors(vec![problem(old, 0, 0, "parse", message, help)]));
    }
    Ok(old.is_some())
}

/// Returns what no bundle may contain. A name of a data document may be imported.
fn refused(modules: &Modules, v0: bool, data: &[&str]) -> Vec<Problem> {
    let extra: Vec<&str> = match v0 {
        // There is no instant that a document could be judged at: it would be another one each time.
        true => v0::builtins()
            .into_iter()
            .filter(|name| *name != "time.now_ns")
            .collect(),
        false => Vec::new(),
    };
    let imports_data = |problem: &Problem| {
        let path = problem.message.split('`').nth(1).unwrap_or_default();
        problem.code == "import" && path.split('.').nth(1).is_some_and(|name| data.contains(&name))
    };
    let mut problems = modules.problems_with(&extra);
    problems.retain(|problem| !imports_data(problem));
    for problem in &mut problems {
        if problem.message.contains("`time.now_ns`") {
            problem.help = Some(
                "the same input must give the same result: take the time from the document or from data".to_owned(),
            );
        }
    }
    problems
}

/// Policies of another shape would say nothing of a document, and nobody would miss them.
fn of_another_shape(root: &Root) -> Vec<Problem> {
    let help = "`--input-shape raw` takes conftest packages only: give other policies a scan of their own";
    if let Some(file) = root.constraints.first() {
        let message = "a constraint library, which judges assets";
        return vec![problem(&shown(root, file), 0, 0, "shape", message, help)];
    }
    let ours = root.files.iter().filter(|source| {
        let metadata = metadata::read(&source.path, source);
        metadata.is_ok_and(|metadata| metadata.is_some())
    });
    ours.map(|source| {
        let message = "a policy over the common model";
        problem(&shown(root, source), 0, 0, "shape", message, help)
    })
    .collect()
}

/// What is not there would be undefined, and a rule that asks for it would never find anything.
fn reads_file(file: &str, module: &Module) -> Option<Problem> {
    let line = module.reads_data(FILE)?;
    let message = format!("`data.{FILE}` is read, which is not given to packages here");
    Some(problem(
        file,
        line,
        1,
        "conftest",
        message,
        "judge by what the document holds",
    ))
}
