//! Constraints of Google's Config Validator: templates in Rego v0, and constraints that give them parameters.
//!
//! A constraint is a policy. It judges assets as Cloud Asset Inventory writes them, one content type at a time, and takes
//! its input whole.
//!
//! Source: `GoogleCloudPlatform/config-validator` and `GoogleCloudPlatform/policy-library`, read 2026-11-26.

mod ancestry;
mod asset;
mod documents;
mod library;
mod violation;

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use nephoscope_model::{Gap, Outcome, PolicyId, PolicyInfo, Reason, Severity, Unknown, digest};
use regorus::Value as Rego;
use serde_json::{Value, json};

use crate::Problem;
use crate::analysis::{ReadPath, ReadSet};
use crate::bundle::{Clause, Options, Policy, Runtime};
use crate::compile::{Ahead, data_path};
use crate::convert::rego;
use crate::evaluate::Verdict;
use crate::form::Form;
use crate::load::within;
use crate::patience::{Common, Patience};
use crate::problem::{LoadErrors, problem, sort};
use crate::program::{Local, Program, Runner, Text};
use crate::projection::Projection;
use crate::remote::{self, Host, Remote};
use crate::source::Root;
use ancestry::Ancestry;
use documents::{Constraint, Documents, Template};

pub use asset::Asset;
pub(crate) use library::{holds, is_yaml as may_hold, take};
pub(crate) use violation::read as violations;

/// What a constraint needs beside its program.
pub(crate) struct Judge {
    ancestry: Ancestry,
    constraint: Rego,
    parameters: Rego,
    /// The members of an asset that its template looks at.
    pub(crate) sections: Vec<&'static str>,
}

/// Returns the constraints of those roots that hold any, as policies.
///
/// # Errors
///
/// Every problem of every template and constraint.
pub(crate) fn policies(
    roots: &[Root],
    options: &Options,
    ahead: Ahead,
    common: &Arc<Common>,
) -> Result<Vec<Policy>, LoadErrors> {
    let mut policies: Vec<Policy> = Vec::new();
    let mut problems = Vec::new();
    let mut files: BTreeMap<PolicyId, String> = BTreeMap::new();
    for root in roots.iter().filter(|root| !root.constraints.is_empty()) {
        let engines = Engines {
            options,
            host: (options.host.as_ref()).filter(|_| !root.in_process),
            ahead,
            common,
        };
        match of_root(root, &engines) {
            Ok(found) => {
                problems.extend(found.iter().filter_map(|policy| twice(root, policy, &mut files)));
                policies.extend(found);
            }
            Err(found) => problems.extend(found),
        }
    }
    for id in options
        .params
        .keys()
        .filter(|id| files.contains_key(&PolicyId((*id).clone())))
    {
        let message = format!("`{id}` is a constraint, whose parameters stand in its own file");
        problems.push(problem(
            "configuration",
            0,
            0,
            "params",
            message,
            "change `spec.parameters` there",
        ));
    }
    LoadErrors::unless_empty(problems)?;
    Ok(policies)
}

/// Returns the problem that another constraint has the same id; `files` are those that were seen, with their files.
fn twice(root: &Root, policy: &Policy, files: &mut BTreeMap<PolicyId, String>) -> Option<Problem> {
    let (id, file) = (&policy.info.id, within(root, &policy.info.file));
    let other = files.insert(id.clone(), file.clone())?;
    let message = format!("the constraint `{id}` is in `{other}` too");
    Some(problem(
        &file,
        0,
        0,
        "constraint",
        message,
        "give it another `metadata.name`",
    ))
}

/// Returns the ids of the constraints of the roots, as far as they can be read.
pub(crate) fn declared(roots: &[Root]) -> impl Iterator<Item = String> + '_ {
    roots.iter().flat_map(|root| {
        let (documents, _) = Documents::read(root);
        documents.constraints.into_iter().map(|constraint| constraint.id())
    })
}

/// What a constraint runs in.
struct Engines<'a> {
    options: &'a Options,
    /// Where it runs that is not to run in this process.
    host: Option<&'a Arc<dyn Host>>,
    ahead: Ahead,
    common: &'a Arc<Common>,
}

fn of_root(root: &Root, engines: &Engines<'_>) -> Result<Vec<Policy>, Vec<Problem>> {
    let (documents, mut problems) = Documents::read(root);
    let libraries = documents::libraries(root, &mut problems);
    let mut judged = Vec::new();
    for template in &documents.templates {
        let same = |other: &&Template| other.kind == template.kind && !std::ptr::eq(*other, template);
        if let Some(other) = documents.templates.iter().find(same) {
            let message = format!("a template of `{}` is in `{}` too", template.kind, other.file);
            problems.push(template.problem(message, "load only one of them"));
        }
        match template.entry(&libraries) {
            Ok(entry) => judged.push((template, entry)),
            Err(found) => problems.extend(found),
        }
    }
    let mut policies = Vec::new();
    for constraint in &documents.constraints {
        let Some((template, entry)) = judged.iter().find(|(template, _)| template.kind == constraint.kind) else {
            if !documents
                .templates
                .iter()
                .any(|template| template.kind == constraint.kind)
            {
                let message = format!("there is no template of `{}`", constraint.kind);
                problems.push(constraint.problem(message, "the folder holds the templates of its constraints"));
            }
            continue;
        };
        let ancestry = Ancestry::of(constraint).unwrap_or_else(|found| {
            problems.extend(found);
            Ancestry::default()
        });
        match policy(constraint, template, entry, &libraries, ancestry, engines) {
            Ok(policy) => policies.push(policy),
            Err(found) => problems.push(found),
        }
    }
    if documents.constraints.is_empty() && problems.is_empty() {
        let message = "there are templates, but no constraint that applies one";
        problems.push(problem(
            &root.name,
            0,
            0,
            "constraint",
            message,
            "add constraints, beside or below the templates",
        ));
    }
    if problems.is_empty() {
        return Ok(policies);
    }
    sort(&mut problems);
    Err(problems)
}

fn policy(
    constraint: &Constraint,
    template: &Template,
    (package, rule): &(String, &'static str),
    libraries: &[Text],
    ancestry: Ancestry,
    Engines {
        options,
        host,
        ahead,
        common,
    }: &Engines<'_>,
) -> Result<Policy, Problem> {
    let texts = || template.texts().chain(libraries.iter().cloned());
    let value = constraint.value();
    let limit = options.limits.per_evaluation;
    let entry = data_path(package, rule);
    let patience = Patience::new(common);
    let program = match host {
        None => {
            let local = Local::new(texts().collect(), rego(&inventory()), entry, limit);
            Program::here(local.of_form(Form::Constraint), &patience)
        }
        Some(host) => {
            let data = remote::data(&inventory());
            let host = Arc::clone(host);
            let remote = Remote::new(host, texts().collect(), data, entry, Form::Constraint, limit);
            Program::elsewhere(remote, &patience)
        }
    };
    if *ahead != Ahead::Nothing
        && let Err(failure) = program.compile()
    {
        return Err(template.problem(failure.message, "`opa check --v0-compatible` may say more"));
    }
    let parts: Vec<Text> = texts().collect();
    let parts = parts.iter().flat_map(|text| [text.file.as_str(), text.text.as_str()]);
    let digest = digest(parts.chain([rule, value.to_string().as_str()]));
    let reads = ReadSet::whole();
    let runtime = Runtime {
        paths: ReadPath::merged(reads.described()),
        projection: Projection::whole(),
        clauses: vec![Clause {
            place: template.file.clone(),
            on_vm: false,
            program,
            reads,
        }],
        params: Default::default(),
        narrow: Default::default(),
        finite: Default::default(),
        digest,
        judge: Some(Judge {
            ancestry,
            sections: template.sections(),
            constraint: rego(&value),
            parameters: rego(value.pointer("/spec/parameters").unwrap_or(&Value::Null)),
        }),
    };
    Ok(Policy {
        info: info(constraint, template, package, options),
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

/// `data.inventory` is there and empty: assets are judged one by one.
fn inventory() -> Value {
    json!({"inventory": {}})
}

fn info(constraint: &Constraint, template: &Template, package: &str, options: &Options) -> PolicyInfo {
    let id = constraint.id();
    let described = constraint.description().or(template.description());
    let title = described.as_deref().map(first_sentence);
    PolicyInfo {
        title: title.unwrap_or_else(|| format!("{} is violated", constraint.kind)),
        description: described
            .unwrap_or_else(|| format!("The constraint `{id}` of a Config Validator library is violated.")),
        severity: options
            .severities
            .get(&id)
            .copied()
            .unwrap_or_else(|| severity(constraint.severity())),
        kinds: Vec::new(),
        remediation: "Change the asset as the message says, or the parameters of the constraint.".to_owned(),
        controls: BTreeMap::new(),
        references: Vec::new(),
        package: package.to_owned(),
        file: constraint.file.clone(),
        aliases: Vec::new(),
        deprecated: None,
        portable: false,
        id: PolicyId(id),
    }
}

/// `spec.severity` is any text; what is none of ours, or nothing, is medium.
fn severity(text: Option<&str>) -> Severity {
    let parsed = text.and_then(|text| text.to_ascii_lowercase().parse().ok());
    parsed.unwrap_or(Severity::Medium)
}

fn first_sentence(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let end = text.find(". ").unwrap_or(text.len());
    text.get(..end).unwrap_or(&text).trim_end_matches('.').to_owned()
}

/// Judges one asset.
pub(crate) fn judge(judge: &Judge, place: &str, runner: &mut Runner<'_>, asset: &Asset, as_of: Timestamp) -> Verdict {
    match judge.ancestry.takes(asset.ancestry()) {
        Some(true) => {}
        Some(false) => return Verdict::of(Outcome::NotApplicable),
        None => {
            let gap = Gap::with(
                Reason::NotRead,
                "the asset does not say in which project and organization it is",
            );
            let mut verdict = Verdict::of(Outcome::Unknown);
            verdict.unknown.push(Unknown {
                path: "/ancestors".to_owned(),
                gap,
            });
            return verdict;
        }
    }
    let input = BTreeMap::from([
        (Rego::from("asset"), asset.rego()),
        // What templates of today call it.
        (Rego::from("review"), asset.rego()),
        (Rego::from("constraint"), judge.constraint.clone()),
        (Rego::from("parameters"), judge.parameters.clone()),
    ]);
    match runner.denies(&Rego::from(input), Some(as_of)) {
        Ok(denies) if denies.is_empty() => Verdict::of(Outcome::Pass),
        Ok(denies) => {
            let mut verdict = Verdict::of(Outcome::Fail);
            verdict.denies = denies.into();
            verdict
        }
        Err(failure) => {
            let mut verdict = Verdict::of(Outcome::Error);
            verdict.error = Some(format!("{place}: {}", failure.message));
            verdict
        }
    }
}

#[cfg(test)]
mod tests;
