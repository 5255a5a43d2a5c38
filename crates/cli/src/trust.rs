//! Which policies are trusted: by whom they must be signed, and which of them run in this process.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use jiff::Timestamp;
use nephoscope_policy::{Root, Signature, Verification, VerificationKey};

use crate::args::{PolicyArgs, SigningAlg, TrustArgs};
use crate::config::{Loaded, SignatureSettings};

/// Returns what signatures must be, or `None` when no key is given: a flag wins over its key in the configuration.
///
/// # Errors
///
/// When the key cannot be read or is none for the algorithm, or when a flag says something of a key that is not given.
pub fn verification(args: &TrustArgs, loaded: &Loaded) -> Result<Option<Verification>> {
    let Some(settings) = settings(args, loaded) else {
        // Who asks for a scope believes that signatures are checked.
        if args.verification_key_id.is_some() || args.signing_alg.is_some() || args.scope.is_some() {
            bail!("there is no verification key\nhelp: `--verification-key FILE` has signatures checked");
        }
        return Ok(None);
    };
    let text = match &args.verification_key {
        Some(given) => given_key(given)?,
        None => read(&loaded.folder.join(&settings.verification_key))?,
    };
    Ok(Some(Verification {
        key: VerificationKey::new(signing_alg(settings.signing_alg), &text)?,
        key_id: settings.verification_key_id,
        scope: settings.scope.unwrap_or_default(),
        now: Timestamp::now(),
        folder: PathBuf::new(),
    }))
}

/// Returns what is in force of the flags and the configuration, to be shown: a key that is no file is not.
pub fn settings(args: &TrustArgs, loaded: &Loaded) -> Option<SignatureSettings> {
    let settings = loaded.config.signatures.clone();
    let key = args.verification_key.as_deref().map(|given| {
        let shown = if Path::new(given).is_file() { given } else { "(given)" };
        PathBuf::from(shown)
    });
    let settings = settings.as_ref();
    Some(SignatureSettings {
        verification_key: key.or_else(|| Some(settings?.verification_key.clone()))?,
        verification_key_id: (args.verification_key_id.clone()).or_else(|| settings?.verification_key_id.clone()),
        signing_alg: args.signing_alg.or_else(|| settings?.signing_alg),
        scope: args.scope.clone().or_else(|| settings?.scope.clone()),
    })
}

/// Returns the content of a file of this name, else the name itself, as `opa` does. It is in no message: it may be a secret.
fn given_key(given: &str) -> Result<Vec<u8>> {
    let path = Path::new(given);
    // A system that cannot take a PEM text for a name says so in its own way.
    match std::fs::metadata(path) {
        Ok(found) if found.is_dir() => bail!("`--verification-key` names a folder"),
        Ok(_) => read(path),
        Err(_) => Ok(given.as_bytes().to_vec()),
    }
}

fn read(file: &Path) -> Result<Vec<u8>> {
    std::fs::read(file).with_context(|| format!("cannot read the verification key `{}`", file.display()))
}

fn signing_alg(alg: Option<SigningAlg>) -> nephoscope_policy::SigningAlg {
    match alg {
        None | Some(SigningAlg::Rs256) => nephoscope_policy::SigningAlg::Rs256,
        Some(SigningAlg::Es256) => nephoscope_policy::SigningAlg::Es256,
        Some(SigningAlg::Hs256) => nephoscope_policy::SigningAlg::Hs256,
    }
}

/// The folders and bundles whose policies run in this process.
pub struct InProcess(Vec<PathBuf>);

impl InProcess {
    /// Returns those that `--trust` and the configuration name.
    ///
    /// # Errors
    ///
    /// When one that the command line names is not there.
    pub fn of(args: &PolicyArgs, loaded: &Loaded) -> Result<InProcess> {
        let named = args.in_process.iter().map(|name| {
            // Who misspells it would believe that it is trusted, and wonder what is slow.
            std::fs::canonicalize(name).with_context(|| format!("`--trust` names `{name}`, which cannot be found"))
        });
        let mut paths: Vec<PathBuf> = named.collect::<Result<_>>()?;
        let configured = loaded.config.trust.iter();
        paths.extend(configured.filter_map(|name| std::fs::canonicalize(loaded.folder.join(name)).ok()));
        Ok(InProcess(paths))
    }

    /// Returns whether a folder or bundle is one of them, however it is spelt.
    pub fn takes(&self, path: &Path) -> bool {
        std::fs::canonicalize(path).is_ok_and(|path| self.0.contains(&path))
    }
}

/// Says of every root that is signed, and whose signature nobody checked, that this is so.
pub fn note_unchecked<'r>(roots: impl Iterator<Item = &'r Root>) {
    for root in roots.filter(|root| root.signature == Signature::Unchecked) {
        crate::command::tell(&format!(
            "note: `{}` is signed, its signature was not checked\nhelp: `--verification-key` checks it",
            root.name
        ));
    }
}
