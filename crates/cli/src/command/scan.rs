//! `nephoscope scan`.

use std::io::IsTerminal;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use jiff::Timestamp;
use nephoscope_model::{Assessment, InputRecord, InputUse, Severity};
use nephoscope_policy::Bundle;
use nephoscope_read::{Input, Limits};
use nephoscope_report::Options;

use crate::args::{ColorWhen, Include, JunitFlavor, JunitPass, LimitArgs, SarifProfile, ScanArgs, UnknownIs};
use crate::assess::{Terms, assess, exit};
use crate::baseline::Baseline;
use crate::cache::Cache;
use crate::config::{self, Loaded};
use crate::frameworks::{self, Framework};
use crate::output::{keep_apart, outputs};
use crate::policies;
use crate::progress::Progress;
use crate::runs::Budget;
use crate::scan::Scan;
use crate::select::Selection;
use crate::settle::settle;
use crate::spool;
use crate::trust;
use crate::waivers::Waivers;

/// Words that stand for live scopes and not for folders.
const CLOUDS: [&str; 3] = ["aws", "azure", "gcp"];

/// Scans and writes the reports; returns the exit code.
///
/// # Errors
///
/// On usage, configuration and policy errors, and when a report cannot be written.
pub(super) fn run(args: &ScanArgs) -> Result<u8> {
    let loaded = config::load(args.policies.config.as_deref(), Path::new("."))?;
    loaded.config.check().with_context(|| shown(&loaded))?;
    if args.show_config {
        super::print(&show(args, &loaded)?)?;
        return Ok(exit::CLEAN);
    }
    if let Some(cloud) = args.paths.iter().find(|path| CLOUDS.contains(&path.as_str())) {
        bail!(
            "`{cloud}` means the live cloud, which cannot be scanned yet\nhelp: a folder of that name is `./{cloud}`"
        );
    }
    let outputs = outputs(&args.format)?;
    let mut ignore = loaded.config.ignore.clone();
    ignore.extend(args.ignore.iter().cloned());
    let discovery = nephoscope_read::discover(&args.paths, &ignore)?;
    let inputs = discovery.inputs.iter().filter_map(|input| input.path.as_deref());
    let settings = [
        args.baseline.as_deref(),
        args.waivers.as_deref(),
        loaded.file.as_deref(),
    ];
    keep_apart(&outputs, inputs.chain(settings.into_iter().flatten()))?;
    let assessment = {
        let spool = spool::standard_input(&discovery.inputs)?;
        let inputs = spool.inputs(discovery.inputs);
        assessment(args, &loaded, &inputs, discovery.gaps)?
    };
    // A report that cannot be written keeps no other from being written.
    let options = options(args, &loaded);
    let written: Vec<Result<()>> = outputs
        .iter()
        .map(|output| output.write(&assessment, &options))
        .collect();
    written.into_iter().collect::<Result<Vec<()>>>()?;
    Ok(assessment.exit_code)
}

/// Judges `inputs` as the command line and the configuration say.
///
/// # Errors
///
/// On configuration and policy errors.
pub(crate) fn assessment(
    args: &ScanArgs,
    loaded: &Loaded,
    inputs: &[Input],
    gaps: Vec<nephoscope_model::CoverageGap>,
) -> Result<Assessment> {
    let bundle = policies::bundle(
        &args.policies,
        loaded,
        Duration::from_millis(args.limits.max_evaluation_ms),
    )?;
    let framework = args.compliance.as_deref().map(frameworks::named).transpose()?;
    let bundle = match &framework {
        None => bundle,
        Some(framework) => mapped(&bundle, framework)?,
    };
    let mut selection = Selection::new(args)?;
    if let Some(framework) = &framework {
        selection.shown.push(format!("--compliance {}", framework.id));
    }
    let mut waivers = match (&args.waivers, &loaded.config.waivers) {
        (Some(file), _) => Waivers::read(file)?,
        (None, Some(file)) => Waivers::read(&loaded.folder.join(file))?,
        (None, None) => Waivers::default(),
    };
    let baseline = args.baseline.as_deref().map(Baseline::read).transpose()?;
    let as_of = args.as_of.unwrap_or_else(Timestamp::now);
    let limits = limits(&args.limits);
    let budget = Budget(args.limits.buffer_mib.saturating_mul(1 << 20));
    let progress = Progress::start(args.quiet);
    let include_pass = args.include.contains(&Include::Pass);
    let cache = cache(args, &bundle, &selection, &limits);
    let scan = Scan {
        bundle: &bundle,
        selection: &selection,
        as_of,
        include_pass,
        jobs: jobs(args.jobs),
        limits: &limits,
        budget,
        cache: cache.as_ref(),
    };
    let mut found = scan.run(inputs, &progress)?;
    if let Some((known, new)) = cache.map(Cache::close)
        && args.verbose > 0
    {
        super::tell(&format!("cache: {known} documents were judged before, {new} are new"));
    }
    refuse_mix(&found.inputs)?;
    found.gaps.extend(gaps);
    let terms = Terms {
        as_of,
        fail_on: args.fail_on.or(loaded.config.fail_on).unwrap_or(Severity::Low),
        unknown: unknown(args, loaded),
        min_coverage: args.min_coverage.or(loaded.config.min_coverage),
        exit_zero: args.exit_zero,
        new_only: args.new_only,
        accepted: &loaded.config.accepted_gaps,
        filters: selection.shown.clone(),
        framework: framework.as_ref(),
    };
    progress.stage("bringing versions together");
    let (faults, settled) = settle(
        &found.ledger,
        &bundle,
        &mut waivers,
        baseline,
        args.new_only,
        terms.today(),
        budget,
    )?;
    progress.stage("looking up lines");
    let findings = faults.with_lines(inputs, &limits)?;
    let assessment = assess(found, settled, findings, &bundle, &waivers, &terms)?;
    progress.end();
    Ok(assessment)
}

/// Opens the cache that the command line names. Constraints judge an asset by all its documents, and conftest packages
/// what no mapping reads: with them there is none.
fn cache(args: &ScanArgs, bundle: &Bundle, selection: &Selection, limits: &Limits) -> Option<Cache> {
    let folder = args.cache.as_deref()?;
    let what = match (bundle.constraints(), bundle.of_documents()) {
        ([], []) => None,
        ([_, ..], _) => Some("constraints of Config Validator are among the policies"),
        ([], _) => Some("documents are judged as they stand"),
    };
    if let Some(what) = what {
        super::tell(&format!("note: `--cache` is not used: {what}"));
        return None;
    }
    let settings = format!(
        "{limits:?} {} {}",
        args.limits.max_evaluation_ms,
        args.include.contains(&Include::Pass)
    );
    let selection = selection.shown.iter().map(String::as_str);
    Cache::open(
        folder,
        [bundle.digest().as_str(), settings.as_str()]
            .into_iter()
            .chain(selection),
    )
}

/// Returns the policies that speak of a framework's controls.
fn mapped(bundle: &Bundle, framework: &Framework) -> Result<Bundle> {
    let mapped = bundle.select(|info| info.controls.contains_key(&framework.id));
    if mapped.policies().is_empty() {
        bail!("no loaded policy speaks of a control of `{}`", framework.id);
    }
    Ok(mapped)
}

/// What is and what is about to be are two states of one resource, of which only one would be judged.
pub(super) fn refuse_mix(inputs: &[InputRecord]) -> Result<()> {
    let first = |used: InputUse| inputs.iter().find(|input| input.used == used && input.documents > 0);
    if let (Some(plan), Some(inventory)) = (first(InputUse::Plan), first(InputUse::Inventory)) {
        bail!(
            "`{}` is a plan and `{}` an inventory: one scan judges what is or what is planned\nhelp: scan them one after the other",
            plan.name,
            inventory.name
        );
    }
    Ok(())
}

fn unknown(args: &ScanArgs, loaded: &Loaded) -> UnknownIs {
    args.unknown.or(loaded.config.unknown).unwrap_or(UnknownIs::Warn)
}

/// Returns how many threads judge: all cores when nothing is said.
pub(super) fn jobs(asked: Option<u16>) -> usize {
    asked.map_or_else(
        || std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
        usize::from,
    )
}

pub(super) fn limits(args: &LimitArgs) -> Limits {
    const MIB: u64 = 1 << 20;
    Limits {
        max_decoded_bytes: args.max_decoded_mib.saturating_mul(MIB),
        max_ratio: args.max_ratio,
        max_document_bytes: args.max_document_mib.saturating_mul(MIB),
        ..Limits::default()
    }
}

fn options(args: &ScanArgs, loaded: &Loaded) -> Options {
    let color = match args.color {
        ColorWhen::Always => true,
        ColorWhen::Never => false,
        ColorWhen::Auto => {
            std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
        }
    };
    Options {
        color,
        width: terminal_width(),
        verbosity: if args.quiet {
            -1
        } else {
            i8::try_from(args.verbose).unwrap_or(i8::MAX)
        },
        unknown_fails: unknown(args, loaded) == UnknownIs::Fail,
        unknown_listed: unknown(args, loaded) != UnknownIs::Pass,
        junit_pass: match args.junit_pass {
            JunitPass::All => nephoscope_report::JunitPass::All,
            JunitPass::Summary => nephoscope_report::JunitPass::Summary,
            JunitPass::None => nephoscope_report::JunitPass::None,
        },
        junit_flavor: match args.junit_flavor {
            JunitFlavor::Strict => nephoscope_report::JunitFlavor::Strict,
            JunitFlavor::Rich => nephoscope_report::JunitFlavor::Rich,
        },
        sarif_profile: match args.sarif_profile {
            SarifProfile::Github => nephoscope_report::SarifProfile::Github,
            SarifProfile::Full => nephoscope_report::SarifProfile::Full,
        },
    }
}

/// The width of text on a terminal; a file or pipe gets a fixed one, so that equal scans give equal bytes.
fn terminal_width() -> usize {
    const FIXED: usize = 100;
    if !std::io::stdout().is_terminal() {
        return FIXED;
    }
    terminal_size::terminal_size().map_or(FIXED, |(width, _)| usize::from(width.0).clamp(40, 140))
}

fn shown(loaded: &Loaded) -> String {
    loaded.file.as_ref().map_or_else(
        || "the configuration".to_owned(),
        |file| format!("`{}`", file.display()),
    )
}

/// Returns the configuration in force, command line included, as YAML.
fn show(args: &ScanArgs, loaded: &Loaded) -> Result<String> {
    let mut config = loaded.config.clone();
    if !args.policies.policy.is_empty() {
        config.policy.clone_from(&args.policies.policy);
    }
    config.trust.extend(args.policies.in_process.iter().cloned());
    config.signatures = trust::settings(&args.policies.trust, loaded);
    config.fail_on = Some(args.fail_on.or(config.fail_on).unwrap_or(Severity::Low));
    config.unknown = Some(unknown(args, loaded));
    config.min_coverage = args.min_coverage.or(config.min_coverage);
    config.ignore.extend(args.ignore.iter().cloned());
    config.waivers = args.waivers.clone().or(config.waivers);
    let from = loaded
        .file
        .as_ref()
        .map_or_else(|| "no configuration file".to_owned(), |file| file.display().to_string());
    Ok(format!("# from: {from}\n{}", serde_saphyr::to_string(&config)?))
}
