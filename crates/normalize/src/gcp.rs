//! Google Cloud: the envelope of Cloud Asset Inventory's assets, and the table of their mappings.
//!
//! Source: Cloud Asset Inventory API `Asset`, "Asset names", read 2026-11-23. Exports by `gcloud` and BigQuery have
//! field names in snake_case, the REST API and feeds in camelCase.

pub(crate) mod artifact_repository;
mod backend_service;
pub(crate) mod bucket;
mod cloud_function;
mod cluster;
pub(crate) mod crypto_key;
pub(crate) mod denials;
mod disk;
mod firewall;
mod forwarding_rule;
pub(crate) mod iam_policy;
mod iam_role;
mod instance;
mod invokers;
mod log_sink;
mod member_grants;
mod project;
mod public_bindings;
pub(crate) mod pubsub;
mod run_service;
pub(crate) mod secret;
mod service_account;
mod service_account_key;
pub(crate) mod sql_instance;
mod ssl_policy;
mod target_proxy;
mod url_map;
mod workload_identity_provider;

use std::collections::BTreeMap;

use nephoscope_model::{Dialect, Document, Fact, Gap, Reason, Relationship, Resource, ResourceKey};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::body::{Body, Section};
use crate::error::NormalizeError;
use crate::group::{Built, Group};
use crate::json::Text;
use crate::mapping::Mapping;
use crate::open::Opened;
use crate::{storage, time};

/// The section with the resource as its own API writes it.
pub(crate) const DATA: &str = "/resource/data";
/// The section with the IAM policy set on the resource.
pub(crate) const IAM_POLICY: &str = "/iam_policy";
/// The link to the project, by number.
pub(crate) const PROJECT_LINK: &str = "project";

const PROJECTS: &str = "//cloudresourcemanager.googleapis.com/";

// Adding a type is one file under gcp/ and one row here.
pub(crate) const MAPPINGS: &[Mapping] = &[
    artifact_repository::MAPPING,
    backend_service::MAPPING,
    bucket::MAPPING,
    cloud_function::MAPPING,
    cloud_function::SECOND_MAPPING,
    cluster::MAPPING,
    crypto_key::MAPPING,
    disk::MAPPING,
    disk::REGION_MAPPING,
    firewall::MAPPING,
    forwarding_rule::GLOBAL_MAPPING,
    forwarding_rule::MAPPING,
    iam_role::MAPPING,
    instance::MAPPING,
    log_sink::MAPPING,
    project::FOLDER_MAPPING,
    project::MAPPING,
    project::ORGANIZATION_MAPPING,
    pubsub::SUBSCRIPTION,
    pubsub::TOPIC,
    run_service::MAPPING,
    secret::MAPPING,
    service_account::MAPPING,
    service_account_key::MAPPING,
    sql_instance::MAPPING,
    ssl_policy::MAPPING,
    target_proxy::HTTP_MAPPING,
    target_proxy::HTTPS_MAPPING,
    target_proxy::SSL_MAPPING,
    url_map::MAPPING,
    workload_identity_provider::MAPPING,
];

const CAI: &[Dialect] = &[Dialect::GcpCai];

/// Exports before 2019 have type names of another form. Source: real exports of that time.
const OLD_TYPES: &[(&str, &str)] = &[
    ("google.compute.", "compute.googleapis.com/"),
    ("google.container.", "container.googleapis.com/"),
    ("google.cloud.storage.", "storage.googleapis.com/"),
    ("google.cloud.resourcemanager.", "cloudresourcemanager.googleapis.com/"),
];

/// Returns the name of a type of which the table has the present name.
pub(crate) fn canonical_type(native_type: &str) -> std::borrow::Cow<'_, str> {
    (OLD_TYPES.iter())
        .find_map(|(old, new)| native_type.strip_prefix(old).map(|name| format!("{new}{name}").into()))
        .unwrap_or(native_type.into())
}

#[derive(Deserialize)]
struct Asset<'a> {
    #[serde(default)]
    name: Text,
    #[serde(default)]
    update_time: Text,
    #[serde(default, rename = "updateTime")]
    update_time_camel: Text,
    #[serde(default)]
    ancestors: Option<Vec<Text>>,
    #[serde(default)]
    ancestry_path: Text,
    #[serde(borrow, default)]
    resource: Option<&'a RawValue>,
    #[serde(borrow, default)]
    iam_policy: Option<&'a RawValue>,
    #[serde(borrow, default, rename = "iamPolicy")]
    iam_policy_camel: Option<&'a RawValue>,
}

#[derive(Deserialize, Default)]
struct Inner<'a> {
    #[serde(default)]
    parent: Text,
    #[serde(default)]
    location: Text,
    #[serde(borrow, default)]
    data: Option<&'a RawValue>,
}

/// What the APIs of the services call the fields of an envelope.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase")]
struct Data {
    #[serde(default)]
    name: Text,
    #[serde(default)]
    display_name: Text,
    #[serde(default)]
    location: Text,
    #[serde(default)]
    region: Text,
    #[serde(default)]
    zone: Text,
    #[serde(default)]
    project_id: Text,
    #[serde(default)]
    project_number: Text,
    #[serde(default)]
    labels: Option<BTreeMap<String, Text>>,
    #[serde(default)]
    etag: Text,
    #[serde(default)]
    creation_timestamp: Text,
    #[serde(default)]
    create_time: Text,
    #[serde(default)]
    time_created: Text,
    #[serde(default)]
    updated: Text,
    #[serde(default)]
    update_time: Text,
}

/// Reads the envelope of an asset.
pub(crate) fn open<'a>(
    document: &'a Document,
    mapping: Option<&'static Mapping>,
    mut resource: Resource,
) -> Result<Opened<'a>, NormalizeError> {
    let failed = |detail: String| NormalizeError::Document {
        dialect: document.dialect.as_str(),
        detail,
    };
    let asset: Asset<'a> = serde_json::from_str(document.body.get()).map_err(|error| failed(error.to_string()))?;
    resource.id = asset.name.take().ok_or_else(|| failed("it has no `name`".to_owned()))?;
    let key = mapping.and_then(|row| row.key).and_then(|key| key(&resource));
    resource.key = ResourceKey(key.unwrap_or_else(|| resource.id.clone()));
    let inner: Inner<'a> = asset
        .resource
        .and_then(|raw| serde_json::from_str(raw.get()).ok())
        .unwrap_or_default();
    let data: Data = inner
        .data
        .and_then(|raw| serde_json::from_str(raw.get()).ok())
        .unwrap_or_default();

    let ancestors: Option<Vec<String>> = asset
        .ancestors
        .map(|list| list.into_iter().filter_map(Text::take).collect());
    // Top first, with the project at the end.
    let line = match ancestors {
        Some(nearest_first) if !nearest_first.is_empty() => nearest_first.into_iter().rev().collect(),
        _ => asset
            .ancestry_path
            .take()
            .map(|path| ancestry(&path))
            .unwrap_or_default(),
    };
    let parent = inner
        .parent
        .take()
        .and_then(|parent| parent.strip_prefix(PROJECTS).map(str::to_owned));
    let project = (line.iter().find(|ancestor| ancestor.starts_with("projects/")).cloned())
        .or(parent.filter(|parent| parent.starts_with("projects/")))
        .or_else(|| {
            data.project_number
                .clone()
                .take()
                .map(|number| format!("projects/{number}"))
        });
    let named = segment(&resource.id, "projects").map(str::to_owned);
    // A project's own asset is named by number but says its id itself.
    let stated = resource
        .id
        .starts_with(PROJECTS)
        .then(|| data.project_id.clone().take())
        .flatten();
    resource.account = (stated.or(named))
        .or_else(|| {
            project
                .as_deref()
                .and_then(|project| project.strip_prefix("projects/"))
                .map(str::to_owned)
        })
        .unwrap_or_default();
    resource.org_path = line
        .into_iter()
        .filter(|ancestor| !ancestor.starts_with("projects/"))
        .collect();
    if let Some(project) = project {
        resource.relationships = vec![Relationship {
            name: PROJECT_LINK.to_owned(),
            native_type: Some("cloudresourcemanager.googleapis.com/Project".to_owned()),
            target: format!("{PROJECTS}{project}"),
        }];
    }

    let last = resource.id.rsplit('/').next().unwrap_or_default().to_owned();
    // Some services give the whole path as name, as the asset does.
    let own = data.name.take().filter(|name| !name.contains('/'));
    resource.name = data.display_name.take().or(own).unwrap_or(last);
    // `region` and `zone` are URLs, or the bare name.
    let place = [
        inner.location.take(),
        data.location.take(),
        data.region.take(),
        data.zone.take(),
    ];
    let place = place.into_iter().flatten().next();
    let place = place.or_else(|| place_of(&resource.id));
    resource.native_region = place
        .as_deref()
        .and_then(|url| url.rsplit('/').next())
        .unwrap_or_default()
        .to_owned();
    resource.region = resource.native_region.to_ascii_lowercase();
    let labels = data.labels.unwrap_or_default().into_iter();
    resource.tags = labels.map(|(key, value)| (key, value.0.unwrap_or_default())).collect();
    let instant = |text: Option<String>| text.and_then(|text| time::parse(&text));
    let created = [
        data.creation_timestamp.take(),
        data.create_time.take(),
        data.time_created.take(),
    ];
    resource.created_at = instant(created.into_iter().flatten().next());
    let updated = asset.update_time.take().or(asset.update_time_camel.take());
    resource.changed_at = instant(updated.clone()).or_else(|| instant(data.updated.take().or(data.update_time.take())));
    // An export does not say in each line when it looked, but it cannot have been before the last change.
    resource.observed_at = resource.observed_at.or_else(|| instant(updated.clone()));
    resource.state_id = data.etag.take().or(updated);

    let iam = asset
        .iam_policy
        .map(|raw| (IAM_POLICY, raw))
        .or(asset.iam_policy_camel.map(|raw| ("/iamPolicy", raw)));
    let mut sections: Vec<Section<'a>> = Vec::new();
    sections.extend(inner.data.map(|raw| Section {
        name: DATA,
        pointer: DATA,
        raw: raw.get(),
    }));
    sections.extend(iam.map(|(pointer, raw)| Section {
        name: IAM_POLICY,
        pointer,
        raw: raw.get(),
    }));
    let body = Body {
        id: resource.id.clone(),
        native_type: resource.native_type.clone(),
        whole: document.body.get(),
        sections,
    };
    Ok(Opened { resource, body })
}

/// `organization/1/folder/2/project/3`, also in plural, as the list it stands for.
fn ancestry(path: &str) -> Vec<String> {
    let segments: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).collect();
    (segments.chunks_exact(2))
        .filter_map(|pair| match pair {
            [kind, id] => Some(format!("{}s/{id}", kind.trim_end_matches('s'))),
            _ => None,
        })
        .collect()
}

fn segment<'a>(name: &'a str, kind: &str) -> Option<&'a str> {
    let mut segments = name.split('/');
    segments.find(|segment| *segment == kind)?;
    segments.next().filter(|segment| !segment.is_empty())
}

/// Returns the name of the asset that a URL of Compute Engine leads to, whatever host and version stand in front.
fn asset_of(url: &str) -> Option<String> {
    let path = url.get(url.find("projects/")?..)?;
    Some(format!("//compute.googleapis.com/{path}"))
}

/// Builds what has no attributes of its own and is looked at by others.
fn empty(_: &Group<'_>) -> Built {
    Built {
        attributes: Value::Object(Map::new()),
        ..Built::default()
    }
}

/// Returns the whole days of a duration in JSON: `7776000s`. Source: Protocol Buffers, `google.protobuf.Duration`.
pub(crate) fn whole_days(text: &str) -> Fact<u32> {
    let seconds = text
        .strip_suffix('s')
        .map(|text| text.split('.').next().unwrap_or(text));
    match seconds.and_then(|text| text.parse::<i64>().ok()) {
        Some(seconds) => Fact::Known(storage::days(seconds / 86_400)),
        None => Fact::Unknown(Gap::with(Reason::ParseError, format!("`{text}` is no duration"))),
    }
}

/// Returns the location that the name of an asset holds.
fn place_of(name: &str) -> Option<String> {
    let named = ["zones", "regions", "locations"]
        .into_iter()
        .find_map(|kind| segment(name, kind));
    named
        .map(str::to_owned)
        .or_else(|| name.contains("/global/").then(|| "global".to_owned()))
}
