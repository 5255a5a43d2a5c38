//! `nephoscope.yaml`: what a project decides once.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use globset::{Glob, GlobMatcher};
use jiff::civil::Date;
use nephoscope_model::{CoverageGap, Reason, Severity};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::args::{SigningAlg, UnknownIs};

/// Name of the configuration file.
pub const FILE_NAME: &str = "nephoscope.yaml";

/// The configuration file. Every key is optional; the command line and `NEPHOSCOPE_*` variables win over it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Folders and bundles with policies, relative to this file; `builtin` names the built-in pack. Empty: the built-in pack.
    pub policy: Vec<String>,
    /// Those of them that run in this process, without limits on memory, and not in a worker process.
    pub trust: Vec<String>,
    /// Settings by policy id.
    pub policies: BTreeMap<String, PolicySettings>,
    /// By whom folders and bundles with policies must be signed. Left out, signatures are not checked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signatures: Option<SignatureSettings>,
    /// Findings below this severity do not change the exit code.
    pub fail_on: Option<Severity>,
    /// What outcomes `unknown` do.
    pub unknown: Option<UnknownIs>,
    /// Smallest share of (policy, resource) pairs that must have been evaluated, in percent.
    pub min_coverage: Option<f64>,
    /// Files below scanned folders to leave out (gitignore syntax).
    pub ignore: Vec<String>,
    /// The waivers file, relative to this file.
    pub waivers: Option<PathBuf>,
    /// What is known not to be read, and who accepted that until when.
    pub accepted_gaps: Vec<AcceptedGap>,
}

/// Settings of one policy.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct PolicySettings {
    /// False turns it off.
    pub enabled: Option<bool>,
    /// Another severity.
    pub severity: Option<Severity>,
    /// Values of its parameters; their types are in the policy's METADATA.
    pub params: Map<String, Value>,
}

/// By whom folders and bundles with policies must be signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SignatureSettings {
    /// File with the public key (PEM) or, for HS256, the secret, relative to this file.
    pub verification_key: PathBuf,
    /// Name of the key; a signature that names another one is refused.
    #[serde(default)]
    pub verification_key_id: Option<String>,
    /// Algorithm of the key; left out, RS256.
    #[serde(default)]
    pub signing_alg: Option<SigningAlg>,
    /// Scope that the signature must state; left out, none.
    #[serde(default)]
    pub scope: Option<String>,
}

/// A gap that somebody accepted: it stays in every ledger and does not make a scan incomplete.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AcceptedGap {
    /// Where; what is left out matches everything.
    #[serde(default)]
    pub scope: AcceptedScope,
    /// Native type (glob), for example `AWS::S3::*`; left out, every type.
    #[serde(default, rename = "type")]
    pub native_type: Option<String>,
    /// Reason as the ledger gives it.
    pub reason: Reason,
    /// Who accepted it.
    pub owner: String,
    /// The last day on which it holds, UTC.
    #[schemars(with = "String")]
    pub expiry: Date,
}

/// Where an accepted gap holds; every value is a glob.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct AcceptedScope {
    /// `aws`, `azure` or `gcp`.
    pub provider: Option<String>,
    /// Account, subscription or project.
    pub account: Option<String>,
    /// Region.
    pub region: Option<String>,
    /// Input as named in the report.
    pub input: Option<String>,
}

/// The configuration and where it came from.
#[derive(Debug, Default)]
pub struct Loaded {
    /// What the file says.
    pub config: Config,
    /// The folder of the file, against which its paths are resolved; the working directory without a file.
    pub folder: PathBuf,
    /// The file.
    pub file: Option<PathBuf>,
}

/// Returns the configuration of `explicit`, or of the nearest `nephoscope.yaml` from `start` up to the repository's root.
///
/// # Errors
///
/// When a named file is missing, or the file is not valid: the message has file, line and column.
pub fn load(explicit: Option<&Path>, start: &Path) -> Result<Loaded> {
    let file = match explicit {
        Some(file) => Some(file.to_owned()),
        None => search(start)?,
    };
    let Some(file) = file else {
        return Ok(Loaded {
            config: Config::default(),
            folder: PathBuf::new(),
            file: None,
        });
    };
    let config = parse(&file)?;
    let folder = file.parent().map(Path::to_owned).unwrap_or_default();
    Ok(Loaded {
        config,
        folder,
        file: Some(file),
    })
}

fn search(start: &Path) -> Result<Option<PathBuf>> {
    let mut folder = start.canonicalize().context("cannot find the working directory")?;
    // A path as short as it can be: reports and messages show it.
    let mut shown = PathBuf::new();
    loop {
        if folder.join(FILE_NAME).is_file() {
            return Ok(Some(shown.join(FILE_NAME)));
        }
        if let Some(near) = ["nephoscope.yml", ".nephoscope.yaml"]
            .into_iter()
            .find(|name| folder.join(name).is_file())
        {
            bail!(
                "there is a `{}`, but the configuration is read from `{FILE_NAME}`",
                shown.join(near).display()
            );
        }
        if folder.join(".git").exists() || !folder.pop() {
            return Ok(None);
        }
        shown.push("..");
    }
}

/// Returns what a YAML file says.
///
/// # Errors
///
/// With file, line and column.
pub fn parse<T: for<'de> Deserialize<'de>>(file: &Path) -> Result<T> {
    let shown = file.display();
    let text = std::fs::read_to_string(file).with_context(|| format!("cannot read `{shown}`"))?;
    // An empty file is an empty mapping: every key is optional.
    let text = if text
        .lines()
        .all(|line| line.trim().is_empty() || line.trim_start().starts_with('#'))
    {
        "{}"
    } else {
        &text
    };
    serde_saphyr::from_str(text).map_err(|error| {
        let place = error
            .location()
            .map(|place| format!(":{}:{}", place.line(), place.column()));
        anyhow::anyhow!(
            "`{shown}`{}: {}",
            place.unwrap_or_default(),
            plain(&error.without_snippet().to_string())
        )
    })
}

/// Takes out of the YAML library's message what is for its own users: the place, which stands before it already,
/// and advice on calling it.
fn plain(message: &str) -> String {
    let message = message.lines().next().unwrap_or_default();
    let message = message
        .split_once(": ")
        .filter(|(place, _)| place.contains("line "))
        .map_or(message, |(_, rest)| rest);
    let message = message.split(", set DuplicateKeyPolicy").next().unwrap_or(message);
    let message = message.rsplit_once(" at line ").map_or(message, |(message, _)| message);
    // A value may be as long as its writer likes.
    message.chars().take(300).collect()
}

impl Config {
    /// Checks what a schema cannot.
    ///
    /// # Errors
    ///
    /// Names the key.
    pub fn check(&self) -> Result<()> {
        if let Some(share) = self.min_coverage
            && !(0.0..=100.0).contains(&share)
        {
            bail!("`min_coverage` is {share}, it must be from 0 to 100");
        }
        for gap in &self.accepted_gaps {
            gap.matcher()?;
            if gap.scope == AcceptedScope::default() && gap.native_type.is_none() {
                bail!("`accepted_gaps`: an accepted gap needs a scope or a type; `*` means all");
            }
            if gap.owner.trim().is_empty() {
                bail!("`accepted_gaps`: an accepted gap needs an owner");
            }
        }
        Ok(())
    }
}

/// An accepted gap with its globs compiled.
pub struct GapMatcher {
    provider: Option<GlobMatcher>,
    account: Option<GlobMatcher>,
    region: Option<GlobMatcher>,
    input: Option<GlobMatcher>,
    native_type: Option<GlobMatcher>,
}

impl AcceptedGap {
    /// Compiles the globs.
    ///
    /// # Errors
    ///
    /// When one is no valid glob.
    pub fn matcher(&self) -> Result<GapMatcher> {
        Ok(GapMatcher {
            provider: glob(self.scope.provider.as_deref())?,
            account: glob(self.scope.account.as_deref())?,
            region: glob(self.scope.region.as_deref())?,
            input: glob(self.scope.input.as_deref())?,
            native_type: glob(self.native_type.as_deref())?,
        })
    }

    /// Returns whether it covers `gap` on `today`.
    pub fn accepts(&self, matcher: &GapMatcher, gap: &CoverageGap, today: Date) -> bool {
        // A gap that does not state its scope is wider than any accepted scope, so it is not covered by one.
        let within = |glob: &Option<GlobMatcher>, value: Option<&str>| match (glob, value) {
            (None, _) => true,
            (Some(glob), Some(value)) => glob.is_match(value),
            (Some(_), None) => false,
        };
        self.reason == gap.gap.reason
            && today <= self.expiry
            && within(&matcher.provider, gap.scope.provider.map(|provider| provider.as_str()))
            && within(&matcher.account, gap.scope.account.as_deref())
            && within(&matcher.region, gap.scope.region.as_deref())
            && within(&matcher.input, gap.scope.input.as_deref())
            && within(&matcher.native_type, gap.scope.native_type.as_deref())
    }
}

fn glob(text: Option<&str>) -> Result<Option<GlobMatcher>> {
    text.map(compile).transpose()
}

/// Returns a glob in which `*` also matches `/`, as ids need.
///
/// # Errors
///
/// When it is no valid glob.
pub fn compile(text: &str) -> Result<GlobMatcher> {
    // Longer and deeper ones do not come from people, and compiling them takes the machine.
    if text.is_empty() || text.len() > 1024 || text.matches('{').count() > 8 {
        bail!("a glob has 1 to 1024 characters and at most 8 braces");
    }
    Ok(Glob::new(text)
        .with_context(|| format!("`{text}` is no valid glob"))?
        .compile_matcher())
}

#[cfg(test)]
mod tests {
    use nephoscope_model::{Gap, GapScope, Provider};

    use super::*;

    fn gap(account: Option<&str>) -> CoverageGap {
        CoverageGap {
            scope: GapScope {
                provider: Some(Provider::Aws),
                account: account.map(str::to_owned),
                native_type: Some("AWS::S3::Bucket".into()),
                ..GapScope::default()
            },
            gap: Gap::new(Reason::Denied),
            message: String::new(),
            line: None,
            offset: None,
            incomplete: true,
            accepted_by: None,
        }
    }

    #[test]
    fn an_accepted_account_does_not_cover_a_gap_without_account() {
        let accepted = AcceptedGap {
            scope: AcceptedScope {
                account: Some("1111*".into()),
                ..AcceptedScope::default()
            },
            native_type: Some("AWS::S3::*".into()),
            reason: Reason::Denied,
            owner: "ana".into(),
            expiry: jiff::civil::date(2030, 1, 1),
        };
        let matcher = accepted.matcher().unwrap();
        let today = jiff::civil::date(2029, 12, 31);
        assert!(accepted.accepts(&matcher, &gap(Some("111122223333")), today));
        assert!(!accepted.accepts(&matcher, &gap(None), today));
        assert!(!accepted.accepts(&matcher, &gap(Some("111122223333")), jiff::civil::date(2030, 1, 2)));
    }

    #[test]
    fn a_misspelt_key_is_an_error_with_its_line() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join(FILE_NAME);
        std::fs::write(&file, "fail_on: high\nunknwon: fail\n").unwrap();
        let error = parse::<Config>(&file).unwrap_err().to_string();
        assert!(error.contains("unknwon") && error.contains("yaml`:2:1: "), "{error}");
    }

    #[test]
    fn an_empty_file_is_a_configuration() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join(FILE_NAME);
        std::fs::write(&file, "# nothing yet\n").unwrap();
        assert_eq!(parse::<Config>(&file).unwrap(), Config::default());
    }
}
