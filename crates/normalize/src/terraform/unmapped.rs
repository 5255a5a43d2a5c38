//! Planned resources that are not mapped but decide what mapped kinds are about: a verdict without them is no whole one.
//!
//! Source: the documentation of the providers hashicorp/aws, hashicorp/awscc, hashicorp/azurerm, Azure/azapi and
//! hashicorp/google, each resource's own page.

use nephoscope_model::{CoverageGap, Document, Gap, GapScope, Reason, Resource, State};
use serde_json::Value;

use super::planned::Change;

const BUCKET: &str = "storage.bucket";
const FIREWALL: &str = "network.firewall";
const BALANCER: &str = "network.load_balancer";

const TYPES: &[(&str, &str)] = &[
    ("aws_alb", BALANCER),
    ("aws_alb_listener", BALANCER),
    ("aws_s3_access_point", BUCKET),
    ("aws_s3control_access_point_policy", BUCKET),
    ("awscc_ec2_security_group", FIREWALL),
    ("awscc_ec2_security_group_ingress", FIREWALL),
    ("awscc_s3_access_point", BUCKET),
    ("awscc_s3_bucket", BUCKET),
    ("awscc_s3_bucket_policy", BUCKET),
    ("azurerm_storage_account_static_website", BUCKET),
    ("google_compute_firewall_policy_rule", FIREWALL),
    ("google_compute_network_firewall_policy_rule", FIREWALL),
    ("google_compute_region_network_firewall_policy_rule", FIREWALL),
    ("google_storage_managed_folder_iam_binding", BUCKET),
    ("google_storage_managed_folder_iam_member", BUCKET),
    ("google_storage_managed_folder_iam_policy", BUCKET),
    ("google_storage_object_access_control", BUCKET),
    ("google_storage_object_acl", BUCKET),
];

/// Types of Azure's resource manager that `azapi` resources state in their argument `type`.
const AZAPI: &[(&str, &str)] = &[
    ("microsoft.network/networksecuritygroups", FIREWALL),
    ("microsoft.storage/storageaccounts", BUCKET),
];

/// Returns the gap for a resource that bears on a kind and was not mapped.
pub(crate) fn gap(document: &Document, resource: &Resource) -> Option<CoverageGap> {
    if resource.state == State::Deleted {
        return None;
    }
    let native_type = document.native_type.as_str();
    let of = |table: &[(&str, &'static str)], name: &str| {
        let row = table.iter().find(|(listed, _)| *listed == name)?;
        Some(row.1)
    };
    let kind = match native_type {
        "aws_s3_object" | "aws_s3_bucket_object" | "aws_s3_object_copy" => published(document).then_some(BUCKET),
        "azapi_resource" | "azapi_update_resource" => of_azapi(document, of),
        _ => of(TYPES, native_type),
    }?;
    let origin = &document.origin;
    Some(CoverageGap {
        scope: GapScope {
            input: Some(origin.file.to_string()),
            provider: Some(document.provider),
            account: Some(resource.account.clone()).filter(|account| !account.is_empty()),
            region: None,
            native_type: Some(native_type.to_owned()),
            resource: Some(resource.id.clone()),
        },
        gap: Gap::with(Reason::NotRead, format!("{native_type} {}", resource.id)),
        message: format!(
            "`{}` bears on {kind}, but resources of the type {native_type} are not read",
            resource.id
        ),
        line: None,
        offset: Some(origin.offset),
        incomplete: true,
        accepted_by: None,
    })
}

fn change(document: &Document) -> Option<Change> {
    serde_json::from_str(document.body.get()).ok()
}

/// Whether an object has, or may have, a canned access control list that lets others than the owner of the bucket read it.
/// The list is private where none is set.
fn published(document: &Document) -> bool {
    let Some(change) = change(document) else { return true };
    match change.values.as_ref().and_then(|values| values.get("acl")) {
        Some(Value::String(acl)) => matches!(acl.as_str(), "public-read" | "public-read-write" | "authenticated-read"),
        // The provider fills it in where it is not set; what the configuration refers to may be anything.
        _ => change.unknown.get("acl") == Some(&Value::Bool(true)) && change.references.contains_key("/acl"),
    }
}

fn of_azapi(
    document: &Document,
    of: impl Fn(&[(&str, &'static str)], &str) -> Option<&'static str>,
) -> Option<&'static str> {
    let change = change(document)?;
    // `Microsoft.Storage/storageAccounts/blobServices@2023-01-01`
    let stated = change.values.as_ref()?.get("type")?.as_str()?.to_ascii_lowercase();
    let path = stated.split('@').next().unwrap_or_default();
    let whole: Vec<&str> = path.split('/').take(2).collect();
    of(AZAPI, &whole.join("/"))
}
