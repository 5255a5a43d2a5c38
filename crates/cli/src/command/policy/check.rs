//! `nephoscope policy check`.

use std::collections::BTreeSet;
use std::time::Duration;

use anyhow::Result;
use nephoscope_model::Outcome;

use crate::args::PolicyArgs;
use crate::assess::exit;
use crate::command::{print, tell};
use crate::config::Loaded;
use crate::{builtin, policies, workers};

/// Checks policies; any problem gives exit code 2, advice does not.
///
/// # Errors
///
/// When a folder or bundle cannot be read.
pub(super) fn run(args: &PolicyArgs, loaded: &Loaded, strict: bool) -> Result<u8> {
    let roots = policies::roots(args, loaded)?;
    let pack = args.policy.is_empty() && loaded.config.policy.is_empty();
    let problems = nephoscope_policy::check(&roots, strict || pack, Some(&workers::host()));
    for problem in &problems {
        tell(&problem.to_string());
    }
    let mut count = problems.len();
    // What `check` finds makes loading fail too; loading also checks METADATA and parameters.
    if count == 0 {
        let bundle = policies::chosen(&roots, args, loaded, Duration::from_secs(2))?;
        if strict || pack {
            for missing in missing_companions(&roots, &bundle, pack) {
                tell(&format!("error: {missing}"));
                count += 1;
            }
        }
        if count == 0 {
            for advice in nephoscope_policy::advice(&roots) {
                tell(&format!("note: {advice}"));
            }
            print(&format!(
                "{}, no problem\n",
                super::policies_counted(bundle.policies().len())
            ))?;
            return Ok(exit::CLEAN);
        }
    }
    tell(&format!("{count} {}", if count == 1 { "problem" } else { "problems" }));
    Ok(exit::USAGE)
}

/// Names the policies without a Rego test or, in the built-in pack, without failing, passing and unknown examples.
fn missing_companions(
    roots: &[nephoscope_policy::Root],
    bundle: &nephoscope_policy::Bundle,
    pack: bool,
) -> Vec<String> {
    let files: BTreeSet<&str> = roots
        .iter()
        .flat_map(|root| root.files.iter().map(|file| file.path.as_str()))
        .collect();
    let examples: Vec<String> = if pack {
        builtin::examples().into_iter().map(|(path, _)| path).collect()
    } else {
        Vec::new()
    };
    let mut missing = Vec::new();
    for policy in bundle.policies() {
        let file = &policy.info.file;
        let stem = file.strip_suffix(".rego").unwrap_or(file);
        if !files.contains(format!("{stem}_test.rego").as_str()) {
            missing.push(format!("{file}: there is no `{stem}_test.rego`"));
        }
        if pack {
            let folder = stem.rsplit_once('/').map_or("", |(folder, _)| folder);
            for outcome in [Outcome::Fail, Outcome::Pass, Outcome::Unknown] {
                let own = format!("{folder}/examples/");
                let mut own = examples.iter().filter(|path| path.starts_with(&own));
                if !own.any(|path| builtin::expected(builtin::example_of(path)) == Some(outcome)) {
                    missing.push(format!(
                        "{file}: there is no example `{folder}/examples/*.{outcome}.json`"
                    ));
                }
            }
        }
    }
    missing
}
