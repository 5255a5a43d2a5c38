//! Loading: from files to policies that run, with every problem on the way.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::{Map, Value};

use crate::Problem;
use crate::analysis::{self, Modules};
use crate::bundle::{Options, Policy};
use crate::compile::{Ahead, compile};
use crate::conftest;
use crate::constraint;
use crate::contract::{contract_problems, names, option_problems};
use crate::metadata::{self, Metadata};
use crate::patience::Common;
use crate::problem::{LoadErrors, problem, sort};
use crate::remote::{self, Host};
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
    /// Nothing in it ends or stalls what follows references: only then read sets are asked for.
    pub(crate) safe: bool,
}

/// Returns the name of a file in messages: below the folder or bundle it came from.
pub(crate) fn shown(root: &Root, source: &SourceFile) -> String {
    within(root, &source.path)
}

/// Returns how a message names a path of a root.
pub(crate) fn within(root: &Root, path: &str) -> String {
    if root.trusted || root.name.is_empty() {
        return path.to_owned();
    }
    format!("{}/{path}", root.name.trim_end_matches('/'))
}

/// Parses every file of the roots but tests, and reads METADATA.
pub(crate) fn parse(roots: &[Root]) -> Set<'_> {
    parse_noting(roots, &mut |_| {})
}

fn parse_noting<'a>(roots: &'a [Root], note: &mut dyn FnMut(&str)) -> Set<'a> {
    let mut problems = Vec::new();
    let mut files = Vec::new();
    let mut modules = Vec::new();
    let mut data = Map::new();
    // Other shapes are read where they are loaded.
    for root in roots.iter().filter(|root| root.constraints.is_empty() && !root.raw) {
        if let Err(place) = merge(&mut data, root.data.clone(), "data") {
            let message = format!("`{place}` is given by another bundle too");
            problems.push(problem(&root.name, 0, 0, "data", message, "load only one of them"));
        }
        for source in root.files.iter().filter(|source| !source.is_test()) {
            let file = shown(root, source);
            note(&file);
            let module = match analysis::parse(&file, &source.text) {
                Ok(module) => module,
                Err(found) => {
                    problems.extend(conftest::unasked_v0(&file, &source.text).map_or(found, |problem| vec![problem]));
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
    let unsafe_problems = modules.problems();
    let safe = unsafe_problems.is_empty();
    problems.extend(unsafe_problems);
    Set {
        safe,
        files,
        modules,
        data,
        problems,
    }
}

/// Returns the ids and aliases of the policies of the roots, as far as their METADATA can be read.
pub fn declared(roots: &[Root]) -> BTreeSet<String> {
    let set = parse(roots);
    let metadata = set.files.iter().filter_map(|loaded| loaded.metadata.as_ref());
    let own = metadata.flat_map(names).map(str::to_owned);
    own.chain(constraint::declared(roots))
        .chain(conftest::declared(roots))
        .collect()
}

/// Loads the policies of the roots.
pub(crate) fn policies(roots: &[Root], options: &Options) -> Result<Vec<Policy>, LoadErrors> {
    rehearsed(roots, options, options.host.as_ref())?;
    load(roots, options, Ahead::Others, &mut |_| {})
}

/// Has what is to be read of roots that do not run in this process read by a guest first: what would end or stall the
/// analysis ends or stalls that one.
///
/// # Errors
///
/// When that took more than it may, with the file that it was at.
pub fn rehearsed(roots: &[Root], options: &Options, host: Option<&Arc<dyn Host>>) -> Result<(), LoadErrors> {
    let Some(host) = host.filter(|_| roots.iter().any(|root| !root.in_process)) else {
        return Ok(());
    };
    remote::rehearse(host.as_ref(), roots, options).map_err(|lost| {
        let file = lost.at.unwrap_or_default();
        let message = format!("reading the policy {}", lost.why);
        LoadErrors(vec![problem(
            &file,
            0,
            0,
            "limits",
            message,
            "make it simpler, or split it",
        )])
    })
}

/// Goes through all that is read of policies, as often as any command does, and calls `note` with the file that it is at.
pub(crate) fn rehearse(roots: &[Root], options: &Options, note: &mut dyn FnMut(&str)) {
    if load(roots, options, Ahead::Nothing, note).is_err() {
        return;
    }
    for root in roots.iter().filter(|root| !root.in_process) {
        for source in root.files.iter().filter(|source| source.is_test()) {
            note(&shown(root, source));
            let _problems = analysis::parse(&shown(root, source), &source.text);
        }
    }
}

fn load(
    roots: &[Root],
    options: &Options,
    ahead: Ahead,
    note: &mut dyn FnMut(&str),
) -> Result<Vec<Policy>, LoadErrors> {
    let common = Common::new(options.limits.per_evaluation);
    let mut others = conftest::policies(roots, options, ahead, note)?;
    others.extend(constraint::policies(roots, options, ahead, &common)?);
    let options = &without(options, &others);
    let mut set = parse_noting(roots, note);
    let mut problems = std::mem::take(&mut set.problems);
    problems.extend(contract_problems(&set));
    problems.extend(option_problems(&set, options));
    for loaded in set.files.iter().filter(|loaded| set.safe && loaded.metadata.is_some()) {
        note(&loaded.file);
        problems.extend(set.modules.divergences(&loaded.package));
    }
    // What the engine would stumble over, or die of, is never given to it.
    LoadErrors::unless_empty(problems)?;
    let policies = compile(&set, options, ahead, &common, note).map_err(|mut problems| {
        sort(&mut problems);
        LoadErrors(problems)
    })?;
    others.extend(policies);
    Ok(others)
}

/// Returns what the configuration says of other policies than these.
fn without(options: &Options, policies: &[Policy]) -> Options {
    let mut options = options.clone();
    for policy in policies {
        options.severities.remove(&policy.info.id.0);
    }
    options
}

#[cfg(test)]
mod tests;
