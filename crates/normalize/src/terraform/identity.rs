//! Ids, keys, accounts, regions and tags of planned resources.

use std::collections::BTreeMap;

use nephoscope_model::{Gap, Provider, Reason, Resource, ResourceKey, Unknown};
use serde_json::{Map, Value};

use super::planned::Change;
use crate::aws::partition;
use crate::azure;
use crate::relation::account_key;

/// Arguments that hold the name of a resource.
const NAMES: &[&str] = &[
    "bucket",
    "name",
    "identifier",
    "cluster_identifier",
    "function_name",
    "secret_id",
    "repository_id",
];

/// Fills in the envelope: what the plan states, else what was there before, else what the provider block says.
///
/// The id is the provider's own where the resource exists, or where it follows from names that the plan knows; else it is the
/// plan's address.
pub(super) fn envelope(resource: &mut Resource, change: &Change) {
    let argument = |key: &str| text(change.values.as_ref(), key).or_else(|| text(change.before.as_ref(), key));
    let setting = |key: &str| change.provider.get(key).and_then(Value::as_str).map(str::to_owned);
    let keys: &[&str] = match resource.provider {
        Provider::Aws => &["tags_all", "tags"],
        Provider::Azure => &["tags"],
        Provider::Gcp => &["effective_labels", "labels"],
        Provider::File => &[],
    };
    resource.tags = (keys
        .iter()
        .filter_map(|key| change.values.as_ref()?.get(*key)?.as_object()))
    .map(texts)
    .find(|tags| !tags.is_empty())
    .unwrap_or_default();
    // The first of the keys that the plan speaks of says whether it knows them all.
    let spoken = keys.iter().find_map(|key| {
        let open = change.unknown.get(*key).is_some_and(holds_true);
        let stated = change.values.as_ref().is_some_and(|values| values.contains_key(*key));
        (open || stated).then_some(open)
    });
    if spoken == Some(true) {
        resource.unknown.push(Unknown {
            path: "/tags".to_owned(),
            gap: Gap::new(Reason::UnknownAtPlan),
        });
    }
    let local = change.address.rsplit_once(&format!("{}.", resource.native_type));
    let local = local.map_or_else(|| change.address.clone(), |(_, name)| name.to_owned());
    resource.name = (NAMES.iter().find_map(|key| argument(key)))
        .or_else(|| {
            argument("bucket_prefix")
                .or_else(|| argument("name_prefix"))
                .map(|prefix| format!("{prefix}*"))
        })
        .unwrap_or(local);
    let id = match resource.provider {
        Provider::Aws => {
            resource.native_region = argument("region").or_else(|| setting("region")).unwrap_or_default();
            resource.region = resource.native_region.to_ascii_lowercase();
            aws(resource, &argument)
        }
        Provider::Azure => {
            resource.native_region = argument("location").unwrap_or_default();
            resource.region = azure::region(&resource.native_region);
            azure_id(resource, change.created(), &argument, setting("subscription_id"))
        }
        Provider::Gcp => {
            let place = argument("location")
                .or_else(|| argument("region"))
                .or_else(|| argument("zone"));
            resource.native_region = place.unwrap_or_default();
            resource.region = resource.native_region.to_ascii_lowercase();
            google(resource, &argument, setting("project"))
        }
        // A plan names resources of clouds only.
        Provider::File => None,
    };
    let key = match (&id, resource.provider) {
        (Some(id), Provider::Azure) => id.to_ascii_lowercase(),
        (Some(id), _) => id.clone(),
        (None, _) => format!("terraform:{}", change.address),
    };
    resource.key = ResourceKey(key);
    resource.id = id.unwrap_or_else(|| change.address.clone());
}

type Argument<'a> = dyn Fn(&str) -> Option<String> + 'a;

fn aws(resource: &mut Resource, argument: &Argument<'_>) -> Option<String> {
    let arn = argument("arn").filter(|arn| arn.starts_with("arn:"));
    let part = |index: usize| {
        arn.as_deref()
            .and_then(|arn| arn.split(':').nth(index))
            .unwrap_or_default()
            .to_owned()
    };
    resource.account = part(4);
    if resource.region.is_empty() {
        resource.native_region = part(3);
        resource.region = part(3);
    }
    match resource.native_type.as_str() {
        "aws_s3_account_public_access_block" => {
            // Its id is the account's.
            resource.account = argument("account_id").or_else(|| argument("id")).unwrap_or_default();
            let known = !resource.account.is_empty();
            if known {
                resource.name.clone_from(&resource.account);
            }
            // The block holds in every region.
            resource.region.clear();
            resource.native_region.clear();
            known.then(|| account_key(Provider::Aws, &resource.account).0)
        }
        "aws_cloudfront_distribution" => {
            "global".clone_into(&mut resource.region);
            "global".clone_into(&mut resource.native_region);
            arn
        }
        // A bucket's ARN has neither account nor region. Source: Service Authorization Reference "Amazon S3".
        // The name goes first: a bucket that is replaced by one of another name still has the old ARN in `before`.
        "aws_s3_bucket" => match argument("bucket") {
            Some(name) => Some(format!("arn:{}:s3:::{name}", partition(&resource.region))),
            None => arn,
        },
        _ => arn,
    }
}

fn azure_id(
    resource: &mut Resource,
    created: bool,
    argument: &Argument<'_>,
    subscription: Option<String>,
) -> Option<String> {
    let stated = argument("id").filter(|id| azure::segment(id, "subscriptions").is_some());
    let path = match resource.native_type.as_str() {
        "azurerm_container_registry" => "Microsoft.ContainerRegistry/registries",
        "azurerm_key_vault" => "Microsoft.KeyVault/vaults",
        "azurerm_managed_disk" => "Microsoft.Compute/disks",
        "azurerm_network_security_group" => "Microsoft.Network/networkSecurityGroups",
        "azurerm_servicebus_namespace" => "Microsoft.ServiceBus/namespaces",
        "azurerm_storage_account" => "Microsoft.Storage/storageAccounts",
        _ => "",
    };
    let of_group = argument("resource_group_name")
        .zip(argument("name"))
        .filter(|_| !path.is_empty());
    let home = stated
        .as_deref()
        .and_then(|id| azure::segment(id, "subscriptions"))
        .map(str::to_owned)
        .or(subscription);
    let computed = of_group.zip(home.as_deref()).map(|((group, name), subscription)| {
        format!("/subscriptions/{subscription}/resourceGroups/{group}/providers/{path}/{name}")
    });
    resource.account = home.unwrap_or_default().to_ascii_lowercase();
    // What is replaced may get another name than `before` has.
    if created {
        computed.or(stated)
    } else {
        stated.or(computed)
    }
}

fn google(resource: &mut Resource, argument: &Argument<'_>, project: Option<String>) -> Option<String> {
    resource.account = argument("project").or(project).unwrap_or_default();
    match resource.native_type.as_str() {
        "google_storage_bucket" => argument("name").map(|name| format!("//storage.googleapis.com/{name}")),
        "google_compute_firewall" => {
            "global".clone_into(&mut resource.region);
            let name = argument("name").filter(|_| !resource.account.is_empty())?;
            Some(format!(
                "//compute.googleapis.com/projects/{}/global/firewalls/{name}",
                resource.account
            ))
        }
        "google_pubsub_topic" => {
            "global".clone_into(&mut resource.region);
            named(resource, "pubsub", "topics", argument("name"))
        }
        "google_sql_database_instance" => named(resource, "cloudsql", "instances", argument("name")),
        "google_artifact_registry_repository" => {
            let place = format!("locations/{}/repositories", argument("location")?);
            named(resource, "artifactregistry", &place, argument("repository_id"))
        }
        "google_compute_disk" | "google_compute_instance" => {
            let kind = if resource.native_type == "google_compute_disk" {
                "disks"
            } else {
                "instances"
            };
            let place = format!("zones/{}/{kind}", argument("zone")?);
            named(resource, "compute", &place, argument("name"))
        }
        "google_kms_crypto_key" => {
            let ring = argument("key_ring")?;
            Some(format!(
                "//cloudkms.googleapis.com/{ring}/cryptoKeys/{}",
                argument("name")?
            ))
        }
        "google_project" => {
            resource.account = argument("project_id")?;
            Some(account_key(Provider::Gcp, &resource.account).0)
        }
        _ => None,
    }
}

/// Returns the name that Cloud Asset Inventory has for a resource of the project.
fn named(resource: &Resource, service: &str, place: &str, name: Option<String>) -> Option<String> {
    let name = name.filter(|_| !resource.account.is_empty())?;
    Some(format!(
        "//{service}.googleapis.com/projects/{}/{place}/{name}",
        resource.account
    ))
}

fn text(values: Option<&Map<String, Value>>, key: &str) -> Option<String> {
    let text = values?.get(key)?.as_str()?;
    (!text.is_empty()).then(|| text.to_owned())
}

/// Returns whether `after_unknown` marks something at or below this value.
fn holds_true(value: &Value) -> bool {
    match value {
        Value::Bool(unknown) => *unknown,
        Value::Array(list) => list.iter().any(holds_true),
        Value::Object(map) => map.values().any(holds_true),
        _ => false,
    }
}

fn texts(map: &Map<String, Value>) -> BTreeMap<String, String> {
    map.iter()
        .filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned())))
        .collect()
}
