//! The signature of a bundle, `.signatures.json`: what is loaded is what the holder of a key signed.
//!
//! Source: Open Policy Agent documentation, "Bundles", signing, and the verifier of OPA 1.22.2 (`v1/bundle/verify.go`), read
//! 2026-11-26. Stricter than OPA, which takes the algorithm of the key and does not look at these: the header must name the
//! algorithm of the key, a signature past its `exp` is refused (RFC 7519, 4.1.4), so are the hashes MD5 and SHA-1, and a
//! signature that names another key than was asked for.

mod hash;
mod key;

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Number, Value};

pub use key::{KeyError, SigningAlg, VerificationKey};

/// Name of the file that holds the signature.
pub(crate) const FILE_NAME: &str = ".signatures.json";

/// What the signature of a folder or bundle must be.
#[derive(Debug, Clone)]
pub struct Verification {
    /// With which key it was made.
    pub key: VerificationKey,
    /// The name of the key; a signature that names another one is refused. `None` takes any name.
    pub key_id: Option<String>,
    /// The `scope` that the signature states; "" when it must state none.
    pub scope: String,
    /// The instant at which the signature must hold.
    pub now: Timestamp,
    /// The path of a folder as it was given to `opa sign --bundle FOLDER`, which puts it before every name.
    pub folder: PathBuf,
}

/// What is known of the signature of a folder or bundle.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Signature {
    /// It has none.
    #[default]
    Absent,
    /// It has one that nobody checked, since no key was given.
    Unchecked,
    /// It was checked, and everything that was loaded is what was signed.
    Verified,
}

/// `.signatures.json`.
#[derive(Deserialize)]
struct SignaturesFile {
    #[serde(default)]
    signatures: Vec<String>,
    /// Who checks the signature; OPA writes `_default` for what is described here.
    #[serde(default)]
    plugin: String,
}

/// Header of the token.
#[derive(Deserialize)]
struct Header {
    alg: String,
    #[serde(default)]
    kid: String,
    /// Extensions that a reader must know; we know none (RFC 7515, 4.1.11).
    crit: Option<Value>,
}

/// What was signed.
#[derive(Deserialize)]
struct Payload {
    #[serde(default)]
    files: Vec<SignedFile>,
    #[serde(default)]
    keyid: String,
    #[serde(default)]
    scope: String,
    exp: Option<Number>,
    nbf: Option<Number>,
}

/// One file as it was signed.
#[derive(Deserialize)]
struct SignedFile {
    name: String,
    hash: String,
    #[serde(default)]
    algorithm: String,
}

/// Checks that `files` are those that `signatures` names, no more and no less, each with the content that was signed.
///
/// Names are those below the root; with `folder` all may also begin with [`Verification::folder`].
///
/// # Errors
///
/// What is wrong, with the file's name.
pub(crate) fn verify<'f>(
    signatures: &[u8],
    files: impl Iterator<Item = (&'f str, &'f [u8])> + Clone,
    folder: bool,
    verification: &Verification,
) -> Result<(), String> {
    let payload = payload(signatures, verification).map_err(|why| format!("`{FILE_NAME}`: {why}"))?;
    let mut signed = BTreeMap::new();
    for file in payload.files {
        let name = file.name.strip_prefix("./").or_else(|| file.name.strip_prefix('/'));
        let name = name.unwrap_or(&file.name).to_owned();
        if signed.insert(name, file).is_some() {
            return Err(format!("`{FILE_NAME}`: it names a file twice"));
        }
    }
    if let Some(inside) = below(&signed, &prefix(&verification.folder)).filter(|_| folder)
        && !files.clone().all(|(name, _)| signed.contains_key(name))
    {
        signed = inside;
    }
    for (name, bytes) in files {
        let Some(file) = signed.remove(name) else {
            return Err(format!("`{name}` is not in the signature"));
        };
        let found = hash::digest(&file.algorithm, name, bytes).map_err(|why| format!("`{name}`: {why}"))?;
        if !file.hash.eq_ignore_ascii_case(&found) {
            return Err(format!(
                "`{name}` is not what was signed: its {} differs",
                file.algorithm
            ));
        }
    }
    match signed.keys().next() {
        Some(name) => Err(format!("`{name}` is in the signature, but it is not there")),
        None => Ok(()),
    }
}

/// Returns the path as OPA puts it before names: with `/` between parts, without one at its start.
fn prefix(path: &Path) -> String {
    let parts = path.components().filter_map(|part| match part {
        Component::Normal(name) => Some(name.to_string_lossy()),
        Component::ParentDir => Some("..".into()),
        Component::Prefix(_) | Component::RootDir | Component::CurDir => None,
    });
    parts.collect::<Vec<_>>().join("/")
}

/// Returns the files by their names below `prefix`, when all lie there.
fn below(signed: &BTreeMap<String, SignedFile>, prefix: &str) -> Option<BTreeMap<String, SignedFile>> {
    let inside = signed.iter().map(|(name, file)| {
        let name = name.strip_prefix(prefix)?.strip_prefix('/')?;
        let (hash, algorithm) = (file.hash.clone(), file.algorithm.clone());
        let file = SignedFile {
            name: name.to_owned(),
            hash,
            algorithm,
        };
        Some((name.to_owned(), file))
    });
    inside.collect()
}

/// Returns what was signed, when the signature holds.
fn payload(signatures: &[u8], verification: &Verification) -> Result<Payload, String> {
    let file: SignaturesFile = serde_json::from_slice(signatures).map_err(|error| error.to_string())?;
    if !matches!(file.plugin.as_str(), "" | "_default") {
        return Err(format!("it is made for the plugin `{}`", file.plugin));
    }
    let [token] = file.signatures.as_slice() else {
        return Err(format!("it holds {} signatures, not one", file.signatures.len()));
    };
    let parts: Vec<&str> = token.split('.').collect();
    let [header, body, mac] = parts.as_slice() else {
        return Err("the signature is no token of three parts".to_owned());
    };
    let decode = |part: &str, what: &str| {
        let decoded = URL_SAFE_NO_PAD.decode(part);
        decoded.map_err(|error| format!("the {what} of the token is no base64: {error}"))
    };
    let head: Header = serde_json::from_slice(&decode(header, "header")?)
        .map_err(|error| format!("the header of the token: {error}"))?;
    let wanted = verification.key.alg();
    // The key decides how it is used, never the token: `none`, and a public key taken for a secret, are such tricks.
    if head.alg != wanted.as_str() {
        return Err(format!("it is signed with `{}`, not {}", head.alg, wanted.as_str()));
    }
    if head.crit.is_some() {
        return Err("the token asks for extensions, of which there are none here".to_owned());
    }
    if !verification
        .key
        .accepts(format!("{header}.{body}").as_bytes(), &decode(mac, "signature")?)
    {
        return Err("the signature was not made with this key, or what it signs was changed".to_owned());
    }
    let payload: Payload = serde_json::from_slice(&decode(body, "payload")?)
        .map_err(|error| format!("the payload of the token: {error}"))?;
    for named in [&head.kid, &payload.keyid]
        .into_iter()
        .filter(|named| !named.is_empty())
    {
        if let Some(key_id) = verification.key_id.as_ref().filter(|key_id| *key_id != named) {
            return Err(format!("it is signed with the key `{named}`, not `{key_id}`"));
        }
    }
    if payload.scope != verification.scope {
        let (found, wanted) = (&payload.scope, &verification.scope);
        return Err(format!("its scope is `{found}`, not `{wanted}`"));
    }
    holds(&payload, verification.now)?;
    Ok(payload)
}

/// Refuses a signature that holds no more, or not yet.
fn holds(payload: &Payload, now: Timestamp) -> Result<(), String> {
    #[expect(clippy::cast_precision_loss, reason = "seconds of this age fit into 52 bits")]
    let now = now.as_second() as f64;
    // A number too large for a float is not to be compared; it is no instant either.
    let seconds = |number: &Number| number.as_f64().ok_or_else(|| format!("`{number}` is no time"));
    if let Some(exp) = &payload.exp
        && seconds(exp)? <= now
    {
        return Err(format!("it expired at {exp} seconds after 1970"));
    }
    if let Some(nbf) = &payload.nbf
        && seconds(nbf)? > now
    {
        return Err(format!("it does not hold before {nbf} seconds after 1970"));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
