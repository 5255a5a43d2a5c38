//! `nephoscope policy bench`.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use jiff::Timestamp;
use nephoscope_model::PolicyId;
use nephoscope_policy::{Bundle, Count, Root};
use nephoscope_read::Input;
use schemars::JsonSchema;
use serde::Serialize;

use super::test;
use crate::args::{BenchArgs, TableFormat};
use crate::assess::exit;
use crate::command::scan::limits;
use crate::command::{print, tell};
use crate::config::Loaded;
use crate::progress::Progress;
use crate::runs::Budget;
use crate::scan::{Found, Scan};
use crate::select::Selection;
use crate::{clock, policies, spool};

/// Name and version of the document's shape.
const SCHEMA: &str = "nephoscope/policy-bench/1";

/// What policies cost.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "nephoscope/policy-bench/1")]
pub(crate) struct Bench {
    /// Name and version of this shape.
    #[schemars(extend("const" = SCHEMA))]
    schema: &'static str,
    /// Threads; two that meet the same values at once both evaluate them.
    jobs: u16,
    /// Every policy, the dearest first.
    policies: Vec<Cost>,
    /// All of them.
    total: Figures,
}

/// What one policy costs.
#[derive(Serialize, JsonSchema)]
struct Cost {
    /// Identity.
    id: PolicyId,
    #[serde(flatten)]
    figures: Figures,
}

/// What was counted.
#[derive(Serialize, JsonSchema)]
struct Figures {
    /// How often it was run on a resource.
    evaluations: u64,
    /// How often a verdict was remembered, so that it did not have to run.
    remembered: u64,
    /// Processor time of the evaluations, in microseconds.
    total_micros: f64,
    /// Processor time of one evaluation, in microseconds; left out when there was none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    mean_micros: Option<f64>,
}

/// Runs the policies and tells what each of them costs.
///
/// # Errors
///
/// When policies or inputs cannot be read, or there is no input.
pub(super) fn run(args: &BenchArgs, loaded: &Loaded) -> Result<u8> {
    let roots = policies::roots(&args.policies, loaded)?;
    let limit = Duration::from_millis(args.limits.max_evaluation_ms);
    let bundle = policies::chosen(&roots, &args.policies, loaded, limit)?.configured();
    if args.on.is_empty() {
        let folder = tempfile::tempdir().context("cannot make a temporary folder for the examples")?;
        show(args, &bundle, &of_examples(args, &bundle, &roots, folder.path())?)?;
        return Ok(exit::CLEAN);
    }
    let discovery = nephoscope_read::discover(&args.on, &loaded.config.ignore)?;
    let spool = spool::standard_input(&discovery.inputs)?;
    let inputs = spool.inputs(discovery.inputs);
    let as_of = args.as_of.unwrap_or_else(Timestamp::now);
    let mut found = measure(args, &bundle, &inputs, as_of)?;
    show(args, &bundle, &found.counts)?;
    found.gaps.extend(discovery.gaps);
    let mut complete = true;
    for gap in found.gaps.iter().filter(|gap| gap.incomplete) {
        let input = gap.scope.input.as_deref().unwrap_or("an input");
        tell(&format!("incomplete: `{input}`: {}", gap.message));
        complete = false;
    }
    Ok(if complete { exit::CLEAN } else { exit::INCOMPLETE })
}

/// Returns what each policy does on the examples beside it, each on its own as `policy test` runs them.
fn of_examples(args: &BenchArgs, bundle: &Bundle, roots: &[Root], folder: &Path) -> Result<Vec<Count>> {
    let examples = test::examples(bundle, roots, folder)?;
    if examples.is_empty() {
        bail!("there is no example beside the policies\nhelp: `--on PATH` names inventories");
    }
    let mut sums = vec![Count::default(); bundle.policies().len()];
    for (sum, policy) in sums.iter_mut().zip(bundle.policies()) {
        let only = bundle.select(|info| info.id == policy.info.id);
        for example in examples.iter().filter(|example| example.policy == policy.info.id) {
            // Examples do not age, and what some of them lack is what they show.
            let found = measure(args, &only, &example.inputs(), args.as_of.unwrap_or(Timestamp::MAX))?;
            found.counts.iter().for_each(|count| *sum += *count);
        }
    }
    Ok(sums)
}

fn measure(args: &BenchArgs, bundle: &Bundle, inputs: &[Input], as_of: Timestamp) -> Result<Found> {
    let (selection, limits) = (Selection::default(), limits(&args.limits));
    let scan = Scan {
        bundle,
        selection: &selection,
        as_of,
        include_pass: false,
        jobs: usize::from(args.jobs),
        limits: &limits,
        budget: Budget(args.limits.buffer_mib.saturating_mul(1 << 20)),
        cache: None,
    };
    let progress = Progress::start(false);
    let found = scan.measure(inputs, &progress, clock::thread)?;
    progress.end();
    Ok(found)
}

fn show(args: &BenchArgs, bundle: &Bundle, counts: &[Count]) -> Result<()> {
    let bench = Bench::of(bundle, counts, args.jobs);
    match args.format {
        TableFormat::Json => print(&format!("{}\n", serde_json::to_string_pretty(&bench)?)),
        TableFormat::Human => print(&bench.table()),
    }
}

impl Bench {
    fn of(bundle: &Bundle, counts: &[Count], jobs: u16) -> Bench {
        let mut total = Count::default();
        let mut counted: Vec<(&PolicyId, Count)> = Vec::new();
        for (policy, count) in bundle.policies().iter().zip(counts) {
            total += *count;
            counted.push((&policy.info.id, *count));
        }
        counted.sort_by(|(id, count), (other_id, other)| other.took.cmp(&count.took).then_with(|| id.cmp(other_id)));
        let policies = counted.into_iter().map(|(id, count)| Cost {
            id: id.clone(),
            figures: Figures::of(count),
        });
        Bench {
            schema: SCHEMA,
            jobs,
            policies: policies.collect(),
            total: Figures::of(total),
        }
    }

    fn table(&self) -> String {
        let widest = self.policies.iter().map(|cost| cost.id.0.len()).max();
        let width = widest.unwrap_or_default().max("policy".len());
        let mut text = format!(
            "{:width$}  {:>11}  {:>10}  {:>11}  {:>9}\n",
            "policy", "evaluations", "remembered", "total CPU µs", "mean µs"
        );
        let rows = self.policies.iter().map(|cost| (cost.id.0.as_str(), &cost.figures));
        for (name, figures) in rows.chain([("all", &self.total)]) {
            let mean = figures
                .mean_micros
                .map_or_else(|| "-".to_owned(), |mean| format!("{mean:.1}"));
            text.push_str(&format!(
                "{name:width$}  {:>11}  {:>10}  {:>12.0}  {mean:>9}\n",
                figures.evaluations, figures.remembered, figures.total_micros
            ));
        }
        text
    }
}

impl Figures {
    fn of(count: Count) -> Figures {
        let total_micros = count.took.as_secs_f64() * 1e6;
        #[expect(clippy::cast_precision_loss, reason = "counts of evaluations are far below 2^52")]
        let evaluations = count.evaluations as f64;
        Figures {
            evaluations: count.evaluations,
            remembered: count.remembered,
            total_micros,
            mean_micros: (count.evaluations > 0).then(|| total_micros / evaluations),
        }
    }
}
