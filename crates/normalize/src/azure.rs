//! Azure: the envelope of ARM resources and Resource Graph rows, and the table of their mappings.
//!
//! Source: Azure Resource Manager REST API `Resources - Get`, Azure Resource Graph "Understand the query language",
//! read 2026-11-23.

mod access_log;
mod api_management;
mod application_gateways;
mod blob_containers;
mod blob_services;
mod cdn_custom_domains;
mod cdn_endpoints;
mod container_registries;
mod database_firewall_rules;
mod diagnostic_settings;
mod disks;
mod flexible_server;
mod load_balancers;
mod managed_clusters;
mod messaging;
mod network_interfaces;
mod network_rules;
pub(crate) mod network_security_groups;
mod role_assignments;
mod role_definitions;
mod sites;
mod sql_databases;
mod sql_server;
mod sql_server_parts;
mod storage_account;
mod subscription_log;
mod subscriptions;
pub(crate) mod vault_keys;
mod vault_secrets;
mod vaults;
mod virtual_machines;

use std::collections::BTreeMap;

use nephoscope_model::{Dialect, Document, Relationship, Resource, ResourceKey};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::body::{Body, Section};
use crate::error::NormalizeError;
use crate::json::Text;
use crate::mapping::Mapping;
use crate::open::Opened;
use crate::time;

/// The name of the link to the virtual machine that a resource says it belongs to.
pub(crate) const MACHINE_LINK: &str = "virtualMachine";

/// The section that holds all but the envelope.
pub(crate) const PROPERTIES: &str = "/properties";

// Adding a type is one file under azure/ and one row here.
pub(crate) const MAPPINGS: &[Mapping] = &[
    api_management::MAPPING,
    application_gateways::MAPPING,
    blob_containers::MAPPING,
    blob_services::MAPPING,
    // Rows by id stand before the one that asks nothing.
    access_log::API_MAPPING,
    access_log::CDN_MAPPING,
    access_log::GATEWAY_MAPPING,
    diagnostic_settings::CLUSTER_MAPPING,
    subscription_log::MAPPING,
    diagnostic_settings::MAPPING,
    managed_clusters::MAPPING,
    network_interfaces::MAPPING,
    network_security_groups::MAPPING,
    network_security_groups::RULE_MAPPING,
    sites::MAPPING,
    sites::CONFIG_MAPPING,
    cdn_custom_domains::MAPPING,
    cdn_endpoints::MAPPING,
    container_registries::MAPPING,
    database_firewall_rules::MYSQL_MAPPING,
    database_firewall_rules::POSTGRESQL_MAPPING,
    database_firewall_rules::SQL_MAPPING,
    disks::MAPPING,
    flexible_server::MYSQL_MAPPING,
    flexible_server::POSTGRESQL_MAPPING,
    load_balancers::MAPPING,
    messaging::NAMESPACE,
    messaging::TOPIC,
    role_assignments::MAPPING,
    role_definitions::MAPPING,
    sql_databases::MAPPING,
    sql_databases::ENCRYPTION_MAPPING,
    sql_databases::RETENTION_MAPPING,
    sql_server::MAPPING,
    sql_server_parts::ADMINISTRATOR_MAPPING,
    sql_server_parts::AUDITING_MAPPING,
    sql_server_parts::ONLY_IDENTITIES_MAPPING,
    sql_server_parts::PROTECTOR_MAPPING,
    storage_account::MAPPING,
    subscriptions::MAPPING,
    vault_keys::MAPPING,
    vault_secrets::MAPPING,
    vaults::MAPPING,
    virtual_machines::MAPPING,
];

const ARM: &[Dialect] = &[Dialect::AzureArm, Dialect::AzureResourceGraph];

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Item<'a> {
    #[serde(default)]
    id: Text,
    #[serde(default)]
    name: Text,
    #[serde(default)]
    location: Text,
    #[serde(default)]
    etag: Text,
    #[serde(default)]
    created_time: Text,
    #[serde(default)]
    changed_time: Text,
    #[serde(default)]
    display_name: Text,
    #[serde(borrow, default)]
    system_data: Option<&'a RawValue>,
    #[serde(borrow, default)]
    tags: Option<&'a RawValue>,
    #[serde(borrow, default)]
    properties: Option<&'a RawValue>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase")]
struct SystemData {
    #[serde(default)]
    created_at: Text,
    #[serde(default)]
    last_modified_at: Text,
}

/// Services write what stands in the envelope elsewhere into their properties.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase")]
struct Envelope {
    #[serde(default)]
    creation_time: Text,
    #[serde(default)]
    virtual_machine: Option<Box<RawValue>>,
}

#[derive(Deserialize, Default)]
struct Reference {
    #[serde(default)]
    id: Text,
}

/// Reads the envelope of a resource or row.
pub(crate) fn open<'a>(
    document: &'a Document,
    mapping: Option<&'static Mapping>,
    mut resource: Resource,
) -> Result<Opened<'a>, NormalizeError> {
    let failed = |detail: String| NormalizeError::Document {
        dialect: document.dialect.as_str(),
        detail,
    };
    let item: Item<'a> = serde_json::from_str(document.body.get()).map_err(|error| failed(error.to_string()))?;
    resource.id = item.id.take().ok_or_else(|| failed("it has no `id`".to_owned()))?;
    let key = mapping.and_then(|row| row.key).and_then(|key| key(&resource));
    resource.key = ResourceKey(key.unwrap_or_else(|| resource.id.to_ascii_lowercase()));
    let last = resource.id.rsplit('/').next().unwrap_or_default().to_owned();
    resource.name = item.display_name.take().or(item.name.take()).unwrap_or(last);
    resource.account = segment(&resource.id, "subscriptions")
        .unwrap_or_default()
        .to_ascii_lowercase();
    resource.native_region = item.location.take().unwrap_or_default();
    resource.region = region(&resource.native_region);
    let system: SystemData = lenient(item.system_data);
    let envelope: Envelope = lenient(item.properties);
    let instant = |text: Option<String>| text.and_then(|text| time::parse(&text));
    resource.created_at = instant(item.created_time.take())
        .or_else(|| instant(system.created_at.take()))
        .or_else(|| instant(envelope.creation_time.take()));
    resource.changed_at = instant(item.changed_time.take()).or_else(|| instant(system.last_modified_at.take()));
    resource.state_id = item.etag.take();
    let machine: Reference = lenient(envelope.virtual_machine.as_deref());
    resource
        .relationships
        .extend(machine.id.take().map(|target| Relationship {
            name: MACHINE_LINK.to_owned(),
            native_type: None,
            target,
        }));
    let tags: BTreeMap<String, Text> = lenient(item.tags);
    resource.tags = tags
        .into_iter()
        .map(|(key, value)| (key, value.0.unwrap_or_default()))
        .collect();
    let body = Body {
        id: resource.id.clone(),
        native_type: resource.native_type.clone(),
        whole: document.body.get(),
        sections: (item.properties.into_iter())
            .map(|raw| Section {
                name: PROPERTIES,
                pointer: PROPERTIES,
                raw: raw.get(),
            })
            .collect(),
    };
    Ok(Opened { resource, body })
}

fn lenient<T: for<'de> Deserialize<'de> + Default>(raw: Option<&RawValue>) -> T {
    raw.and_then(|raw| serde_json::from_str(raw.get()).ok())
        .unwrap_or_default()
}

/// Returns what follows the segment `name` of an ARM id, whatever its case.
pub(crate) fn segment<'a>(id: &'a str, name: &str) -> Option<&'a str> {
    let mut segments = id.split('/');
    segments.find(|segment| segment.eq_ignore_ascii_case(name))?;
    segments.next().filter(|segment| !segment.is_empty())
}

/// Returns the key of the resource whose id ends before `separator` (in lower case).
pub(crate) fn whole_before(id: &str, separator: &str) -> Vec<String> {
    let id = id.to_ascii_lowercase();
    id.find(separator)
        .and_then(|end| id.get(..end))
        .map(str::to_owned)
        .into_iter()
        .collect()
}

/// Returns the name of a region from its name or display name: `West Europe` is `westeurope`.
pub(crate) fn region(location: &str) -> String {
    location
        .chars()
        .filter(|c| !c.is_whitespace())
        .map(|c| c.to_ascii_lowercase())
        .collect()
}
