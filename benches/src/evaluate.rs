//! What evaluation alone costs, and what it says: for comparison with OPA's own engine on the same inputs.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use anyhow::{Context, Result, anyhow};
use jiff::Timestamp;
use nephoscope::builtin;
use nephoscope_model::{Outcome, Resource};
use nephoscope_policy::{Bundle, Evaluator, Options, Subject, Verdict};
use serde_json::{Map, Value, json};

use crate::items;
use crate::measure::own_cpu_secs;

/// The instant judged.
const AS_OF: &str = "2026-11-25T00:00:00Z";

/// What one evaluation of all resources cost.
pub(crate) struct Evaluated {
    /// (policy, resource) pairs to which the policy applies.
    pub(crate) evaluations: usize,
    pub(crate) cpu_secs: f64,
}

/// Evaluates the shipped policies over the resources in a file of items, on one thread. With `dump` the policies, every
/// input and every certain verdict are written to that folder.
///
/// # Errors
///
/// When the file cannot be read, the shipped policies cannot be loaded, or the folder not be written.
pub(crate) fn evaluate(file: &Path, remembers: bool, dump: Option<&Path>) -> Result<Evaluated> {
    let bundle = Bundle::load(&[builtin::root()], &Options::default())
        .map_err(|error| anyhow!("{error}"))?
        .configured();
    let resources = items::resources(file, usize::MAX)?;
    let mut evaluator = match remembers {
        true => bundle.evaluator(),
        false => bundle.evaluator_without_memo(),
    };
    // Policies are compiled when they are first run, which is no evaluation.
    for resource in resources.iter().take(2_000) {
        verdicts(&mut evaluator, resource)?;
    }
    if remembers {
        evaluator = bundle.evaluator();
    }
    let before = own_cpu_secs()?;
    let mut all = Vec::with_capacity(resources.len());
    for resource in &resources {
        all.push(verdicts(&mut evaluator, resource)?);
    }
    let cpu_secs = own_cpu_secs()? - before;
    let applied = |verdict: &&(usize, Verdict)| verdict.1.outcome != Outcome::NotApplicable;
    let evaluations = all.iter().flatten().filter(applied).count();
    if let Some(folder) = dump {
        write(&bundle, &resources, &all, folder)?;
    }
    Ok(Evaluated { evaluations, cpu_secs })
}

/// Evaluates every policy over one resource.
///
/// # Errors
///
/// Never; the instant is one.
pub(crate) fn verdicts(evaluator: &mut Evaluator<'_>, resource: &Resource) -> Result<Vec<(usize, Verdict)>> {
    let as_of: Timestamp = AS_OF.parse()?;
    let subject = Subject {
        resource,
        related: std::collections::BTreeMap::new(),
        as_of,
    };
    Ok(evaluator.evaluate_all(&subject))
}

fn write(bundle: &Bundle, resources: &[Resource], verdicts: &[Vec<(usize, Verdict)>], folder: &Path) -> Result<()> {
    let policies: Vec<Value> = (bundle.policies().iter())
        .map(|policy| {
            let params: Map<String, Value> = (policy.params.iter())
                .map(|param| (param.name.clone(), param.value.clone()))
                .collect();
            json!({"id": policy.info.id, "package": policy.info.package, "kinds": policy.info.kinds, "params": params})
        })
        .collect();
    std::fs::write(folder.join("policies.json"), Value::from(policies).to_string())?;
    let modules = folder.join("policies");
    std::fs::create_dir_all(&modules)?;
    for source in builtin::root().files {
        if !source.path.ends_with("_test.rego") {
            std::fs::write(modules.join(source.path.replace('/', "_")), source.text)?;
        }
    }
    let create = |name: &str| -> Result<BufWriter<File>> {
        let path = folder.join(name);
        Ok(BufWriter::new(
            File::create(&path).with_context(|| format!("`{}`", path.display()))?,
        ))
    };
    let (mut inputs, mut expected) = (create("inputs.ndjson")?, create("expected.ndjson")?);
    for (resource, verdicts) in resources.iter().zip(verdicts) {
        let mut plain = serde_json::to_value(resource)?;
        if let Some(members) = plain.as_object_mut() {
            // Not given to policies either.
            members.remove("unknown");
            members.remove("origins");
        }
        let input = json!({"resource": plain, "related": {}, "as_of": AS_OF});
        writeln!(
            inputs,
            "{}",
            json!({"kind": resource.kind.as_str(), "key": resource.key.0, "input": input})
        )?;
        for (index, verdict) in verdicts {
            let certain = matches!(verdict.outcome, Outcome::Fail | Outcome::Pass) && verdict.unknown.is_empty();
            let Some(policy) = bundle.policies().get(*index).filter(|_| certain) else {
                continue;
            };
            let denies: Vec<Value> = (verdict.denies.iter())
                .map(|deny| json!([deny.path, deny.key, deny.message, deny.evidence]))
                .collect();
            let line = json!({"policy": policy.info.id, "key": resource.key.0, "denies": denies});
            writeln!(expected, "{line}")?;
        }
    }
    inputs.flush()?;
    Ok(expected.flush()?)
}
