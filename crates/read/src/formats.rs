//! Every format that is recognized: one row and one file each. Recognition is by content, the first row that fits wins.

use crate::job::Reader;
use crate::shape::Shape;

mod arm_template;
mod aws_api;
mod aws_cloudtrail;
mod aws_config_files;
mod aws_config_item;
mod aws_config_items;
mod aws_config_messages;
mod aws_config_query;
mod azure_activity_log;
mod azure_arm;
mod azure_changes;
mod azure_resource_graph;
mod azure_resource_graph_table;
mod cloudformation;
mod gcp_api;
mod gcp_audit;
mod gcp_cai;
pub(crate) mod terraform_plan;
mod terraform_references;
mod terraform_state;

/// One format.
pub(crate) struct Format {
    /// Name in reports.
    pub(crate) name: &'static str,
    /// Whether the outline of a text is of this format.
    pub(crate) fits: fn(&Shape) -> bool,
    /// How it is read.
    pub(crate) read: Reader,
}

/// A row of the table: name, recognition, reader.
const fn row(name: &'static str, fits: fn(&Shape) -> bool, read: Reader) -> Format {
    Format { name, fits, read }
}

pub(crate) const FORMATS: &[Format] = &[
    row("terraform_plan", terraform_plan::fits, terraform_plan::read),
    row("terraform_state", terraform_state::fits, terraform_state::read),
    row("aws_config_files", aws_config_files::fits, aws_config_files::read),
    row("aws_config_query", aws_config_query::fits, aws_config_query::read),
    row("aws_config_items", aws_config_items::fits, aws_config_items::read),
    row(
        "aws_config_message",
        aws_config_messages::fits,
        aws_config_messages::read,
    ),
    row("aws_cloudtrail", aws_cloudtrail::fits, aws_cloudtrail::read),
    row(
        "azure_resource_graph_table",
        azure_resource_graph_table::fits,
        azure_resource_graph_table::read,
    ),
    row(
        "azure_resource_graph",
        azure_resource_graph::fits,
        azure_resource_graph::read,
    ),
    row("azure_changes", azure_changes::fits, azure_changes::read),
    row("azure_activity_log", azure_activity_log::fits, azure_activity_log::read),
    row("arm_template", arm_template::fits, arm_template::read),
    row("azure_arm_list", azure_arm::fits_list, azure_arm::read_list),
    row("gcp_cai", gcp_cai::fits, gcp_cai::read),
    row("gcp_audit_log", gcp_audit::fits, gcp_audit::read),
    row("cloudformation", cloudformation::fits, cloudformation::read),
    row(
        "azure_arm_resource",
        azure_arm::fits_resource,
        azure_arm::read_resources,
    ),
    row("aws_api", aws_api::fits, aws_api::read),
    row("gcp_api", gcp_api::fits, gcp_api::read),
];

/// The name of the one format that is recognized by words instead of an outline.
pub(crate) const CLOUDFORMATION_YAML: &str = "cloudformation_yaml";

pub(crate) use cloudformation::{is_yaml, read_yaml};

/// Returns the format of an outline.
pub(crate) fn recognize(shape: &Shape) -> Option<&'static Format> {
    FORMATS.iter().find(|format| (format.fits)(shape))
}

/// Returns the names that [`InputRecord::format`](nephoscope_model::InputRecord) may have, sorted.
pub fn names() -> Vec<&'static str> {
    let mut names: Vec<&str> = FORMATS.iter().map(|format| format.name).collect();
    names.push(CLOUDFORMATION_YAML);
    names.extend(crate::raw::NAMES);
    names.extend(aws_config_files::NAMES);
    names.extend(aws_config_messages::NAMES);
    names.extend(gcp_cai::NAMES);
    names.sort_unstable();
    names.dedup();
    names
}
