//! `nephoscope policy diff`.

use std::fmt::Write;
use std::time::Duration;

use anyhow::{Result, bail};
use jiff::Timestamp;
use nephoscope_model::Severity;
use nephoscope_policy::Bundle;
use nephoscope_read::Input;

use crate::args::{DiffArgs, PolicyArgs, TableFormat, UnknownIs};
use crate::assess::{Terms, exit};
use crate::command::print;
use crate::command::scan::{jobs, limits, refuse_mix};
use crate::config::Loaded;
use crate::difference::{Change, Difference, Side, compare};
use crate::policies;
use crate::progress::Progress;
use crate::runs::{Budget, Sorter};
use crate::scan::Scan;
use crate::select::Selection;
use crate::spool;

/// Compares what two sets of policies say of the same input; returns the exit code.
///
/// # Errors
///
/// When a set or an input cannot be read.
pub(super) fn run(args: &DiffArgs, loaded: &Loaded) -> Result<u8> {
    let (a, b) = (bundle(args, loaded, &args.a)?, bundle(args, loaded, &args.b)?);
    if a.policies().is_empty() && b.policies().is_empty() {
        bail!("no policy is left to judge by\nhelp: `nephoscope policy list` names them");
    }
    let discovery = nephoscope_read::discover(&args.input.on, &loaded.config.ignore)?;
    let spool = spool::standard_input(&discovery.inputs)?;
    let inputs = spool.inputs(discovery.inputs);
    let as_of = args.input.as_of.unwrap_or_else(Timestamp::now);
    let side = |source: &str, bundle: &Bundle| -> Result<Side> {
        let mut found = judged(args, bundle, &inputs, as_of)?;
        refuse_mix(&found.inputs)?;
        found.gaps.extend(discovery.gaps.iter().cloned());
        let terms = Terms {
            as_of,
            fail_on: Severity::Low,
            unknown: UnknownIs::Warn,
            min_coverage: None,
            exit_zero: false,
            new_only: false,
            accepted: &loaded.config.accepted_gaps,
            filters: Vec::new(),
            framework: None,
        };
        Side::of(source, bundle, found, &terms, Sorter::new(budget(args).part(4)))
    };
    let mut difference = compare(side(&args.a, &a)?, side(&args.b, &b)?, as_of)?;
    difference.exit_code = match (difference.is_any(), difference.incomplete_because.is_empty()) {
        (true, _) => exit::FINDINGS,
        (false, false) => exit::INCOMPLETE,
        (false, true) => exit::CLEAN,
    };
    match args.format {
        TableFormat::Json => print(&format!("{}\n", serde_json::to_string_pretty(&difference)?))?,
        TableFormat::Human => print(&human(&difference))?,
    }
    Ok(difference.exit_code)
}

fn budget(args: &DiffArgs) -> Budget {
    Budget(args.input.limits.buffer_mib.saturating_mul(1 << 20))
}

/// Returns the policies of one side that judge: those that the configuration leaves on and that wait for no parameter.
fn bundle(args: &DiffArgs, loaded: &Loaded, source: &str) -> Result<Bundle> {
    let policies = PolicyArgs {
        policy: vec![source.to_owned()],
        input_shape: args.input_shape,
        policy_id: args.policy_id.clone(),
        exclude_policy: args.exclude_policy.clone(),
        config: None,
        locked: None,
        in_process: args.in_process.clone(),
        trust: args.trust.clone(),
    };
    let roots = policies::roots(&policies, loaded)?;
    let limit = Duration::from_millis(args.input.limits.max_evaluation_ms);
    Ok(policies::chosen_of_one(&roots, &policies, loaded, limit)?.configured())
}

fn judged(args: &DiffArgs, bundle: &Bundle, inputs: &[Input], as_of: Timestamp) -> Result<crate::scan::Found> {
    let (selection, limits) = (Selection::default(), limits(&args.input.limits));
    let scan = Scan {
        bundle,
        selection: &selection,
        as_of,
        include_pass: false,
        jobs: jobs(args.input.jobs),
        limits: &limits,
        budget: budget(args),
        cache: None,
    };
    let progress = Progress::start(false);
    let found = scan.run(inputs, &progress)?;
    progress.end();
    Ok(found)
}

fn human(difference: &Difference) -> String {
    let mut text = String::new();
    let policies = &difference.policies;
    if !policies.added.is_empty() || !policies.removed.is_empty() || !policies.severity.is_empty() {
        text.push_str("policies\n");
        let lines = (policies.removed.iter().map(|policy| ('-', policy)))
            .chain(policies.added.iter().map(|policy| ('+', policy)));
        for (sign, policy) in lines {
            line(
                &mut text,
                format_args!("  {sign} {} {}: {}", policy.id, policy.severity, policy.title),
            );
        }
        for change in &policies.severity {
            line(
                &mut text,
                format_args!("  ~ {} {}, was {}", change.id, change.now, change.was),
            );
        }
        text.push('\n');
    }
    changes(&mut text, "findings gained", '+', &difference.gained, |change| {
        format!("was {}", change.was.as_str())
    });
    changes(&mut text, "findings lost", '-', &difference.lost, |change| {
        format!("now {}", change.now.as_str())
    });
    changes(
        &mut text,
        "outcomes that became unknown",
        '?',
        &difference.became_unknown,
        |change| format!("was {}", change.was.as_str()),
    );
    changes(
        &mut text,
        "outcomes unknown no more",
        '!',
        &difference.became_known,
        |change| format!("now {}", change.now.as_str()),
    );
    line(
        &mut text,
        format_args!(
            "{} gained, {} lost, {} became unknown, {} unknown no more; policies: {} added, {} removed, {} of another severity",
            difference.gained.len(),
            difference.lost.len(),
            difference.became_unknown.len(),
            difference.became_known.len(),
            policies.added.len(),
            policies.removed.len(),
            policies.severity.len(),
        ),
    );
    for (name, side) in [("A", &difference.a), ("B", &difference.b)] {
        let counted = super::policies_counted(side.policies);
        line(&mut text, format_args!("{name} is `{}`, {counted}", side.source));
    }
    for reason in &difference.incomplete_because {
        line(&mut text, format_args!("incomplete: {reason}"));
    }
    text
}

fn changes(text: &mut String, title: &str, sign: char, changes: &[Change], other: impl Fn(&Change) -> String) {
    if changes.is_empty() {
        return;
    }
    line(text, format_args!("{title}"));
    for change in changes {
        let (policy, severity, resource) = (&change.policy, change.severity, &change.resource.id);
        line(text, format_args!("  {sign} {policy} {severity} {resource}"));
        line(text, format_args!("      {} ({})", change.message, other(change)));
    }
    text.push('\n');
}

fn line(text: &mut String, arguments: std::fmt::Arguments<'_>) {
    // INVARIANT: writing to a string does not fail. A line break in a name would look like a line of ours.
    let mut one = String::new();
    let _written = one.write_fmt(arguments);
    text.push_str(&one.replace('\n', "\\n"));
    text.push('\n');
}
