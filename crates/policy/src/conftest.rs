//! Packages of conftest: rules `deny`, `violation` and `warn` over a document as it stands.
//!
//! A policy is all rules of one name in one package. It takes its input whole, and is run by a module of our own, the
//! *adapter*, which brings what the rules give, and the package's exceptions, into the shape of a `deny` of ours: so it is
//! checked, confined and run like any other.
//!
//! Source: `open-policy-agent/conftest` 0.71, `policy/engine.go` and `output/result.go`, read 2026-11-26.

mod adapter;
mod modules;
mod outcome;
mod rule;

use std::collections::BTreeMap;
use std::sync::Arc;

use nephoscope_model::{PolicyId, PolicyInfo, Severity, digest};
use regorus::Value as Rego;

use crate::Problem;
use crate::analysis::{self, Head, Modules, ReadPath, ReadSet};
use crate::bundle::{Clause, Options, Policy, Runtime};
use crate::closure;
use crate::compile::{Ahead, data_path};
use crate::form::Form;
use crate::load::{Loaded, Set};
use crate::patience::{Common, Patience};
use crate::problem::{LoadErrors, problem};
use crate::program::{Local, Program, Text};
use crate::projection::Projection;
use crate::remote::{self, Part, Remote};
use crate::source::Root;
use adapter::Adapter;
use modules::Packages;
use rule::Rule;

pub(crate) use outcome::judge;

/// Returns the rules of the packages of those roots that are conftest's, as policies.
///
/// `note` is called with the file that is next.
///
/// # Errors
///
/// Every problem of every file.
pub(crate) fn policies(
    roots: &[Root],
    options: &Options,
    ahead: Ahead,
    note: &mut dyn FnMut(&str),
) -> Result<Vec<Policy>, LoadErrors> {
    if !roots.iter().any(|root| root.raw) {
        return Ok(Vec::new());
    }
    let mut packages = Packages::read(roots, note)?;
    let (rules, mut problems) = rule::of(&packages.modules, &packages.names());
    problems.extend(unknown_options(&rules, options));
    LoadErrors::unless_empty(problems)?;
    let adapters: Vec<Adapter> = (0..)
        .zip(&rules)
        .map(|(number, rule)| Adapter::of(number, rule, packages.v0))
        .collect();
    let mut found = divergences(&packages, &adapters);
    if packages.spell_out(&found) {
        found = divergences(&packages, &adapters);
    }
    LoadErrors::unless_empty(found)?;
    let compiler = Compiler {
        data: remote::data(&packages.data),
        packages,
        options,
        ahead,
        common: Common::new(options.limits.per_evaluation),
    };
    let (mut policies, mut problems) = (Vec::new(), Vec::new());
    for (rule, adapter) in rules.iter().zip(&adapters) {
        note(&rule.file);
        match compiler.policy(rule, adapter) {
            Ok(policy) => policies.push(policy),
            Err(found) => problems.push(found),
        }
    }
    LoadErrors::unless_empty(problems)?;
    Ok(policies)
}

/// Returns the ids of the rules of the roots, as far as they can be read.
pub(crate) fn declared(roots: &[Root]) -> Vec<String> {
    let raw = roots.iter().any(|root| root.raw);
    let Some(packages) = raw.then(|| Packages::read(roots, &mut |_| {}).ok()).flatten() else {
        return Vec::new();
    };
    let (rules, _) = rule::of(&packages.modules, &packages.names());
    rules.iter().map(Rule::id).collect()
}

/// Returns the first rule of a file that conftest would run, where nobody asked for that: `deny` in any package, other names
/// where the whole folder has no policy of our kind, since there they may be names of anything.
pub(crate) fn unasked(set: &Set<'_>, loaded: &Loaded<'_>) -> Option<Head> {
    let ours = |other: &&Loaded<'_>| std::ptr::eq(other.root, loaded.root) && other.metadata.is_some();
    let all = set.files.iter().find(ours).is_none();
    let heads = set.modules.heads().into_iter();
    let mut heads = heads.filter(|head| head.file == loaded.file && head.form == analysis::Form::Set);
    heads.find(|head| head.name == "deny" || (all && rule::is_judged(&head.name)))
}

/// Returns what is to be said of a text that is no Rego v1, where it is a conftest package in v0 that nobody asked for.
pub(crate) fn unasked_v0(file: &str, text: &str) -> Option<Problem> {
    let module = analysis::parse_v0(file, text).ok()?;
    let heads = Modules::new(vec![module]).heads();
    let head = heads.iter().find(|head| rule::is_judged(&head.name))?;
    let message = format!("a package with `{}` in Rego v0", head.name);
    let help = "`--input-shape raw` judges documents as they stand by conftest packages; a policy over the common model is Rego v1";
    Some(problem(file, head.line, 1, "parse", message, help))
}

fn unknown_options(rules: &[Rule], options: &Options) -> Vec<Problem> {
    let ids: Vec<String> = rules.iter().map(Rule::id).collect();
    let given = options
        .params
        .iter()
        .filter(|(id, params)| !params.is_empty() && ids.contains(id));
    let problems = given.map(|(id, _)| {
        let message = format!("`{id}` is a rule of a conftest package, which has no parameters");
        problem("configuration", 0, 0, "params", message, "give it data documents")
    });
    problems.collect()
}

/// Returns where the engine and OPA would disagree about what the adapters run.
fn divergences(packages: &Packages<'_>, adapters: &[Adapter]) -> Vec<Problem> {
    let mut parsed = packages.parsed.clone();
    for adapter in adapters {
        // INVARIANT: an adapter is made of names that were parsed.
        parsed.extend(packages.parse(&adapter.text.file, &adapter.text.text).ok());
    }
    let modules = Modules::new(parsed);
    let mut problems: Vec<Problem> = adapters
        .iter()
        .flat_map(|adapter| modules.divergences(&adapter.package))
        .collect();
    problems.sort_by(|a, b| (&a.file, a.line, a.column, &a.message).cmp(&(&b.file, b.line, b.column, &b.message)));
    problems.dedup();
    problems
}

struct Compiler<'a> {
    packages: Packages<'a>,
    /// The data as it is given to a worker.
    data: Part,
    options: &'a Options,
    ahead: Ahead,
    common: Arc<Common>,
}

impl Compiler<'_> {
    fn policy(&self, rule: &Rule, adapter: &Adapter) -> Result<Policy, Problem> {
        let packages = &self.packages;
        let mut by_package: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        by_package.insert(&adapter.package, vec![&adapter.text.text]);
        for file in &packages.files {
            by_package.entry(&file.package).or_default().push(&file.text.text);
        }
        let needed = closure::packages(&adapter.package, &by_package);
        let files = packages
            .files
            .iter()
            .filter(|file| needed.contains(file.package.as_str()));
        let here = files.clone().all(|file| file.in_process);
        let mut texts: Vec<Text> = files.map(|file| file.text.clone()).collect();
        texts.push(adapter.text.clone());
        let parts = texts.iter().flat_map(|text| [text.file.as_str(), text.text.as_str()]);
        let data = packages.data.to_string();
        let digest = digest(parts.chain([data.as_str()]));
        let program = self.program(texts, data_path(&adapter.package, "deny"), here);
        if self.ahead != Ahead::Nothing
            && let Err(failure) = program.compile()
        {
            let help = "`opa check` may say more";
            return Err(problem(&rule.file, rule.line, 1, "compile", failure.message, help));
        }
        let reads = ReadSet::whole();
        let runtime = Runtime {
            paths: ReadPath::merged(reads.described()),
            projection: Projection::whole(),
            clauses: vec![Clause {
                place: format!("{}:{}", rule.file, rule.line),
                on_vm: false,
                program,
                reads,
            }],
            params: Default::default(),
            narrow: Default::default(),
            finite: Default::default(),
            digest,
            judge: None,
        };
        Ok(Policy {
            info: info(rule, self.options),
            kinds: Vec::new(),
            needs: Vec::new(),
            params: Vec::new(),
            missing: Vec::new(),
            shipped: false,
            optional: Vec::new(),
            native_types: Vec::new(),
            model: None,
            runtime: Arc::new(runtime),
        })
    }

    fn program(&self, texts: Vec<Text>, entry: String, here: bool) -> Program {
        let limit = self.options.limits.per_evaluation;
        let form = if self.packages.v0 { Form::PolicyV0 } else { Form::Policy };
        let patience = Patience::new(&self.common);
        match self.options.host.as_ref().filter(|_| !here) {
            None => {
                let local = Local::new(texts, Rego::from(self.packages.data.clone()), entry, limit);
                Program::here(local.of_form(form), &patience)
            }
            Some(host) => {
                let remote = Remote::new(Arc::clone(host), texts, self.data.clone(), entry, form, limit);
                Program::elsewhere(remote, &patience)
            }
        }
    }
}

fn info(rule: &Rule, options: &Options) -> PolicyInfo {
    let id = rule.id();
    let severity = options.severities.get(&id).copied();
    let what = if rule.warns { "warning" } else { "failure" };
    PolicyInfo {
        title: format!("`{}` of package `{}`", rule.name, rule.package),
        description: format!("A {what} of the conftest package `{}`.", rule.package),
        // As conftest has it, a warning fails nothing.
        severity: severity.unwrap_or(if rule.warns { Severity::Info } else { Severity::High }),
        kinds: Vec::new(),
        remediation: "Change the document as the message says.".to_owned(),
        controls: BTreeMap::new(),
        references: Vec::new(),
        package: rule.package.clone(),
        file: rule.file.clone(),
        aliases: Vec::new(),
        deprecated: None,
        portable: false,
        id: PolicyId(id),
    }
}

#[cfg(test)]
mod tests;
