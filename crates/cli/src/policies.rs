//! Which policies are loaded: the built-in pack, folders, bundles, and what the configuration says of them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use globset::GlobMatcher;
use nephoscope_model::PolicyInfo;
use nephoscope_policy::{Bundle, EvaluationLimits, Options, Root, Verification, read_bundle, read_folder};

use crate::args::PolicyArgs;
use crate::config::{Loaded, PolicySettings, compile};
use crate::{builtin, lock, trust, workers};

/// The word that stands for the built-in pack.
pub const BUILTIN: &str = "builtin";

/// Returns the roots named on the command line, else in the configuration, else the built-in pack. Says of those that are
/// signed when nobody checked that.
///
/// # Errors
///
/// As [`sources`]; when they are not those of the lock file that `--locked` asks for.
pub fn roots(args: &PolicyArgs, loaded: &Loaded) -> Result<Vec<Root>> {
    as_locked(args, loaded, lock::asked(args, loaded))
}

fn as_locked(args: &PolicyArgs, loaded: &Loaded, lock: Option<PathBuf>) -> Result<Vec<Root>> {
    let sources = sources(args, loaded)?;
    if let Some(lock) = lock {
        lock::check(&lock, &sources)?;
    }
    Ok(sources.into_iter().map(|(_, root)| root).collect())
}

/// Returns the sources of policies, each with its name as given.
///
/// # Errors
///
/// When a folder or bundle cannot be read, or its signature does not hold.
pub fn sources(args: &PolicyArgs, loaded: &Loaded) -> Result<Vec<(String, Root)>> {
    let verification = trust::verification(&args.trust, loaded)?;
    let trust = trust::InProcess::of(args, loaded)?;
    let sources: Vec<(String, Root)> = named(args, loaded)
        .into_iter()
        .map(|(name, path)| {
            let mut root = root(&name, &path, verification.as_ref())?;
            root.in_process |= trust.takes(&path);
            args.input_shape.give(&mut root)?;
            Ok((name, root))
        })
        .collect::<Result<_>>()?;
    trust::note_unchecked(sources.iter().map(|(_, root)| root));
    Ok(sources)
}

/// Returns the name as given and the place of each source.
fn named(args: &PolicyArgs, loaded: &Loaded) -> Vec<(String, PathBuf)> {
    let named: Vec<(String, PathBuf)> = if args.policy.is_empty() {
        loaded
            .config
            .policy
            .iter()
            .map(|name| (name.clone(), loaded.folder.join(name)))
            .collect()
    } else {
        args.policy
            .iter()
            .map(|name| (name.clone(), PathBuf::from(name)))
            .collect()
    };
    if named.is_empty() {
        return vec![(BUILTIN.to_owned(), PathBuf::new())];
    }
    named
}

fn root(name: &str, path: &Path, verification: Option<&Verification>) -> Result<Root> {
    if name == BUILTIN {
        return Ok(builtin::root());
    }
    if path.is_dir() {
        let verification = verification.map(|verification| Verification {
            folder: PathBuf::from(name),
            ..verification.clone()
        });
        return Ok(read_folder(path, verification.as_ref())?);
    }
    if path.is_file() {
        return Ok(read_bundle(path, verification)?);
    }
    bail!("there is no policy folder or bundle `{}`", path.display())
}

/// Returns the policies in force: loaded, chosen, and with a value for every parameter.
///
/// # Errors
///
/// As [`listed`]; when they are not those of the lock file beside the configuration; when every chosen policy waits
/// for a parameter.
pub fn bundle(args: &PolicyArgs, loaded: &Loaded, per_evaluation: Duration) -> Result<Bundle> {
    let lock = lock::asked(args, loaded).or_else(|| lock::beside(args, loaded));
    let roots = as_locked(args, loaded, lock)?;
    let listed = chosen(&roots, args, loaded, per_evaluation)?;
    let bundle = listed.configured();
    if let (true, Some(policy)) = (bundle.policies().is_empty(), listed.policies().first()) {
        let id = &policy.info.id;
        bail!(
            "the policy `{id}` is off until its parameters are set\nhelp: set `policies.{id}.params.{}` in `nephoscope.yaml`",
            policy.missing.join("`, `")
        );
    }
    Ok(bundle)
}

/// Returns the policies that are loaded and chosen, also those that wait for a parameter.
///
/// # Errors
///
/// As [`roots`] and [`chosen`].
pub fn listed(args: &PolicyArgs, loaded: &Loaded, per_evaluation: Duration) -> Result<Bundle> {
    chosen(&roots(args, loaded)?, args, loaded, per_evaluation)
}

/// Returns the policies of `roots` that are chosen, also those that wait for a parameter.
///
/// # Errors
///
/// With every problem of every policy; when the configuration names a policy that does not exist; when
/// nothing is left.
pub fn chosen(roots: &[Root], args: &PolicyArgs, loaded: &Loaded, per_evaluation: Duration) -> Result<Bundle> {
    let settings = &loaded.config.policies;
    let bundle = load(roots, settings.iter(), per_evaluation)?;
    for id in settings.keys() {
        if !bundle
            .policies()
            .iter()
            .any(|policy| policy.info.id.0 == *id || policy.info.aliases.contains(id))
        {
            bail!("the configuration names policy `{id}`, which is not loaded");
        }
    }
    for text in args.policy_id.iter().chain(&args.exclude_policy) {
        let glob = compile(text)?;
        let named =
            |info: &PolicyInfo| glob.is_match(&info.id.0) || info.aliases.iter().any(|alias| glob.is_match(alias));
        if !bundle.policies().iter().any(|policy| named(&policy.info)) {
            bail!("no policy has an id like `{text}`\nhelp: `nephoscope policy list` names them");
        }
    }
    let chosen = select(&bundle, args, loaded)?;
    if chosen.policies().is_empty() {
        bail!("no policy is left to judge by\nhelp: `nephoscope policy list` names them");
    }
    Ok(chosen)
}

/// Returns the policies of `roots`, one of two sets that are compared, that are chosen; maybe none. The configuration and the
/// flags may name policies that only the other set has.
///
/// # Errors
///
/// With every problem of every policy.
pub fn chosen_of_one(roots: &[Root], args: &PolicyArgs, loaded: &Loaded, per_evaluation: Duration) -> Result<Bundle> {
    // Nothing of theirs is read in this process before another one has read it.
    nephoscope_policy::rehearsed(roots, &Options::default(), Some(&workers::host()))
        .context("cannot load the policies")?;
    let declared = nephoscope_policy::declared(roots);
    let settings = loaded.config.policies.iter().filter(|(id, _)| declared.contains(*id));
    select(&load(roots, settings, per_evaluation)?, args, loaded)
}

fn load<'s>(
    roots: &[Root],
    settings: impl Iterator<Item = (&'s String, &'s PolicySettings)> + Clone,
    per_evaluation: Duration,
) -> Result<Bundle> {
    let options = Options {
        params: settings
            .clone()
            .map(|(id, settings)| (id.clone(), settings.params.clone()))
            .collect(),
        severities: settings
            .filter_map(|(id, settings)| Some((id.clone(), settings.severity?)))
            .collect(),
        limits: EvaluationLimits { per_evaluation },
        host: Some(workers::host()),
        waits: true,
        ..Options::default()
    };
    Bundle::load(roots, &options).context("cannot load the policies")
}

/// Returns the policies that the configuration leaves on and the flags choose.
///
/// # Errors
///
/// When a glob is none; when one of them is not part of the program and has a parameter without value.
fn select(bundle: &Bundle, args: &PolicyArgs, loaded: &Loaded) -> Result<Bundle> {
    let settings = &loaded.config.policies;
    let off: BTreeMap<&String, bool> = settings
        .iter()
        .map(|(id, settings)| (id, settings.enabled == Some(false)))
        .collect();
    let only = globs(&args.policy_id)?;
    let without = globs(&args.exclude_policy)?;
    let matches = |globs: &[GlobMatcher], id: &str, aliases: &[String]| {
        globs
            .iter()
            .any(|glob| glob.is_match(id) || aliases.iter().any(|alias| glob.is_match(alias)))
    };
    let chosen = bundle.select(|info| {
        let id = &info.id.0;
        !std::iter::once(id)
            .chain(&info.aliases)
            .any(|name| off.get(name).copied().unwrap_or(false))
            && (only.is_empty() || matches(&only, id, &info.aliases))
            && !matches(&without, id, &info.aliases)
    });
    // A shipped policy waits for its value; one that somebody loads on purpose must not be off unseen.
    let waiting = chosen.policies().iter().filter(|policy| !policy.shipped);
    for policy in waiting {
        if let Some(name) = policy.missing.first() {
            let id = &policy.info.id;
            let what = policy.params.iter().find(|param| param.name == *name);
            let what = what.map_or("", |param| param.description.as_str());
            bail!(
                "cannot load the policies: {}: parameter `{name}` of `{id}` has no default and no value\nhelp: set \
                 `policies.{id}.params.{name}` in `nephoscope.yaml`, or leave the policy out: --exclude-policy {id}; it is: {what}",
                policy.info.file
            );
        }
    }
    Ok(chosen)
}

fn globs(texts: &[String]) -> Result<Vec<GlobMatcher>> {
    texts.iter().map(|text| compile(text)).collect()
}
