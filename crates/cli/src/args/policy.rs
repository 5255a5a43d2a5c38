//! What can be said of policies.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use jiff::Timestamp;

use super::{LimitArgs, PolicyArgs, TrustArgs, instant};
use crate::input_shape::InputShape;

/// `policy …`.
#[derive(Debug, Subcommand)]
pub enum PolicyCommand {
    /// List the loaded policies.
    List {
        /// Policies to load.
        #[command(flatten)]
        policies: PolicyArgs,
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Check policies: METADATA, misspelt attributes, what is refused, what the engine could get wrong.
    Check {
        /// Policies to load.
        #[command(flatten)]
        policies: PolicyArgs,
        /// Demand what the built-in pack holds to, also tests and examples.
        #[arg(long)]
        strict: bool,
    },
    /// Run the Rego tests and, through the whole program, the native examples beside each policy.
    Test {
        /// Policies to load.
        #[command(flatten)]
        policies: PolicyArgs,
        /// Name every test.
        #[arg(short, long)]
        verbose: bool,
    },
    /// Write the digests of the policies in use to a lock file, to which a scan then keeps.
    Lock(LockArgs),
    /// Measure what each policy costs: evaluations, verdicts that were remembered, processor time.
    Bench(Box<BenchArgs>),
    /// Tell which findings of the same input two sets of policies do not share.
    ///
    /// Exit codes: 0 no difference, 1 differences, 2 a set or the input cannot be read, 3 no difference, but not everything
    /// could be read or evaluated.
    Diff(Box<DiffArgs>),
    /// Create a policy with its test.
    New {
        /// Id, for example `ACME-STORAGE-001`.
        id: String,
        /// Rego package, for example `acme.storage.bucket_without_owner`.
        package: String,
        /// Kind, for example `storage.bucket`.
        #[arg(long, default_value = "storage.bucket")]
        kind: String,
        /// Folder of the bundle.
        #[arg(short, long, default_value = "policies")]
        output: PathBuf,
    },
    /// Print what a policy reads, and by which paths an unknown value decides.
    Explain {
        /// Policies to load.
        #[command(flatten)]
        policies: PolicyArgs,
        /// Id of the policy.
        id: String,
    },
}

/// `policy lock`.
#[derive(Debug, Args)]
pub struct LockArgs {
    /// Folder or OPA bundle (.tar.gz) with policies, instead of those that the configuration names (repeatable; `builtin` names the built-in pack).
    #[arg(short, long = "policy", value_name = "DIR|BUNDLE")]
    pub policy: Vec<String>,
    /// Configuration file; without it `nephoscope.yaml` is searched from here up to the repository's root.
    #[arg(long, value_name = "FILE", env = "NEPHOSCOPE_CONFIG")]
    pub config: Option<PathBuf>,
    /// The lock file, `-` for standard output [default: `nephoscope.lock` beside the configuration, else in the working directory].
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// By whom they must be signed.
    #[command(flatten)]
    pub trust: TrustArgs,
}

/// `policy diff`.
#[derive(Debug, Args)]
pub struct DiffArgs {
    /// Folder or OPA bundle, or `builtin` for the built-in pack.
    pub a: String,
    /// The set to compare it with.
    pub b: String,
    /// What both judge.
    #[command(flatten)]
    pub input: OnArgs,
    /// Output.
    #[arg(short, long, value_name = "FMT", default_value = "human")]
    pub format: TableFormat,
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
    /// Run the policies of this folder or bundle in this process, without limits on memory, and not in a worker process (repeatable).
    #[arg(long = "trust", value_name = "DIR|BUNDLE")]
    pub in_process: Vec<String>,
    /// By whom they must be signed.
    #[command(flatten)]
    pub trust: TrustArgs,
}

/// What policies are tried on.
#[derive(Debug, Args)]
pub struct OnArgs {
    /// Inventories, or plans: files and folders; `-` is standard input.
    #[arg(long, value_name = "PATH", num_args = 1.., required = true)]
    pub on: Vec<String>,
    /// The instant to judge (RFC 3339, or a date for its first instant in UTC) [default: now].
    #[arg(long, value_name = "TIME", env = "NEPHOSCOPE_AS_OF", value_parser = instant)]
    pub as_of: Option<Timestamp>,
    /// Limits on inputs that are not to be trusted.
    #[command(flatten)]
    pub limits: LimitArgs,
    /// Threads [default: all cores].
    #[arg(short, long, value_name = "N", env = "NEPHOSCOPE_JOBS", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub jobs: Option<u16>,
}

/// `policy bench`.
#[derive(Debug, Args)]
pub struct BenchArgs {
    /// Policies to load.
    #[command(flatten)]
    pub policies: PolicyArgs,
    /// Inventories, or plans: files and folders; `-` is standard input [default: the examples beside the policies, each by its policy and on its own, so that hardly a verdict is remembered].
    #[arg(long, value_name = "PATH", num_args = 1..)]
    pub on: Vec<String>,
    /// Output.
    #[arg(short, long, value_name = "FMT", default_value = "human")]
    pub format: TableFormat,
    /// The instant to judge (RFC 3339, or a date for its first instant in UTC) [default: now; of examples the end of time].
    #[arg(long, value_name = "TIME", env = "NEPHOSCOPE_AS_OF", value_parser = instant)]
    pub as_of: Option<Timestamp>,
    /// Limits on inputs that are not to be trusted.
    #[command(flatten)]
    pub limits: LimitArgs,
    /// Threads; two that meet the same values at once both evaluate them.
    #[arg(short, long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=256))]
    pub jobs: u16,
}

/// `--format` where there is no report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum TableFormat {
    /// For people.
    Human,
    /// For programs.
    Json,
}
