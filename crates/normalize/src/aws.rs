//! AWS: the envelope of AWS Config's configuration items, and the table of their mappings.
//!
//! One item comes in three dialects (history and batch API; SelectResourceConfig; snapshot and history files,
//! rule events and EventBridge), which differ in spelling, and in what is JSON and what JSON inside of a string.
//! Source: AWS Config API Reference `ConfigurationItem`, AWS Config Developer Guide "Example configuration item
//! change notification", read 2026-11-23.

pub(crate) mod account_public_access_block;
mod apigateway_stage;
mod cloudfront_distribution;
mod cloudtrail_trail;
mod ec2_instance;
mod ec2_security_group;
mod ec2_volume;
pub(crate) mod ecr_repository;
mod eks_cluster;
mod elb_load_balancer;
pub(crate) mod elb_tls_policy;
mod elbv2_listener;
mod elbv2_load_balancer;
mod iam_group;
mod iam_policy;
mod iam_rights;
mod iam_role;
mod iam_user;
pub(crate) mod kms_key;
pub(crate) mod lambda_function;
mod managed_policies;
pub(crate) mod policy_document;
pub(crate) mod rds;
mod rds_db_cluster;
mod rds_db_instance;
pub(crate) mod resource_policy;
pub(crate) mod s3_access;
mod s3_bucket;
pub(crate) mod s3_policy;
mod secretsmanager_secret;
pub(crate) mod sns_topic;
pub(crate) mod sqs_queue;
mod trust_policy;
mod web_identity;

use std::collections::BTreeMap;
use std::fmt;

use nephoscope_model::{Dialect, Document, Gap, RawJson, Reason, Relationship, Resource, ResourceKey, State, Unknown};
use serde::Deserialize;
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use crate::body::{Body, Section};
use crate::error::NormalizeError;
use crate::json::{self, Text};
use crate::mapping::Mapping;
use crate::open::Opened;
use crate::time;

/// The section with what the resource's service says of it.
pub(crate) const CONFIGURATION: &str = "/configuration";
/// The section with what AWS Config asked for besides.
pub(crate) const SUPPLEMENTARY: &str = "/supplementaryConfiguration";

const CONFIG: &[Dialect] = &[Dialect::AwsConfig];

// Adding a type is one file under aws/ and one row here.
pub(crate) const MAPPINGS: &[Mapping] = &[
    account_public_access_block::MAPPING,
    apigateway_stage::MAPPING,
    apigateway_stage::V2_MAPPING,
    cloudfront_distribution::MAPPING,
    cloudtrail_trail::MAPPING,
    ec2_instance::MAPPING,
    ec2_security_group::MAPPING,
    ec2_volume::MAPPING,
    ecr_repository::MAPPING,
    eks_cluster::MAPPING,
    elb_load_balancer::MAPPING,
    elbv2_listener::MAPPING,
    elbv2_load_balancer::MAPPING,
    iam_group::MAPPING,
    iam_policy::MAPPING,
    iam_role::MAPPING,
    iam_user::MAPPING,
    kms_key::MAPPING,
    lambda_function::MAPPING,
    rds_db_cluster::MAPPING,
    rds_db_instance::MAPPING,
    s3_bucket::MAPPING,
    secretsmanager_secret::MAPPING,
    sns_topic::MAPPING,
    sqs_queue::MAPPING,
];

/// The fields of an item that every type has, each in every spelling seen.
#[derive(Default)]
struct Item<'a> {
    arn: Text,
    arn_of_stream: Text,
    account_id: Text,
    aws_account_id: Text,
    resource_id: Text,
    resource_name: Text,
    aws_region: Text,
    configuration_item_status: Text,
    configuration_item_capture_time: Text,
    resource_creation_time: Text,
    configuration_state_id: Text,
    configuration_state_id_of_old: Text,
    tags: Option<&'a str>,
    relationships: Option<&'a str>,
    configuration: Option<&'a str>,
    supplementary_configuration: Option<&'a str>,
}

impl<'a> Item<'a> {
    fn of(body: &'a RawJson) -> Result<Item<'a>, serde_json::Error> {
        let mut item = Item::default();
        for (key, value) in body.members()? {
            item.set(&key, value);
        }
        Ok(item)
    }

    fn set(&mut self, key: &str, value: &'a str) {
        let text = match key {
            "arn" => &mut self.arn,
            "ARN" => &mut self.arn_of_stream,
            "accountId" => &mut self.account_id,
            "awsAccountId" => &mut self.aws_account_id,
            "resourceId" => &mut self.resource_id,
            "resourceName" => &mut self.resource_name,
            "awsRegion" => &mut self.aws_region,
            "configurationItemStatus" => &mut self.configuration_item_status,
            "configurationItemCaptureTime" => &mut self.configuration_item_capture_time,
            "resourceCreationTime" => &mut self.resource_creation_time,
            "configurationStateId" => &mut self.configuration_state_id,
            "configurationStateID" => &mut self.configuration_state_id_of_old,
            _ => {
                let section = match key {
                    "tags" => &mut self.tags,
                    "relationships" => &mut self.relationships,
                    "configuration" => &mut self.configuration,
                    "supplementaryConfiguration" => &mut self.supplementary_configuration,
                    _ => return,
                };
                *section = (value != "null").then_some(value);
                return;
            }
        };
        *text = Text::of(value);
    }
}

/// Reads the envelope of a configuration item.
pub(crate) fn open<'a>(
    document: &'a Document,
    mapping: Option<&'static Mapping>,
    mut resource: Resource,
) -> Result<Opened<'a>, NormalizeError> {
    let item = Item::of(&document.body).map_err(|error| NormalizeError::Document {
        dialect: document.dialect.as_str(),
        detail: error.to_string(),
    })?;
    let arn = item.arn.take().or(item.arn_of_stream.take());
    let resource_id = item.resource_id.take();
    resource.account = (item.account_id.take())
        .or(item.aws_account_id.take())
        .or_else(|| arn.as_deref().and_then(account_of))
        .unwrap_or_default();
    resource.native_region = item.aws_region.take().unwrap_or_default();
    resource.region = resource.native_region.to_ascii_lowercase();
    resource.name = (item.resource_name.take())
        .or_else(|| resource_id.clone())
        .unwrap_or_default();
    resource.created_at = item.resource_creation_time.take().and_then(|text| time::parse(&text));
    let captured = item
        .configuration_item_capture_time
        .take()
        .and_then(|text| time::parse(&text));
    resource.observed_at = resource.observed_at.or(captured);
    resource.state_id = item
        .configuration_state_id
        .take()
        .or(item.configuration_state_id_of_old.take());
    let status = item.configuration_item_status.take().unwrap_or_default();
    if status.starts_with("ResourceDeleted") {
        resource.state = State::Deleted;
    } else if status == "ResourceNotRecorded" {
        let gap = Gap::with(Reason::NotRecorded, resource.native_type.clone());
        resource.unknown = vec![Unknown {
            path: "/attributes".to_owned(),
            gap,
        }];
    }
    resource.tags = tags(&[
        (item.tags, ""),
        (item.configuration, "tags"),
        (item.supplementary_configuration, "Tags"),
    ]);
    resource.relationships = relationships(item.relationships);
    name(&mut resource, mapping, arn, resource_id)?;
    let sections = [
        (CONFIGURATION, item.configuration),
        (SUPPLEMENTARY, item.supplementary_configuration),
    ];
    let body = Body {
        id: resource.id.clone(),
        native_type: resource.native_type.clone(),
        whole: document.body.get(),
        sections: (sections.into_iter())
            .filter_map(|(name, raw)| {
                Some(Section {
                    name,
                    pointer: name,
                    raw: raw?,
                })
            })
            .collect(),
    };
    Ok(Opened { resource, body })
}

/// Sets id and key: the ARN as stated, else as it follows from the item's fields, else the fields themselves.
fn name(
    resource: &mut Resource,
    mapping: Option<&'static Mapping>,
    arn: Option<String>,
    resource_id: Option<String>,
) -> Result<(), NormalizeError> {
    let Some(id) = arn
        .clone()
        .or(resource_id.clone())
        .or_else(|| Some(resource.name.clone()))
        .filter(|id| !id.is_empty())
    else {
        return Err(NormalizeError::Document {
            dialect: Dialect::AwsConfig.as_str(),
            detail: "it has neither `arn` nor `resourceId`".to_owned(),
        });
    };
    resource.id = resource_id.unwrap_or_else(|| id.clone());
    let computed = mapping.and_then(|row| row.key).and_then(|key| key(resource));
    let key = arn.clone().or(computed).unwrap_or_else(|| {
        let Resource {
            account,
            region,
            native_type,
            id,
            ..
        } = &*resource;
        format!("aws:{account}:{region}:{native_type}:{id}")
    });
    resource.id = match arn {
        Some(arn) => arn,
        None if key.starts_with("arn:") => key.clone(),
        None => id,
    };
    resource.key = ResourceKey(key);
    Ok(())
}

/// Returns the partition of a region. Source: AWS General Reference "Amazon Resource Names", read 2026-11-23.
pub(crate) fn partition(region: &str) -> &'static str {
    match region.split('-').next() {
        Some("cn") => "aws-cn",
        Some("us") if region.starts_with("us-gov-") => "aws-us-gov",
        _ => "aws",
    }
}

fn account_of(arn: &str) -> Option<String> {
    arn.split(':')
        .nth(4)
        .filter(|account| !account.is_empty())
        .map(str::to_owned)
}

/// Tags are a map, a list of `{key, value}` (`{tagKey, tagValue}`, `{Key, Value}`), or either inside of a string; the
/// item's own come first, then those of the configuration, then the supplementary ones.
fn tags(places: &[(Option<&str>, &str)]) -> BTreeMap<String, String> {
    for (raw, field) in places {
        let Some(raw) = raw else { continue };
        let found = match *field {
            "" => read_tags(raw),
            // Most hold none: to look for the words costs a hundredth of parsing.
            _ if !TAG_FIELDS.iter().any(|field| finds(raw, field)) => BTreeMap::new(),
            _ => match json::unwrapped::<TagHolder>(raw) {
                Ok(Some(holder)) => [holder.tags, holder.tag_list, holder.upper]
                    .iter()
                    .flatten()
                    .map(|raw| read_tags(raw.get()))
                    .find(|tags| !tags.is_empty())
                    .unwrap_or_default(),
                _ => BTreeMap::new(),
            },
        };
        if !found.is_empty() {
            return found;
        }
    }
    BTreeMap::new()
}

/// Words of which one is in every text that a [`TagHolder`] finds tags in, also where it is JSON in a string.
const TAG_FIELDS: [&str; 2] = ["tag", "Tag"];

fn finds(text: &str, word: &str) -> bool {
    memchr::memmem::find(text.as_bytes(), word.as_bytes()).is_some()
}

#[derive(Deserialize)]
struct TagHolder {
    #[serde(default)]
    tags: Option<Box<RawValue>>,
    #[serde(default, rename = "tagList")]
    tag_list: Option<Box<RawValue>>,
    #[serde(default, rename = "Tags")]
    upper: Option<Box<RawValue>>,
}

enum Tags {
    List(Vec<Tag>),
    Map(BTreeMap<String, Text>),
}

impl<'de> Deserialize<'de> for Tags {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = Tags;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list or a map of tags")
            }
            fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Tags, A::Error> {
                Deserialize::deserialize(SeqAccessDeserializer::new(seq)).map(Tags::List)
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Tags, A::Error> {
                Deserialize::deserialize(MapAccessDeserializer::new(map)).map(Tags::Map)
            }
        }
        deserializer.deserialize_any(Either)
    }
}

#[derive(Deserialize)]
struct Tag {
    #[serde(default, alias = "Key", alias = "tagKey")]
    key: Text,
    #[serde(default, alias = "Value", alias = "tagValue")]
    value: Text,
}

fn read_tags(raw: &str) -> BTreeMap<String, String> {
    if matches!(raw, "[]" | "{}") {
        return BTreeMap::new();
    }
    match json::unwrapped(raw) {
        Ok(Some(Tags::List(list))) => (list.into_iter())
            .filter_map(|tag| Some((tag.key.take()?, tag.value.0.unwrap_or_default())))
            .collect(),
        Ok(Some(Tags::Map(map))) => map
            .into_iter()
            .map(|(key, value)| (key, value.0.unwrap_or_default()))
            .collect(),
        Ok(None) | Err(_) => BTreeMap::new(),
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Link {
    #[serde(default)]
    resource_type: Text,
    #[serde(default)]
    resource_id: Text,
    #[serde(default)]
    resource_name: Text,
    #[serde(default)]
    relationship_name: Text,
    #[serde(default)]
    name: Text,
}

fn relationships(raw: Option<&str>) -> Vec<Relationship> {
    let links: Option<Vec<Link>> = (raw.filter(|raw| *raw != "[]")).and_then(|raw| json::unwrapped(raw).ok().flatten());
    let mut links: Vec<Relationship> = (links.unwrap_or_default().into_iter())
        .filter_map(|link| {
            Some(Relationship {
                name: link.relationship_name.take().or(link.name.take()).unwrap_or_default(),
                native_type: link.resource_type.take(),
                // Some links to IAM resources give only the name.
                target: link.resource_id.take().or(link.resource_name.take())?,
            })
        })
        .collect();
    links.sort();
    links
}
