//! What can be said on the command line.

mod policy;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use jiff::Timestamp;
use nephoscope_model::Severity;

use crate::input_shape::InputShape;
pub use policy::{BenchArgs, DiffArgs, LockArgs, OnArgs, PolicyCommand, TableFormat};

/// Multi-cloud policy-as-code scanner.
///
/// Reads what a cloud is (AWS Config, Azure Resource Manager and Resource Graph, Google Cloud Asset
/// Inventory) or is about to become (Terraform plan), judges it with Rego policies, and says what is wrong
/// and what it could not see.
#[derive(Debug, Parser)]
#[command(name = "nephoscope", version, max_term_width = 110, arg_required_else_help = true)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Judge inventories in files and folders, and plans named on the command line.
    ///
    /// Exit codes: 0 nothing at or above --fail-on, 1 findings, 2 usage, configuration or policy error or a
    /// named file does not exist, 3 incomplete (something asked for was not read, an evaluation failed, or
    /// coverage is below --min-coverage), 4 internal error. Findings and incomplete together: 1, and every
    /// report says both.
    Scan(Box<ScanArgs>),
    /// List, check, test, explain, compare, measure, lock and create policies.
    #[command(subcommand)]
    Policy(Box<PolicyCommand>),
    /// Check any tool's SARIF file against the rules by which GitHub code scanning accepts it.
    LintSarif(LintSarifArgs),
    /// Print a JSON Schema: of a report, of the configuration, of a policy's input.
    Schema(SchemaArgs),
    /// Run policies for another process of this program, confined; it speaks over standard input and output.
    #[command(hide = true)]
    PolicyWorker,
    /// Print completions for a shell.
    Completions {
        /// Which shell.
        shell: clap_complete::Shell,
    },
}

/// Policies to load.
#[derive(Debug, Args, Clone, Default)]
pub struct PolicyArgs {
    /// Folder or OPA bundle (.tar.gz) with policies, instead of the built-in pack (repeatable; `builtin` names the pack).
    #[arg(short, long = "policy", value_name = "DIR|BUNDLE")]
    pub policy: Vec<String>,
    /// What policies judge: resources of the common model, or every JSON and YAML document as it stands, by conftest packages.
    #[arg(long, value_name = "SHAPE", default_value = "model")]
    pub input_shape: InputShape,
    /// Only policies whose id matches the glob (repeatable).
    #[arg(long, value_name = "GLOB")]
    pub policy_id: Vec<String>,
    /// Leave out policies whose id matches the glob (repeatable).
    #[arg(long, value_name = "GLOB")]
    pub exclude_policy: Vec<String>,
    /// Configuration file; without it `nephoscope.yaml` is searched from here up to the repository's root.
    #[arg(long, value_name = "FILE", env = "NEPHOSCOPE_CONFIG")]
    pub config: Option<PathBuf>,
    /// Load only what the lock file holds, which `policy lock` writes [default FILE: `nephoscope.lock` beside the configuration, to which a scan keeps without the flag, unless -p is given].
    #[arg(long, value_name = "FILE", num_args = 0..=1, require_equals = true)]
    pub locked: Option<Option<PathBuf>>,
    /// Run the policies of this folder or bundle in this process, without limits on memory, and not in a worker process (repeatable).
    #[arg(long = "trust", value_name = "DIR|BUNDLE")]
    pub in_process: Vec<String>,
    /// By whom they must be signed.
    #[command(flatten)]
    pub trust: TrustArgs,
}

/// Signatures of folders and bundles with policies; the flags have the names that `opa` gives them.
#[derive(Args, Clone, Default)]
pub struct TrustArgs {
    /// Load only folders and bundles that are signed with this key (`.signatures.json`, as `opa sign` and `opa build` write it): a PEM file with the public key, or the secret of HS256 or a file with it.
    #[arg(
        long,
        value_name = "FILE|SECRET",
        env = "NEPHOSCOPE_VERIFICATION_KEY",
        hide_env_values = true,
        help_heading = "Signatures"
    )]
    pub verification_key: Option<String>,
    /// Name of the key; a signature that names another one is refused.
    #[arg(long, value_name = "ID", help_heading = "Signatures")]
    pub verification_key_id: Option<String>,
    /// Algorithm of the key [default: RS256].
    #[arg(long, value_name = "ALG", help_heading = "Signatures")]
    pub signing_alg: Option<SigningAlg>,
    /// Scope that the signature must state; without it, none.
    #[arg(long, value_name = "SCOPE", help_heading = "Signatures")]
    pub scope: Option<String>,
}

impl std::fmt::Debug for TrustArgs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The key may be a secret.
        f.debug_struct("TrustArgs")
            .field("verification_key_id", &self.verification_key_id)
            .field("signing_alg", &self.signing_alg)
            .field("scope", &self.scope)
            .finish_non_exhaustive()
    }
}

/// `--signing-alg`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
#[value(rename_all = "UPPER")]
pub enum SigningAlg {
    /// RSA with SHA-256.
    Rs256,
    /// The curve P-256 with SHA-256.
    Es256,
    /// A shared secret with SHA-256.
    Hs256,
}

/// Limits on inputs that are not to be trusted.
#[derive(Debug, Args, Clone)]
pub struct LimitArgs {
    /// Largest decoded size of one input, in MiB.
    #[arg(
        long,
        value_name = "MIB",
        default_value_t = 65536,
        env = "NEPHOSCOPE_MAX_DECODED_MIB",
        help_heading = "Limits"
    )]
    pub max_decoded_mib: u64,
    /// Largest ratio of decoded to stored size, once an input is past 64 MiB decoded.
    #[arg(
        long,
        value_name = "N",
        default_value_t = 1000,
        env = "NEPHOSCOPE_MAX_RATIO",
        help_heading = "Limits"
    )]
    pub max_ratio: u64,
    /// Largest single document, in MiB.
    #[arg(
        long,
        value_name = "MIB",
        default_value_t = 64,
        env = "NEPHOSCOPE_MAX_DOCUMENT_MIB",
        help_heading = "Limits"
    )]
    pub max_document_mib: u64,
    /// Longest evaluation of one policy on one resource, in milliseconds.
    #[arg(
        long,
        value_name = "MS",
        default_value_t = 2000,
        env = "NEPHOSCOPE_MAX_EVALUATION_MS",
        help_heading = "Limits"
    )]
    pub max_evaluation_ms: u64,
    /// Memory for findings and waiting documents, in MiB; what goes beyond is kept in a temporary file in $TMPDIR.
    #[arg(
        long,
        value_name = "MIB",
        default_value_t = 48,
        env = "NEPHOSCOPE_BUFFER_MIB",
        help_heading = "Limits"
    )]
    pub buffer_mib: usize,
}

impl Default for LimitArgs {
    fn default() -> Self {
        LimitArgs {
            max_decoded_mib: 65536,
            max_ratio: 1000,
            max_document_mib: 64,
            max_evaluation_ms: 2000,
            buffer_mib: 48,
        }
    }
}

/// `scan`.
#[derive(Debug, Args)]
pub struct ScanArgs {
    /// Files and folders; `-` is standard input. Formats are recognized by content, also in .gz and .zst.
    #[arg(required_unless_present = "show_config", value_name = "PATH")]
    pub paths: Vec<String>,

    /// Policies to load.
    #[command(flatten)]
    pub policies: PolicyArgs,

    /// Report to write (repeatable): human, json, ndjson, junit, sarif; `=FILE` writes to a file, `sarif=DIR/` one file per account.
    #[arg(short, long = "format", value_name = "FMT[=FILE]", help_heading = "Reports")]
    pub format: Vec<String>,
    /// What json and ndjson hold besides findings.
    #[arg(long, value_name = "OUTCOME", help_heading = "Reports")]
    pub include: Vec<Include>,
    /// Passes in JUnit: one case each, one per policy and account, or none.
    #[arg(long, value_name = "HOW", default_value = "summary", help_heading = "Reports")]
    pub junit_pass: JunitPass,
    /// JUnit by the strict Jenkins schema, or with properties per case.
    #[arg(long, value_name = "FLAVOR", default_value = "strict", help_heading = "Reports")]
    pub junit_flavor: JunitFlavor,
    /// SARIF for GitHub code scanning, or with waived findings and baseline for other readers.
    #[arg(long, value_name = "PROFILE", default_value = "github", help_heading = "Reports")]
    pub sarif_profile: SarifProfile,
    /// Color on the terminal.
    #[arg(long, value_name = "WHEN", default_value = "auto", help_heading = "Reports")]
    pub color: ColorWhen,
    /// Say more: every finding, every input.
    #[arg(short, long, action = clap::ArgAction::Count, help_heading = "Reports")]
    pub verbose: u8,
    /// Say only what is needed.
    #[arg(short, long, help_heading = "Reports", conflicts_with = "verbose")]
    pub quiet: bool,

    /// Findings below this severity do not change the exit code [default: low].
    #[arg(
        long,
        value_name = "SEVERITY",
        help_heading = "Exit code",
        env = "NEPHOSCOPE_FAIL_ON"
    )]
    pub fail_on: Option<Severity>,
    /// What outcomes `unknown` do: make the scan incomplete, be counted and listed, or only be counted [default: warn].
    #[arg(long, value_name = "HOW", help_heading = "Exit code", env = "NEPHOSCOPE_UNKNOWN")]
    pub unknown: Option<UnknownIs>,
    /// Smallest share of (policy, resource) pairs that must have been evaluated, in percent.
    #[arg(
        long,
        value_name = "PERCENT",
        help_heading = "Exit code",
        env = "NEPHOSCOPE_MIN_COVERAGE",
        value_parser = percent
    )]
    pub min_coverage: Option<f64>,
    /// End with 0 where findings would give 1.
    #[arg(long, help_heading = "Exit code")]
    pub exit_zero: bool,
    /// Report of an earlier scan (`-f json=FILE`), by which findings are new, unchanged or fixed.
    #[arg(long, value_name = "FILE", help_heading = "Exit code")]
    pub baseline: Option<PathBuf>,
    /// Only findings that the baseline does not hold count and are shown.
    #[arg(long, requires = "baseline", help_heading = "Exit code")]
    pub new_only: bool,
    /// Accepted findings with owner, reason and expiry (YAML).
    #[arg(long, value_name = "FILE", help_heading = "Exit code", env = "NEPHOSCOPE_WAIVERS")]
    pub waivers: Option<PathBuf>,

    /// The instant to judge (RFC 3339, or a date for its first instant in UTC): the version of each resource, `input.as_of`, expiry of waivers [default: now].
    #[arg(long, value_name = "TIME", help_heading = "Selection", env = "NEPHOSCOPE_AS_OF", value_parser = instant)]
    pub as_of: Option<Timestamp>,
    /// Only policies that speak of this framework's controls, and a table of what the scan says of each control.
    #[arg(long, value_name = "FRAMEWORK", help_heading = "Selection")]
    pub compliance: Option<String>,
    /// Only resources of this account, subscription or project (glob, repeatable).
    #[arg(long, value_name = "GLOB", help_heading = "Selection")]
    pub account: Vec<String>,
    /// Only resources of this region (glob, repeatable).
    #[arg(long, value_name = "GLOB", help_heading = "Selection")]
    pub region: Vec<String>,
    /// Only resources of this kind, for example `storage.bucket` (glob, repeatable).
    #[arg(long, value_name = "GLOB", help_heading = "Selection")]
    pub kind: Vec<String>,
    /// Only resources with this tag; the value is a glob (repeatable, all must match).
    #[arg(long, value_name = "KEY=VALUE", help_heading = "Selection")]
    pub tag: Vec<String>,
    /// Leave out files below named folders that match (gitignore syntax, repeatable).
    #[arg(long, value_name = "GLOB", help_heading = "Selection")]
    pub ignore: Vec<String>,

    /// Limits on inputs that are not to be trusted.
    #[command(flatten)]
    pub limits: LimitArgs,
    /// Keep what came of each document here, and do not judge again what did not change. Whoever can write the folder can hide findings.
    #[arg(long, value_name = "DIR", env = "NEPHOSCOPE_CACHE")]
    pub cache: Option<PathBuf>,
    /// Threads [default: all cores].
    #[arg(short, long, value_name = "N", env = "NEPHOSCOPE_JOBS", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub jobs: Option<u16>,
    /// Print the configuration in force and end.
    #[arg(long)]
    pub show_config: bool,
}

/// `lint-sarif`.
#[derive(Debug, Args)]
pub struct LintSarifArgs {
    /// SARIF files.
    #[arg(required = true)]
    pub files: Vec<PathBuf>,
}

/// `schema`.
#[derive(Debug, Args)]
pub struct SchemaArgs {
    /// Which: `report`, `report-line`, `config`, `lock`, `policy-bench`, `policy-diff`, `waivers`, or a kind such as `storage.bucket`.
    pub name: String,
}

/// `--include`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Include {
    /// One entry for each (policy, resource) without fault.
    Pass,
}

/// `--unknown`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum UnknownIs {
    /// Makes the scan incomplete: exit code 3.
    Fail,
    /// Is counted and listed; the exit code stays.
    Warn,
    /// Is only counted; the exit code stays.
    Pass,
}

/// `--color`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ColorWhen {
    /// On a terminal, unless NO_COLOR is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// `--junit-pass`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum JunitPass {
    /// One case each.
    All,
    /// One case per policy and account.
    Summary,
    /// None.
    None,
}

/// `--junit-flavor`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum JunitFlavor {
    /// Valid by the Jenkins schema.
    Strict,
    /// With properties per case.
    Rich,
}

/// `--sarif-profile`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SarifProfile {
    /// What GitHub code scanning reads; waived findings are left out.
    Github,
    /// Everything.
    Full,
}

fn percent(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(share) if (0.0..=100.0).contains(&share) => Ok(share),
        _ => Err("expected a number from 0 to 100".to_owned()),
    }
}

fn instant(text: &str) -> Result<Timestamp, String> {
    if let Ok(instant) = text.parse::<Timestamp>() {
        return Ok(instant);
    }
    format!("{text}T00:00:00Z")
        .parse()
        .map_err(|_| "expected RFC 3339, for example 2026-11-23T00:00:00Z, or a date".to_owned())
}
