//! `compute.googleapis.com/Instance` → `compute.instance`.
//!
//! Exports before 2020 write repeated fields in the singular (`serviceAccount[].scope`, `accessConfigs[].externalIp`). What
//! an instance's own metadata do not say, those of its project do; newer assets carry the effective values. An
//! organization policy (`compute.disableSerialPortAccess`) can shut serial ports whatever metadata say; an asset does not
//! show it. Source: Compute Engine API `instances`, `ShieldedInstanceConfig`, `ResourceStatusEffectiveInstanceMetadata`,
//! "Predefined metadata keys", "Service accounts", read 2026-11-25.

use nephoscope_model::kinds::{ComputeInstance, InstanceIdentity, PublicAddress};
use nephoscope_model::{Fact, Gap, Reason};
use serde::Deserialize;

use super::{CAI, DATA, IAM_POLICY};
use crate::group::{Built, Found, Group};
use crate::json::{self, Text};
use crate::mapping::{Absence, Mapping, Role, Source, source};

const ITEMS: &str = "/resource/data/metadata/items";

const SOURCES: &[Source] = &[
    source(
        "/public_address/assigned",
        "/resource/data/networkInterfaces",
        Absence::Unknown,
    ),
    source(
        "/public_address/addresses",
        "/resource/data/networkInterfaces",
        Absence::Unknown,
    ),
    source(
        "/identity/attached",
        "/resource/data/serviceAccounts",
        Absence::Default("false"),
    ),
    source(
        "/identity/ids",
        "/resource/data/serviceAccounts",
        Absence::Default("[]"),
    ),
    source(
        "/identity/default_account",
        "/resource/data/serviceAccounts",
        Absence::Default("false"),
    ),
    source(
        "/identity/scopes",
        "/resource/data/serviceAccounts",
        Absence::Default("[]"),
    ),
    source(
        "/secure_boot",
        "/resource/data/shieldedInstanceConfig/enableSecureBoot",
        Absence::Default("false"),
    ),
    source(
        "/vtpm",
        "/resource/data/shieldedInstanceConfig/enableVtpm",
        Absence::Unknown,
    ),
    source("/serial_port", ITEMS, Absence::Unknown),
    source(
        "/serial_port",
        "/resource/data/resourceStatus/effectiveInstanceMetadata/serialPortEnableMetadataValue",
        Absence::Unknown,
    ),
    source("/os_login", ITEMS, Absence::Unknown),
    source(
        "/os_login",
        "/resource/data/resourceStatus/effectiveInstanceMetadata/enableOsloginMetadataValue",
        Absence::Unknown,
    ),
    source("/project_ssh_keys", ITEMS, Absence::Unknown),
    source(
        "/project_ssh_keys",
        "/resource/data/resourceStatus/effectiveInstanceMetadata/blockProjectSshKeysMetadataValue",
        Absence::Unknown,
    ),
    source(
        "/ip_forwarding",
        "/resource/data/canIpForward",
        Absence::Default("false"),
    ),
    source(
        "/deletion_protection",
        "/resource/data/deletionProtection",
        Absence::Default("false"),
    ),
];

pub(crate) const MAPPING: Mapping = Mapping {
    dialects: CAI,
    native_type: "compute.googleapis.com/Instance",
    kind: "compute.instance",
    sources: SOURCES,
    read: |body| Ok(Box::new(body.section::<Instance>(DATA)?)),
    build,
    // The resource and its IAM policy stand on two lines that are one instance.
    role: Role::Whole,
    facets: &[DATA, IAM_POLICY],
    ..Mapping::BASE
};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Instance {
    #[serde(default)]
    network_interfaces: Option<Vec<Interface>>,
    #[serde(default, deserialize_with = "json::many")]
    service_accounts: Vec<ServiceAccount>,
    #[serde(default, deserialize_with = "json::many")]
    service_account: Vec<ServiceAccount>,
    #[serde(default, alias = "shieldedVmConfig")]
    shielded_instance_config: Option<Shielded>,
    #[serde(default)]
    metadata: Option<Metadata>,
    #[serde(default)]
    resource_status: Option<ResourceStatus>,
    #[serde(default, deserialize_with = "json::flag")]
    can_ip_forward: Option<bool>,
    #[serde(default, deserialize_with = "json::flag")]
    deletion_protection: Option<bool>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Interface {
    #[serde(default, deserialize_with = "json::many")]
    access_configs: Vec<AccessConfig>,
    #[serde(default, deserialize_with = "json::many")]
    access_config: Vec<AccessConfig>,
    #[serde(default, deserialize_with = "json::many")]
    ipv6_access_configs: Vec<AccessConfig>,
}

/// A way in from the internet; without an address until the instance runs.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct AccessConfig {
    #[serde(default, rename = "natIP")]
    nat_ip: Text,
    #[serde(default)]
    external_ip: Text,
    #[serde(default)]
    external_ipv6: Text,
}

#[derive(Debug, Deserialize)]
struct ServiceAccount {
    #[serde(default)]
    email: Text,
    #[serde(default, deserialize_with = "json::many")]
    scopes: Vec<String>,
    #[serde(default, deserialize_with = "json::many")]
    scope: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Shielded {
    #[serde(default, deserialize_with = "json::flag")]
    enable_secure_boot: Option<bool>,
    #[serde(default, deserialize_with = "json::flag")]
    enable_vtpm: Option<bool>,
}

#[derive(Debug, Deserialize)]
struct Metadata {
    #[serde(default, deserialize_with = "settings")]
    items: Vec<Setting>,
    #[serde(default, deserialize_with = "settings")]
    item: Vec<Setting>,
}

/// One of the predefined keys. Other entries may hold secrets and are not kept.
#[derive(Debug)]
struct Setting {
    key: String,
    value: String,
}

const SERIAL_PORT: &str = "serial-port-enable";
const OS_LOGIN: &str = "enable-oslogin";
const BLOCK_PROJECT_KEYS: &str = "block-project-ssh-keys";

fn settings<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<Setting>, D::Error> {
    #[derive(Deserialize)]
    struct Entry {
        #[serde(default)]
        key: Text,
        #[serde(default)]
        value: Text,
    }
    let entries: Vec<Entry> = json::many(deserializer)?;
    Ok(entries
        .into_iter()
        .filter_map(|entry| {
            let key = entry.key.take()?;
            let value = entry.value.0.unwrap_or_default();
            [SERIAL_PORT, OS_LOGIN, BLOCK_PROJECT_KEYS]
                .contains(&key.as_str())
                .then_some(Setting { key, value })
        })
        .collect())
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ResourceStatus {
    #[serde(default)]
    effective_instance_metadata: Option<Effective>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Effective {
    #[serde(default, deserialize_with = "json::flag")]
    serial_port_enable_metadata_value: Option<bool>,
    #[serde(default, deserialize_with = "json::flag")]
    enable_oslogin_metadata_value: Option<bool>,
    #[serde(default, deserialize_with = "json::flag")]
    block_project_ssh_keys_metadata_value: Option<bool>,
}

fn build(group: &Group<'_>) -> Built {
    let Found::Read(_, Some(native)) = group.native::<Option<Instance>>() else {
        return Built::unknown(group.not_read("resource"));
    };
    let effective = native
        .resource_status
        .as_ref()
        .and_then(|status| status.effective_instance_metadata.as_ref());
    let setting = |key: &str, effective: Option<bool>| setting(group, native, key, effective);
    let shielded = native.shielded_instance_config.as_ref();
    Built::new(&ComputeInstance {
        public_address: public_address(group, native),
        identity: identity(native),
        secure_boot: Fact::Known(shielded.and_then(|config| config.enable_secure_boot).unwrap_or(false)),
        vtpm: match shielded {
            // Only an image that supports shielded instances brings the configuration.
            None => Fact::Known(false),
            Some(config) => config
                .enable_vtpm
                .map_or_else(|| Fact::Unknown(group.not_read("enableVtpm")), Fact::Known),
        },
        serial_port: setting(
            SERIAL_PORT,
            effective.and_then(|all| all.serial_port_enable_metadata_value),
        ),
        os_login: setting(OS_LOGIN, effective.and_then(|all| all.enable_oslogin_metadata_value)),
        project_ssh_keys: setting(
            BLOCK_PROJECT_KEYS,
            effective.and_then(|all| all.block_project_ssh_keys_metadata_value),
        )
        .map(|blocked| !blocked),
        ip_forwarding: Fact::Known(native.can_ip_forward.unwrap_or(false)),
        deletion_protection: Fact::Known(native.deletion_protection.unwrap_or(false)),
        ..ComputeInstance::default()
    })
}

fn public_address(group: &Group<'_>, native: &Instance) -> PublicAddress {
    let Some(interfaces) = &native.network_interfaces else {
        let gap = group.not_read("networkInterfaces");
        return PublicAddress {
            assigned: Fact::Unknown(gap.clone()),
            addresses: Fact::Unknown(gap),
        };
    };
    let ways: Vec<&AccessConfig> = interfaces
        .iter()
        .flat_map(|interface| {
            [
                &interface.access_configs,
                &interface.access_config,
                &interface.ipv6_access_configs,
            ]
        })
        .flatten()
        .collect();
    let mut addresses: Vec<String> = ways
        .iter()
        .flat_map(|way| [&way.nat_ip, &way.external_ip, &way.external_ipv6])
        .filter_map(|address| address.clone().take())
        .collect();
    addresses.sort();
    addresses.dedup();
    PublicAddress {
        assigned: Fact::Known(!ways.is_empty()),
        addresses: Fact::Known(addresses),
    }
}

fn identity(native: &Instance) -> InstanceIdentity {
    let accounts = || native.service_accounts.iter().chain(&native.service_account);
    let mut ids: Vec<String> = accounts().filter_map(|account| account.email.clone().take()).collect();
    ids.sort();
    ids.dedup();
    let mut scopes: Vec<String> = accounts()
        .flat_map(|account| account.scopes.iter().chain(&account.scope))
        .cloned()
        .collect();
    scopes.sort();
    scopes.dedup();
    InstanceIdentity {
        attached: Fact::Known(accounts().next().is_some()),
        // `default` is what requests may write; Google then puts the address in its place.
        default_account: Fact::Known(
            ids.iter()
                .any(|email| email == "default" || email.ends_with("-compute@developer.gserviceaccount.com")),
        ),
        ids: Fact::Known(ids),
        scopes: Fact::Known(scopes),
    }
}

/// Returns a switch of the instance's metadata, which go before those of the project.
fn setting(group: &Group<'_>, native: &Instance, key: &str, effective: Option<bool>) -> Fact<bool> {
    let own = native
        .metadata
        .iter()
        .flat_map(|metadata| metadata.items.iter().chain(&metadata.item))
        .find(|setting| setting.key == key);
    match (own, effective) {
        (Some(setting), _) => switch(setting),
        (None, Some(value)) => Fact::Known(value),
        (None, None) => {
            let project = &group.main.resource.account;
            let detail = format!("compute.googleapis.com/Project of {project}: commonInstanceMetadata");
            Fact::Unknown(Gap::with(Reason::NotRead, detail))
        }
    }
}

/// Source: Compute Engine "About VM metadata", Boolean values.
fn switch(setting: &Setting) -> Fact<bool> {
    let is = |names: [&str; 4]| names.iter().any(|name| setting.value.trim().eq_ignore_ascii_case(name));
    if is(["true", "yes", "y", "1"]) {
        Fact::Known(true)
    } else if is(["false", "no", "n", "0"]) {
        Fact::Known(false)
    } else {
        let detail = format!("`{}` of {} is neither true nor false", setting.value, setting.key);
        Fact::Unknown(Gap::with(Reason::ParseError, detail))
    }
}
