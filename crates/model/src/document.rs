//! Native documents: one resource, or a part of one, as its cloud or deployment tool wrote it.

use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::raw_json::RawJson;
use crate::resource::State;

/// A cloud, or none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Provider {
    /// Amazon Web Services.
    Aws,
    /// Microsoft Azure.
    Azure,
    /// Google Cloud.
    Gcp,
    /// None: a document that is judged as it stands belongs to no cloud, but to its file.
    File,
}

impl Provider {
    /// Every cloud, in the order of reports.
    pub const ALL: [Provider; 3] = [Provider::Aws, Provider::Azure, Provider::Gcp];

    /// Returns the name used in every output: `aws`, `azure`, `gcp` or `file`.
    pub fn as_str(self) -> &'static str {
        match self {
            Provider::Aws => "aws",
            Provider::Azure => "azure",
            Provider::Gcp => "gcp",
            Provider::File => "file",
        }
    }
}

impl fmt::Display for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The encoding a document came in; with the native type it chooses the mapping.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Dialect {
    /// One AWS Config configuration item, in any of its three dialects.
    AwsConfig,
    /// One resource as the Azure Resource Manager API returns it.
    AzureArm,
    /// One row of Azure Resource Graph.
    AzureResourceGraph,
    /// One asset of Cloud Asset Inventory: field names as written, snake_case or camelCase.
    GcpCai,
    /// One planned resource of a Terraform plan; see [`Document::body`].
    TerraformPlan,
    /// Any document, as it stands.
    Raw,
}

impl Dialect {
    /// Returns the name used in every output, for example `aws_config`.
    pub fn as_str(self) -> &'static str {
        match self {
            Dialect::AwsConfig => "aws_config",
            Dialect::AzureArm => "azure_arm",
            Dialect::AzureResourceGraph => "azure_resource_graph",
            Dialect::GcpCai => "gcp_cai",
            Dialect::TerraformPlan => "terraform_plan",
            Dialect::Raw => "raw",
        }
    }
}

/// Where a document stands, so that it can be found again.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Origin {
    /// Path as given or found, with `/` between parts, relative to the working directory; `-` for standard input.
    pub file: Arc<str>,
    /// Byte offset of the document in the decoded text (after decompression and transcoding to UTF-8).
    pub offset: u64,
    /// Length in bytes in the decoded text.
    pub length: u64,
    /// JSON Pointer of the document in the value that begins at `offset`; empty but for documents inside strings or plans. Of a
    /// document that is judged as it stands and is not the only one of its file: its place among them, `/0` for the first.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub pointer: String,
}

/// One native document on its way to normalization: the door by which files, plans and live answers enter.
#[derive(Debug, Clone)]
pub struct Document {
    /// Which cloud.
    pub provider: Provider,
    /// The native type as written, for example `AWS::S3::Bucket`, `microsoft.storage/storageaccounts`,
    /// `storage.googleapis.com/Bucket`, `aws_s3_bucket`.
    pub native_type: String,
    /// Which encoding.
    pub dialect: Dialect,
    /// When the source looked, UTC; `None` where it does not say.
    pub observed_at: Option<Timestamp>,
    /// What the document says the resource is.
    pub state: State,
    /// Where it stands.
    pub origin: Origin,
    /// Where it begins in the decoded text of its input; `None` where `body` is not that text, unless it is judged as it stands.
    pub begin: Option<Begin>,
    /// The native JSON, untouched.
    ///
    /// * AWS Config: the configuration item. Azure: the resource or row as an object. CAI: the asset object.
    /// * Terraform plan: `{"address", "type", "name", "module"?, "actions", "values", "unknown", "before"?,
    ///   "references", "provider": {"provider_config_key"?, "region"?, "project"?, …}}`. `provider` holds the constants of the
    ///   provider block in use, and `provider_config_key`, by which `configuration` names that block. `values` is `change.after`, `unknown` is `change.after_unknown`, `before` is
    ///   `change.before` of an existing resource, `references` maps a JSON Pointer into the resource's
    ///   values (`/bucket`, `/ingress/0/security_groups`) to the addresses it refers to, from `configuration`.
    ///   Of what the plan deletes (the state is [`State::Deleted`], `actions` is `["delete"]`) or forgets (`["forget"]`:
    ///   it goes on as it was) `values` is `change.before` too, and `unknown` and `references` are empty.
    /// * Raw: the document; of one in YAML its value as JSON.
    pub body: RawJson,
}

/// A place in a text for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Begin {
    /// Line, from 1.
    pub line: u64,
    /// Characters before it on that line.
    pub column: u64,
}

/// What a source says about having read a scope in full: a whole snapshot does, a list of items does not.
///
/// Absent neighbors are *known* absent only in a scope that was read in full.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub struct ScopeRead {
    /// Which cloud.
    pub provider: Provider,
    /// Account, subscription or project.
    pub account: String,
    /// Region, or `None` where the statement covers every region.
    pub region: Option<String>,
    /// The native type read in full, or `None` for every type the source records.
    pub native_type: Option<String>,
    /// The resource below which it was read, in canonical spelling; `None` where the statement is about the whole account.
    pub within: Option<String>,
}
