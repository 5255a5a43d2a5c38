//! `nephoscope policy …`.

mod bench;
mod check;
mod diff;
mod lock;
mod test;

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use nephoscope_model::{Kind, PolicyInfo, kinds};
use nephoscope_policy::{Bundle, ReadPath};

use crate::args::{LimitArgs, PolicyArgs, PolicyCommand};
use crate::assess::exit;
use crate::config::{self, Loaded};
use crate::policies;

pub(crate) use bench::Bench;

/// Runs one of the policy commands.
///
/// # Errors
///
/// When policies cannot be loaded or a file cannot be written.
pub(super) fn run(command: PolicyCommand) -> Result<u8> {
    match command {
        PolicyCommand::List { policies, json } => list(&policies, json),
        PolicyCommand::Check { policies, strict } => check::run(&policies, &configuration(&policies)?, strict),
        PolicyCommand::Test { policies, verbose } => test::run(&policies, &configuration(&policies)?, verbose),
        PolicyCommand::Bench(args) => bench::run(&args, &configuration(&args.policies)?),
        PolicyCommand::Diff(args) => diff::run(&args, &configuration_of(args.config.as_deref())?),
        PolicyCommand::Lock(args) => lock::run(&args, &configuration_of(args.config.as_deref())?),
        PolicyCommand::New {
            id,
            package,
            kind,
            output,
        } => create(&id, &package, &kind, &output),
        PolicyCommand::Explain { policies, id } => explain(&policies, &id),
    }
}

fn configuration(args: &PolicyArgs) -> Result<Loaded> {
    configuration_of(args.config.as_deref())
}

fn configuration_of(file: Option<&Path>) -> Result<Loaded> {
    let loaded = config::load(file, Path::new("."))?;
    loaded.config.check()?;
    Ok(loaded)
}

fn load(args: &PolicyArgs) -> Result<Bundle> {
    let limits = LimitArgs::default();
    policies::listed(
        args,
        &configuration(args)?,
        Duration::from_millis(limits.max_evaluation_ms),
    )
}

fn list(args: &PolicyArgs, json: bool) -> Result<u8> {
    let bundle = load(args)?;
    let infos: Vec<&PolicyInfo> = bundle.policies().iter().map(|policy| &policy.info).collect();
    let waiting = |index: usize| {
        bundle
            .policies()
            .get(index)
            .map(|policy| policy.missing.join(", "))
            .unwrap_or_default()
    };
    if json {
        super::print(&format!("{}\n", serde_json::to_string_pretty(&infos)?))?;
        return Ok(exit::CLEAN);
    }
    let widest = infos.iter().map(|info| info.id.0.len()).max().unwrap_or_default();
    for (index, info) in infos.iter().enumerate() {
        let kinds = if info.kinds.is_empty() {
            "assets".to_owned()
        } else if info.kinds.len() > 3 {
            format!("{} kinds", info.kinds.len())
        } else {
            info.kinds.join(", ")
        };
        let off = match waiting(index) {
            missing if missing.is_empty() => String::new(),
            missing => format!(" (off until configured: {missing})"),
        };
        super::print(&format!(
            "{:widest$}  {:8}  {:16}  {}{off}\n",
            info.id.0,
            info.severity.as_str(),
            kinds,
            info.title
        ))?;
    }
    super::print(&format!("{}\n", policies_counted(infos.len())))?;
    Ok(exit::CLEAN)
}

/// Returns `1 policy`, `8 policies`.
fn policies_counted(count: usize) -> String {
    format!("{count} {}", if count == 1 { "policy" } else { "policies" })
}

fn explain(args: &PolicyArgs, id: &str) -> Result<u8> {
    let bundle = load(args)?;
    let found = bundle
        .policies()
        .iter()
        .enumerate()
        .find(|(_, policy)| policy.info.id.0 == id || policy.info.aliases.iter().any(|alias| alias == id));
    let Some((index, policy)) = found else {
        bail!("there is no policy `{id}`\nhelp: `nephoscope policy list` names them");
    };
    let info = &policy.info;
    let mut text = format!(
        "{} {} ({})\n\n{}\n",
        info.id,
        info.title,
        info.severity,
        info.description.trim()
    );
    text.push_str(&format!(
        "\njudges: {}\npackage: {}\nfile: {}\n",
        match info.kinds.as_slice() {
            [] => "assets of Cloud Asset Inventory as they are written".to_owned(),
            kinds => kinds.join(", "),
        },
        info.package,
        info.file
    ));
    text.push_str(
        "\nreads, of `input`; where something appears there or grows, it can (+) add a finding, (-) take one back:\n",
    );
    for read in bundle.reads(index) {
        text.push_str(&format!("  {} {}{}\n", mark(read), read.path, note(read)));
    }
    text.push_str("\nclauses:\n");
    for (place, on_vm) in bundle.clauses(index) {
        text.push_str(&format!("  {place}{}\n", if on_vm { "  (bytecode)" } else { "" }));
    }
    text.push_str(&format!(
        "\nremediation:\n  {}\n",
        info.remediation.trim().replace('\n', "\n  ")
    ));
    for (framework, controls) in &info.controls {
        text.push_str(&format!("{framework}: {}\n", controls.join(", ")));
    }
    super::print(&text)?;
    Ok(exit::CLEAN)
}

fn mark(read: &ReadPath) -> &'static str {
    match (read.adds, read.removes) {
        (true, true) => "+-",
        (true, false) => "+ ",
        (false, true) => " -",
        (false, false) => "  ",
    }
}

fn note(read: &ReadPath) -> &'static str {
    match (read.off, read.condition) {
        (true, _) => "  (not read with these parameters)",
        (false, false) => "  (only told)",
        (false, true) => "",
    }
}

fn create(id: &str, package: &str, kind: &str, output: &Path) -> Result<u8> {
    let Some(kind) = Kind::named(kind) else {
        let known: Vec<&str> = kinds().iter().map(|info| info.name).collect();
        bail!("there is no kind `{kind}`\nhelp: there are {}", known.join(", "));
    };
    let word = |part: &str| {
        part.starts_with(|first: char| first.is_ascii_lowercase() || first == '_')
            && part
                .chars()
                .all(|other| other.is_ascii_lowercase() || other.is_ascii_digit() || other == '_')
    };
    if !package.split('.').all(word) || !package.contains('.') {
        bail!(
            "`{package}` is no package name\nhelp: words of a-z, 0-9 and _ with dots between, for example `acme.storage.bucket_without_owner`"
        );
    }
    for file in nephoscope_policy::template(id, package, kind) {
        let path = output.join(&file.path);
        let shown = path.display();
        if path.exists() {
            bail!("`{shown}` exists");
        }
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).with_context(|| format!("cannot create `{}`", folder.display()))?;
        }
        std::fs::write(&path, file.text).with_context(|| format!("cannot write `{shown}`"))?;
        super::print(&format!("wrote {shown}\n"))?;
    }
    super::print(&format!(
        "next: write the rule and its test, then `nephoscope policy test -p {}`\n",
        output.display()
    ))?;
    Ok(exit::CLEAN)
}
