//! What `policy check` says.

use std::sync::Arc;

use nephoscope_model::input_schema;

use crate::bundle::Options;
use crate::compile::{Ahead, compile};
use crate::conftest;
use crate::constraint;
use crate::contract::contract_problems;
use crate::load::{Set, parse, rehearsed, shown};
use crate::patience::Common;
use crate::problem::{LoadErrors, sort};
use crate::remote::Host;
use crate::source::Root;
use crate::{Problem, analysis};

/// Returns everything that is wrong with the files, sorted by place: what stops them from loading, and where
/// regorus and OPA would disagree; with `strict` also what the shipped pack must not contain. With a host, what the engine
/// says of roots that do not run in this process is asked there.
pub fn check(roots: &[Root], strict: bool, host: Option<&Arc<dyn Host>>) -> Vec<Problem> {
    let options = Options {
        host: host.cloned(),
        ..Options::default()
    };
    if let Err(LoadErrors(problems)) = rehearsed(roots, &options, host) {
        return problems;
    }
    let common = Common::new(options.limits.per_evaluation);
    let mut set = parse(roots);
    let mut problems = std::mem::take(&mut set.problems);
    let options = Options {
        host: host.cloned(),
        ..Options::default()
    };
    let packages = conftest::policies(roots, &options, Ahead::All, &mut |_| {});
    problems.extend(packages.err().into_iter().flat_map(|errors| errors.0));
    problems.extend(
        constraint::policies(roots, &options, Ahead::All, &common)
            .err()
            .into_iter()
            .flat_map(|errors| errors.0),
    );
    for root in roots.iter().filter(|root| root.constraints.is_empty() && !root.raw) {
        for source in root.files.iter().filter(|source| source.is_test()) {
            problems.extend(
                analysis::parse(&shown(root, source), &source.text)
                    .err()
                    .into_iter()
                    .flatten(),
            );
        }
    }
    problems.extend(contract_problems(&set));
    if set.safe {
        problems.extend(engine_problems(&set, strict));
    }
    // Only what is safe is given to the engine.
    if problems.is_empty() {
        problems.extend(
            compile(&set, &options, Ahead::All, &common, &mut |_| {})
                .err()
                .into_iter()
                .flatten(),
        );
    }
    sort(&mut problems);
    problems
}

/// Returns what makes policies slow and is no fault, sorted by place: of policies that can be loaded.
pub fn advice(roots: &[Root]) -> Vec<Problem> {
    let set = parse(roots);
    let policies = set.files.iter().filter(|loaded| loaded.metadata.is_some());
    let mut advice: Vec<Problem> = policies
        .flat_map(|loaded| set.modules.unlike(&loaded.package))
        .collect();
    sort(&mut advice);
    advice.dedup();
    advice
}

fn engine_problems(set: &Set<'_>, strict: bool) -> Vec<Problem> {
    let mut problems = Vec::new();
    for loaded in &set.files {
        let Some(metadata) = &loaded.metadata else {
            continue;
        };
        problems.extend(set.modules.divergences(&loaded.package));
        if strict || loaded.root.trusted {
            for kind in &metadata.kinds {
                problems.extend(set.modules.strict_problems(&loaded.package, &input_schema(*kind)));
            }
            problems.extend(set.modules.unlike(&loaded.package));
        }
    }
    problems
}
